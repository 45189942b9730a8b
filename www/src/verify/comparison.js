/** Compares a face with the enrolled people; the engine makes every decision. */

import { PageError } from '../errors.js';
import { templateStatus } from '../../package/gallery/records.js';

/** @typedef {import('../../package/gallery/records.js').Person} Person */
/** @typedef {import('../../package/facekey.js').Decision} Decision */

/**
 * @typedef {object} Outcome
 * @property {boolean} accepted
 * @property {Decision} decision about the closest person
 * @property {Person} person the closest one
 * @property {number} compared how many people the face was compared with
 * @property {number} targetFmr the requested false match rate
 */

/**
 * Why there is a decision, or none.
 * @typedef {'match' | 'no-match' | 'no-live-face' | 'poor-image' | 'other-model' | 'expired'} Reason
 */

/** Error codes that mean a picture is too poor for a decision. */
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

/** Error codes that are reasons themselves. */
const REASONS = /** @type {const} */ (['no-live-face', 'other-model', 'expired']);

/**
 * The reason why no decision was made, if the error is one.
 * @param {PageError} error
 * @returns {Reason | undefined}
 */
export function reasonOf({ code }) {
  return POOR.has(code) ? 'poor-image' : REASONS.find((reason) => reason === code);
}

/**
 * The people whose templates can be compared.
 * @param {Person[]} people all of them, or the one that was chosen
 * @param {string} modelId
 * @throws {PageError} if there is none: `nobody-enrolled`, `expired` or `other-model`
 */
export function comparable(people, modelId) {
  const ready = people.filter((person) => templateStatus(person, modelId) === 'ready');
  if (ready.length > 0) return ready;
  const [first] = people;
  if (!first) throw new PageError('nobody-enrolled');
  throw new PageError(templateStatus(first, modelId));
}

/**
 * Compares with one person or, given several, finds the closest. A stranger has as many chances as
 * there are people, so the rate of the whole search must not exceed the requested one.
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
 * The share of strangers who come this close to at least one of the people: at most the share for one person times
 * the number of people.
 * @param {Decision} decision
 * @param {number} compared
 */
export function searchFmr({ estimatedFmr, estimatedFmrUpper }, compared) {
  return Math.min(1, compared * (estimatedFmr ?? estimatedFmrUpper));
}
