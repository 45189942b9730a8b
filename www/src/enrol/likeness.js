/** Compares the samples of an enrolment with the people who are enrolled already. */

import { templateStatus } from '../../package/gallery/records.js';
import { compare } from '../verify/comparison.js';
import { defaultRate } from '../verify/assurance.js';

/** @typedef {import('../../package/gallery/records.js').Person} Person */
/** @typedef {Pick<import('../../package/facekey.js').Facekey, 'verify' | 'model'>} Verifier */
/** @typedef {{modelId: string, samples: ArrayLike<number>[]}} Template as `enrol` makes it */

/** Share of strangers that may pass when a person enrols again: lenient, because people's looks change. */
const LENIENT_FMR = 0.1;

/**
 * The enrolled person that the samples match, if any; `except` is not compared.
 * @param {Verifier} facekey
 * @param {Template} template
 * @param {Person[]} people
 * @param {string} [except] id of the person who enrols again
 * @returns {Promise<Person | undefined>}
 */
export async function findDuplicate(facekey, { modelId, samples }, people, except) {
  const others = people.filter((person) => person.id !== except && templateStatus(person, modelId) === 'ready');
  const rate = defaultRate(facekey.model);
  if (others.length === 0 || rate === undefined) return undefined;
  const { decision, person } = await compare(facekey, samples, others, rate);
  return decision.accepted ? person : undefined;
}

/**
 * Whether a template does not match the person whose template it will replace. Templates of different models
 * cannot be compared; then false.
 * @param {Verifier} facekey
 * @param {Template} template
 * @param {Person} person
 */
export async function isStranger(facekey, { modelId, samples }, person) {
  if (person.modelId !== modelId) return false;
  const { accepted } = await facekey.verify(person, samples, { maxFmr: LENIENT_FMR });
  return !accepted;
}
