/** Converts embeddings between a list and the single concatenated array that the engine takes. */

import { FacekeyError } from './errors.js';

/** Numbers in an embedding. */
export const EMBEDDING_DIM = 128;

/**
 * Whether this has the length of an embedding. The engine checks each number.
 * @param {unknown} value
 * @returns {value is ArrayLike<number>}
 */
export function isEmbedding(value) {
  return (Array.isArray(value) || ArrayBuffer.isView(value)) && 'length' in value && value.length === EMBEDDING_DIM;
}

/**
 * Splits concatenated embeddings into a list.
 * @param {Float32Array} samples
 * @returns {Float32Array[]}
 */
export function split(samples) {
  return Array.from({ length: samples.length / EMBEDDING_DIM }, (_, index) =>
    samples.slice(index * EMBEDDING_DIM, (index + 1) * EMBEDDING_DIM),
  );
}

/**
 * Concatenates embeddings into one array.
 * @param {ArrayLike<number>[]} samples
 */
export function join(samples) {
  const all = new Float32Array(samples.length * EMBEDDING_DIM);
  samples.forEach((one, index) => all.set(one, index * EMBEDDING_DIM));
  return all;
}

/**
 * The samples of a template as one array, from either form.
 * @param {ArrayLike<number>[] | Float32Array} samples
 * @returns {Float32Array}
 * @throws {FacekeyError} `bad-template`
 */
export function joined(samples) {
  if (samples instanceof Float32Array && samples.length > 0 && samples.length % EMBEDDING_DIM === 0) return samples;
  if (!Array.isArray(samples) || samples.length === 0 || !samples.every(isEmbedding)) throw new FacekeyError('bad-template');
  return join(samples);
}

/**
 * The cosine of two embeddings, which have length one.
 * @param {ArrayLike<number>} a
 * @param {ArrayLike<number>} b
 */
export function similarity(a, b) {
  return Array.from(a).reduce((sum, value, index) => sum + value * b[index], 0);
}
