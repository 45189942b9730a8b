/**
 * Checks on a person's samples before they are kept: that they show one and the same person, and
 * that this person is not enrolled already under another name.
 */

import { PageError } from './errors.js';
import { join, split, standing } from './gallery/records.js';
import { compare } from './verify.js';
import { USUAL_FMR } from './verify/assurance.js';

/** @typedef {import('./gallery/records.js').Person} Person */
/** @typedef {Pick<import('./engine-client.js').EngineClient, 'decide'>} Decider */

/**
 * Share of strangers that may pass for the same person among the samples. Lax, because these are
 * meant to differ in pose and light, and because a refusal costs the right person an enrolment.
 */
const AGREEMENT_FMR = 0.1;

/**
 * Each sample is compared with the others as if they were the template.
 * @param {Decider} engine
 * @param {Float32Array} samples
 * @throws {PageError} `samples-disagree`
 */
export async function checkAgreement(engine, samples) {
  const all = split(samples);
  if (all.length < 2) return;
  const agreeing = await Promise.all(
    all.map(async (sample, index) => {
      const others = join(all.filter((_, other) => other !== index));
      return (await engine.decide(others, sample, AGREEMENT_FMR)).accepted;
    }),
  );
  if (agreeing.includes(false)) throw new PageError('samples-disagree');
}

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
