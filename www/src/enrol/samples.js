/** Chooses a person's samples: good pictures that differ from each other. */

import { similarity } from '../../package/facekey.js';

/** The model is calibrated for templates of up to this many samples. */
export const MAX_SAMPLES = 5;

/** Two embeddings with at least this similarity come from the same picture. */
const SAME_PICTURE = 0.9995;

/** Values of ordinary portraits; higher ones do not raise the score. */
const SUFFICIENT = { size: 35, sharpness: 0.2, contrast: 0.12 };

/** Distances of the luma from middle grey: up to `good` the score is not lowered, at `worst` it is 0. */
const LIGHT = { good: 0.2, worst: 0.5 };

/**
 * @typedef {object} Candidate
 * @property {Float32Array} embedding
 * @property {number} quality as `qualityScore` gives it
 */

/**
 * The quality of a face's picture, in `[0, 1]`: the product of the scores of its measures.
 * @param {import('../../package/facekey.js').Quality} quality
 */
export function qualityScore({ size, sharpness, contrast, brightness }) {
  const off = (Math.abs(brightness - 0.5) - LIGHT.good) / (LIGHT.worst - LIGHT.good);
  const light = Math.min(1, Math.max(0, 1 - off));
  const enough = (/** @type {number} */ value, /** @type {number} */ sufficient) => Math.min(1, value / sufficient);
  return light * enough(size, SUFFICIENT.size) * enough(sharpness, SUFFICIENT.sharpness) * enough(contrast, SUFFICIENT.contrast);
}

/**
 * Chooses the best candidate first, then always the one with the highest product of quality and novelty. The
 * same picture is never chosen twice, because a template's threshold depends on the number of samples.
 * @template {Candidate} C
 * @param {C[]} candidates
 * @param {number} [max]
 * @returns {C[]}
 */
export function choose(candidates, max = MAX_SAMPLES) {
  /** @type {C[]} */
  const chosen = [];
  for (;;) {
    const fresh = candidates.filter((candidate) => !isRepeat(candidate, chosen));
    const gain = (/** @type {C} */ candidate) => candidate.quality * novelty(candidate, chosen);
    const [best] = fresh.sort((a, b) => gain(b) - gain(a));
    if (!best || chosen.length === max) return chosen;
    chosen.push(best);
  }
}

/**
 * Whether it shows the same picture as one of the others, for example a photo that was chosen twice, or the
 * picture of a frozen camera.
 * @param {Candidate} candidate
 * @param {Candidate[]} others
 */
export function isRepeat(candidate, others) {
  return others.some((other) => similarity(other.embedding, candidate.embedding) >= SAME_PICTURE);
}

/**
 * Distance to the nearest chosen candidate, so that a template does not consist of similar pictures.
 * @param {Candidate} candidate
 * @param {Candidate[]} chosen
 */
function novelty(candidate, chosen) {
  return Math.min(1, ...chosen.map((other) => 1 - similarity(other.embedding, candidate.embedding)));
}
