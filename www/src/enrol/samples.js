/** Which pictures become a person's samples: good ones that differ from each other. */

import { similarity } from '../../package/facekey.js';

/** Most samples of a template; the model is calibrated for templates of up to as many. */
export const MOST_SAMPLES = 5;

/** Two embeddings at least this similar come from one and the same picture. */
const SAME_PICTURE = 0.9995;

/** Measures from which on a picture gains nothing more: what ordinary portraits have. */
const PLENTY = { size: 35, sharpness: 0.2, contrast: 0.12 };

/** Distance of the luma from the middle grey that costs nothing, and that at which nothing is left. */
const LIGHT = { good: 0.2, worst: 0.5 };

/**
 * @typedef {object} Candidate
 * @property {Float32Array} embedding
 * @property {number} quality as `qualityScore` gives it
 */

/**
 * How good a face's picture is, in `[0, 1]`: each thing that it lacks counts.
 * @param {import('../../package/facekey.js').Quality} quality
 */
export function qualityScore({ size, sharpness, contrast, brightness }) {
  const off = (Math.abs(brightness - 0.5) - LIGHT.good) / (LIGHT.worst - LIGHT.good);
  const light = Math.min(1, Math.max(0, 1 - off));
  const enough = (/** @type {number} */ value, /** @type {number} */ plenty) => Math.min(1, value / plenty);
  return light * enough(size, PLENTY.size) * enough(sharpness, PLENTY.sharpness) * enough(contrast, PLENTY.contrast);
}

/**
 * The best one first, then whichever adds most: what is good and unlike those chosen already. The
 * same picture is never chosen twice, since a template's threshold goes by the number of samples.
 * @template {Candidate} C
 * @param {C[]} candidates
 * @param {number} [most]
 * @returns {C[]}
 */
export function choose(candidates, most = MOST_SAMPLES) {
  /** @type {C[]} */
  const chosen = [];
  for (;;) {
    const fresh = candidates.filter((candidate) => !isRepeat(candidate, chosen));
    const gain = (/** @type {C} */ candidate) => candidate.quality * novelty(candidate, chosen);
    const [best] = fresh.sort((a, b) => gain(b) - gain(a));
    if (!best || chosen.length === most) return chosen;
    chosen.push(best);
  }
}

/**
 * Whether it shows the same picture as one of the others, as photos chosen twice and a frozen
 * camera do.
 * @param {Candidate} candidate
 * @param {Candidate[]} others
 */
export function isRepeat(candidate, others) {
  return others.some((other) => similarity(other.embedding, candidate.embedding) >= SAME_PICTURE);
}

/**
 * Distance to the nearest of those chosen, so that pictures of one kind do not crowd a template.
 * @param {Candidate} candidate
 * @param {Candidate[]} chosen
 */
function novelty(candidate, chosen) {
  return Math.min(1, ...chosen.map((other) => 1 - similarity(other.embedding, candidate.embedding)));
}
