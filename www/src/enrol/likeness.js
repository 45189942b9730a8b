/** Whom the samples of an enrolment look like. */

import { standing } from '../../package/gallery/records.js';
import { compare } from '../verify/comparison.js';
import { defaultRate } from '../verify/assurance.js';

/** @typedef {import('../../package/gallery/records.js').Person} Person */
/** @typedef {Pick<import('../../package/facekey.js').Facekey, 'verify' | 'model'>} Verifier */
/** @typedef {{modelId: string, samples: ArrayLike<number>[]}} Template as `enrol` makes it */

/** Share of strangers that may pass for the person whose samples are renewed: lax, since looks change. */
const LAX_FMR = 0.1;

/**
 * Who among the others looks the same, if anyone.
 * @param {Verifier} facekey
 * @param {Template} template
 * @param {Person[]} people
 * @param {string} [except] id of the person it is meant for
 * @returns {Promise<Person | undefined>}
 */
export async function findDouble(facekey, { modelId, samples }, people, except) {
  const others = people.filter((person) => person.id !== except && standing(person, modelId) === 'ready');
  const rate = defaultRate(facekey.model);
  if (others.length === 0 || rate === undefined) return undefined;
  const { decision, person } = await compare(facekey, samples, others, rate);
  return decision.accepted ? person : undefined;
}

/**
 * Whether a template looks like someone else than the person it is to replace. Of a template of
 * another model nobody can tell.
 * @param {Verifier} facekey
 * @param {Template} template
 * @param {Person} person
 */
export async function isStranger(facekey, { modelId, samples }, person) {
  if (person.modelId !== modelId) return false;
  const { accepted } = await facekey.verify(person, samples, { maxFmr: LAX_FMR });
  return !accepted;
}
