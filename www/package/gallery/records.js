/**
 * The stored data of a person: a name, embeddings and dates, never a picture. All records are checked when
 * they are read, so that a bad record is neither matched nor breaks a comparison with others.
 */

import { EMBEDDING_DIM, split } from '../embeddings.js';
import { FacekeyError } from '../errors.js';

/** Version of the stored layout; `migrations.js` converts older ones. */
export const SCHEMA = 2;

/** Longest name in characters. */
export const MAX_NAME = 60;

const MAX_SAMPLES = 64;

/** An embedding shorter than this has no direction to compare. */
const MIN_NORM = 1e-6;

/**
 * @typedef {object} Person
 * @property {string} id
 * @property {string} modelId the model that made the samples; samples of different models cannot be compared
 * @property {string} name
 * @property {Float32Array} samples concatenated embeddings
 * @property {number} createdAt milliseconds since 1970
 * @property {number} updatedAt when the samples were taken
 * @property {number | null} consentedAt when the person agreed, if known
 * @property {number | null} expiresAt when the template stops being used; null: never
 */

/** @typedef {'ready' | 'other-model' | 'expired'} TemplateStatus whether a template can be compared */

/**
 * @param {Person} person
 * @param {string} modelId the current model
 * @param {number} [now]
 * @returns {TemplateStatus}
 */
export function templateStatus(person, modelId, now = Date.now()) {
  if (isExpired(person, now)) return 'expired';
  return person.modelId === modelId ? 'ready' : 'other-model';
}

/**
 * @param {Person} person
 * @param {number} [now]
 */
export function isExpired({ expiresAt }, now = Date.now()) {
  return expiresAt !== null && expiresAt <= now;
}

/**
 * Converts a person to plain JSON values. Doubles represent every 32-bit float exactly, so nothing is lost.
 * @param {Person} person
 */
export function toPlain(person) {
  return { ...person, samples: [...person.samples] };
}

/**
 * @param {any} value what `toPlain` made, or anything else
 * @returns {Person}
 * @throws {FacekeyError} `record-damaged`
 */
export function fromPlain(value) {
  const { id, modelId, name, samples, createdAt, updatedAt, consentedAt, expiresAt } = value ?? {};
  const whole =
    isText(id, 64) &&
    isText(modelId, 200) &&
    isText(name, MAX_NAME) &&
    areSamples(samples) &&
    [createdAt, updatedAt].every(Number.isFinite) &&
    [consentedAt, expiresAt].every((time) => time === null || Number.isFinite(time));
  if (!whole) throw new FacekeyError('record-damaged');
  return { id, modelId, name, samples: Float32Array.from(samples), createdAt, updatedAt, consentedAt, expiresAt };
}

/**
 * @param {unknown} value
 * @param {number} longest
 */
function isText(value, longest) {
  return typeof value === 'string' && value.length > 0 && value.length <= longest;
}

/** @param {unknown} value */
function areSamples(value) {
  if (!Array.isArray(value) && !(value instanceof Float32Array)) return false;
  const count = value.length / EMBEDDING_DIM;
  if (!Number.isInteger(count) || count < 1 || count > MAX_SAMPLES) return false;
  if (!value.every(Number.isFinite)) return false;
  return split(Float32Array.from(value)).every((one) => Math.hypot(...one) > MIN_NORM);
}
