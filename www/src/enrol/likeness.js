/**
 * Checks before a person is kept: that the face is not enrolled already under another name, and
 * that new samples in place of old ones are of the same person.
 */

import { AGREEMENT_FMR } from '../../package/agreement.js';
import { split } from '../../package/embeddings.js';
import { standing } from '../gallery/records.js';
import { compare } from '../verify.js';
import { USUAL_FMR } from '../verify/assurance.js';

/** @typedef {import('../gallery/records.js').Person} Person */
/** @typedef {Pick<import('../../package/engine-client.js').EngineClient, 'decide'>} Decider */

/**
 * Who among the others looks the same, if anyone.
 * @param {Decider} engine
 * @param {Float32Array} samples
 * @param {Person[]} people
 * @param {{modelId: string, except?: string}} of the samples; the person they are meant for
 * @returns {Promise<Person | undefined>}
 */
export async function findDouble(engine, samples, people, { modelId, except }) {
  const others = people.filter((person) => person.id !== except && standing(person, modelId) === 'ready');
  if (others.length === 0) return undefined;
  const { decision, person } = await compare(engine, split(samples), others, USUAL_FMR);
  return decision.accepted ? person : undefined;
}

/**
 * Whether samples look like someone else than the person whose template they are to replace. Of a
 * template of another model nobody can tell.
 * @param {Decider} engine
 * @param {Float32Array} samples
 * @param {Person} person
 * @param {string} modelId of the samples
 */
export async function isStranger(engine, samples, person, modelId) {
  if (person.modelId !== modelId) return false;
  const { decision } = await compare(engine, split(samples), [person], AGREEMENT_FMR);
  return !decision.accepted;
}
