/** People as in the gallery, with generated embeddings. */

import { EMBEDDING_DIM } from '../../www/package/embeddings.js';

/**
 * @param {Partial<import('../../www/package/gallery/records.js').Person>} [change]
 * @returns {import('../../www/package/gallery/records.js').Person}
 */
export function person(change = {}) {
  return {
    id: crypto.randomUUID(),
    modelId: 'model',
    name: 'Zoë',
    samples: drawn(3),
    createdAt: 1,
    updatedAt: 2,
    consentedAt: 1,
    expiresAt: null,
    ...change,
  };
}

/** @param {number} count */
export function drawn(count) {
  return Float32Array.from({ length: count * EMBEDDING_DIM }, (_, index) => Math.fround(Math.sin(index + count) / 8));
}

/**
 * Asserts on a `PageError`'s code.
 * @param {string} code
 */
export const withCode = (code) => (/** @type {any} */ error) => error.code === code;
