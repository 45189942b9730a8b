/** Embeddings: one by one, or one after the other in one array as the engine takes them. */

/** Numbers in an embedding. */
export const EMBEDDING_DIM = 128;

/**
 * The embeddings one by one.
 * @param {Float32Array} samples
 * @returns {Float32Array[]}
 */
export function split(samples) {
  return Array.from({ length: samples.length / EMBEDDING_DIM }, (_, index) =>
    samples.slice(index * EMBEDDING_DIM, (index + 1) * EMBEDDING_DIM),
  );
}

/**
 * The embeddings one after the other.
 * @param {ArrayLike<number>[]} samples
 */
export function join(samples) {
  const all = new Float32Array(samples.length * EMBEDDING_DIM);
  samples.forEach((one, index) => all.set(one, index * EMBEDDING_DIM));
  return all;
}

/**
 * The cosine of two embeddings, which have length one.
 * @param {Float32Array} a
 * @param {Float32Array} b
 */
export function similarity(a, b) {
  return a.reduce((sum, value, index) => sum + value * b[index], 0);
}
