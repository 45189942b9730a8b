/** Finds the person of a probe among several templates, at the false match rate of the whole search. */

import { decideEach } from './decision.js';

/** @typedef {import('./decision.js').Decision} Decision */

/**
 * One of the compared people.
 * @template T
 * @typedef {object} Candidate
 * @property {T} template
 * @property {number} index its place among the templates
 * @property {Decision} decision about probe and template; its rates are those of this single comparison
 */

/**
 * @template T
 * @typedef {object} Identification
 * @property {Candidate<T>} [match] the matching person; absent if nobody matches
 * @property {Candidate<T>[]} candidates the nearest, the best first
 * @property {number} maxFmr the requested false match rate of the whole search
 * @property {number} [estimatedFmr] upper bound for the share of strangers who come as close to
 *   any of the people: the nearest one's share times the number of templates; absent if the measurement supports only a bound
 * @property {number} estimatedFmrUpper the same, from the upper ends of the 95 % intervals
 * @property {Decision['assurance']} assurance
 */

/**
 * A stranger has as many chances as there are templates. Each comparison uses an equal share of the rate, so
 * that the rate of the whole search holds whether or not the comparisons are independent.
 * @template T
 * @param {import('./decision.js').Engine} engine
 * @param {{templates: T[], samples: Float32Array[], probes: Float32Array[]}} faces `samples` of each template
 * @param {{maxFmr: number, limit: number, assurance: Decision['assurance']}} options
 * @returns {Promise<Identification<T>>}
 */
export async function search(engine, { templates, samples, probes }, { maxFmr, limit, assurance }) {
  const decisions = await decideEach(engine, samples, probes, maxFmr / Math.max(1, templates.length), assurance);
  const candidates = decisions
    .map((decision, index) => ({ template: templates[index], index, decision }))
    .sort((a, b) => excess(a.decision) - excess(b.decision));
  const [nearest] = candidates;
  const ofSearch = (rate = 0) => Math.min(1, decisions.length * rate);
  return {
    match: nearest?.decision.accepted ? nearest : undefined,
    candidates: candidates.slice(0, limit),
    maxFmr,
    estimatedFmr: nearest && nearest.decision.estimatedFmr === undefined ? undefined : ofSearch(nearest?.decision.estimatedFmr),
    estimatedFmrUpper: ofSearch(nearest?.decision.estimatedFmrUpper),
    assurance,
  };
}

/** Ranks by the distance to the threshold, which depends on the number of samples. @param {Decision} decision */
function excess({ score, threshold }) {
  return score - threshold;
}
