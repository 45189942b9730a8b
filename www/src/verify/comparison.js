/** Compares a face with the enrolled people; every decision is the engine's. */

import { PageError } from '../errors.js';
import { standing } from '../../package/gallery/records.js';

/** @typedef {import('../../package/gallery/records.js').Person} Person */
/** @typedef {import('../../package/facekey.js').Decision} Decision */

/**
 * @typedef {object} Outcome
 * @property {boolean} accepted
 * @property {Decision} decision about the closest person
 * @property {Person} person the closest one
 * @property {number} compared how many people the face was compared with
 * @property {number} targetFmr the false match rate that was asked for
 */

/**
 * Why there is a decision, or none.
 * @typedef {'match' | 'no-match' | 'no-live-face' | 'poor-image' | 'other-model' | 'expired'} Reason
 */

/** Findings about a picture, as reasons for there being no decision. */
const POOR = new Set([
  'capture-timeout',
  'no-face',
  'several-faces',
  'too-small',
  'too-dark',
  'too-bright',
  'blurred',
  'covered',
  'turned-away',
  'cut-off',
]);

/** Errors that are a reason by themselves. */
const REASONS = /** @type {const} */ (['no-live-face', 'other-model', 'expired']);

/**
 * The reason behind an error, where it says why no decision was made.
 * @param {PageError} error
 * @returns {Reason | undefined}
 */
export function reasonOf({ code }) {
  return POOR.has(code) ? 'poor-image' : REASONS.find((reason) => reason === code);
}

/**
 * Those whose templates can be compared now.
 * @param {Person[]} people all of them, or the one that was chosen
 * @param {string} modelId
 * @throws {PageError} why there is none: `nobody-enrolled`, `expired` or `other-model`
 */
export function comparable(people, modelId) {
  const ready = people.filter((person) => standing(person, modelId) === 'ready');
  if (ready.length > 0) return ready;
  const [first] = people;
  if (!first) throw new PageError('nobody-enrolled');
  throw new PageError(standing(first, modelId));
}

/**
 * Compares with one person or, given several, finds the closest. A stranger has as many chances as
 * there are people, so the rate of the whole search is what must not exceed the one asked for.
 * @param {Pick<import('../../package/facekey.js').Facekey, 'verify'>} facekey
 * @param {ArrayLike<number>[]} probes one from each frame
 * @param {Person[]} people with templates of the model that made the probes
 * @param {number} targetFmr
 * @returns {Promise<Outcome>}
 */
export async function compare(facekey, probes, people, targetFmr) {
  const outcomes = await Promise.all(
    people.map(async (person) => ({
      person,
      decision: await facekey.verify(person, probes, { maxFmr: targetFmr }),
    })),
  );
  const [{ person, decision }] = outcomes.sort((a, b) => a.decision.score - b.decision.score);
  const compared = people.length;
  const accepted = compared === 1 ? decision.accepted : searchFmr(decision, compared) <= targetFmr;
  return { accepted, decision, person, compared, targetFmr };
}

/**
 * The share of strangers who come this close to at least one of the people: at most each one's share,
 * added up.
 * @param {Decision} decision
 * @param {number} compared
 */
export function searchFmr({ estimatedFmr, estimatedFmrUpper }, compared) {
  return Math.min(1, compared * (estimatedFmr ?? estimatedFmrUpper));
}
