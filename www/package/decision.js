/** Decides whether probes show a template's person, or which of several people they show. */

import { FacekeyError } from './errors.js';

/** @typedef {import('./types.js').EngineDecision} EngineDecision */

/** A false match rate, and the highest score that is accepted at this rate. @typedef {{maxFmr: number, score: number}} Threshold */

/**
 * Whether a probe shows a template's person, and how certain that is.
 * @typedef {object} Decision
 * @property {boolean} accepted whether the score is at most the threshold
 * @property {number} score compared with the threshold, in [-2, 6]; lower means more alike
 * @property {number} similarity cosine of the two embeddings, in [-1, 1]
 * @property {number} threshold the highest score that is accepted
 * @property {number} maxFmr the requested false match rate
 * @property {number} [estimatedFmr] share of strangers who come as close; absent if the
 *   measurement supports only a bound
 * @property {number} estimatedFmrUpper the upper end of its 95 % interval
 * @property {Threshold[]} thresholds the rates that can be requested, with their thresholds
 * @property {'live' | 'picture'} assurance `live` for probes from `checkMovement`; `picture` if the
 *   probe may have been a photo
 */

/** @typedef {Pick<import('./engine-client.js').EngineClient, 'decideEach'>} Engine */

/** Embeddings that come from a passed movement check. @type {WeakSet<Float32Array>} */
const live = new WeakSet();

/**
 * Notes that an embedding comes from a passed movement check.
 * @param {Float32Array} probe
 */
export function markLive(probe) {
  live.add(probe);
  return probe;
}

/** @param {Float32Array[]} probes @returns {Decision['assurance']} */
export function assuranceOf(probes) {
  return probes.every((probe) => live.has(probe)) ? 'live' : 'picture';
}

/**
 * Compares several probes of one face with each template. The probe with the median score
 * decides, so that a single good or bad frame cannot.
 * @param {Engine} engine
 * @param {Float32Array[]} templates embeddings one after the other
 * @param {Float32Array[]} probes one from each frame
 * @param {number} maxFmr of each comparison
 * @param {Decision['assurance']} assurance
 * @returns {Promise<Decision[]>}
 * @throws {FacekeyError} `bad-rate` or `fmr-unsupported`
 */
export async function decideEach(engine, templates, probes, maxFmr, assurance) {
  if (!(maxFmr > 0 && maxFmr <= 1)) throw new FacekeyError('bad-rate', String(maxFmr));
  const byProbe = await Promise.all(probes.map((probe) => engine.decideEach(templates, probe, maxFmr)));
  return templates.map((_, index) => decision(median(byProbe.map((decisions) => decisions[index])), maxFmr, assurance));
}

/**
 * Renames the rate of each threshold to `maxFmr`, as in the options of the calls.
 * @param {EngineDecision['thresholds']} thresholds
 * @returns {Threshold[]}
 */
export function renameRates(thresholds) {
  return thresholds.map(({ fmr, score }) => ({ maxFmr: fmr, score }));
}

/**
 * @param {EngineDecision} given
 * @param {number} maxFmr
 * @param {Decision['assurance']} assurance
 * @returns {Decision}
 */
function decision({ accepted, score, similarity, threshold, thresholds = [], fmr, fmrUpper }, maxFmr, assurance) {
  if (threshold === undefined) throw new FacekeyError('fmr-unsupported', String(maxFmr));
  return {
    accepted,
    score,
    similarity,
    threshold,
    maxFmr,
    estimatedFmr: fmr,
    estimatedFmrUpper: fmrUpper,
    thresholds: renameRates(thresholds),
    assurance,
  };
}

/**
 * The decision with the median score; for an even number, the higher of the two scores in the middle.
 * @param {EngineDecision[]} decisions
 * @returns {EngineDecision}
 */
export function median(decisions) {
  const ordered = decisions.toSorted((a, b) => a.score - b.score);
  return ordered[Math.floor(ordered.length / 2)];
}
