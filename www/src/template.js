/** A person's template as the package takes it. */

import { EMBEDDING_DIM } from '../package/facekey.js';

/** @typedef {import('../package/gallery/records.js').Person} Person */

/**
 * @param {Pick<Person, 'modelId' | 'samples'>} person
 * @returns {import('../package/facekey.js').Template}
 */
export function templateOf({ modelId, samples }) {
  const count = samples.length / EMBEDDING_DIM;
  return {
    modelId,
    samples: Array.from({ length: count }, (_, index) => samples.subarray(index * EMBEDDING_DIM, (index + 1) * EMBEDDING_DIM)),
  };
}

/**
 * The same as the gallery keeps it.
 * @param {{modelId: string, samples: ArrayLike<number>[]}} template
 * @returns {Pick<Person, 'modelId' | 'samples'>}
 */
export function kept({ modelId, samples }) {
  return { modelId, samples: Float32Array.from(samples.flatMap((one) => Array.from(one))) };
}
