/** Compares a face with the enrolled people; every decision is the engine's. */

import { PageError } from './errors.js';

/** @typedef {import('./gallery.js').Person} Person */

/**
 * @typedef {object} Outcome
 * @property {import('./types').Decision} decision about the closest person
 * @property {Person} person the closest one
 * @property {number} compared how many people the face was compared with
 * @property {number} targetFmr the false match rate that was asked for
 */

/**
 * Compares with one person or, given several, finds the closest.
 * @param {import('./engine-client.js').EngineClient} engine
 * @param {Float32Array} probe
 * @param {Person[]} people with templates of the model that made the probe
 * @param {number} targetFmr
 * @returns {Promise<Outcome>}
 * @throws {PageError} `nobody-enrolled`
 */
export async function compare(engine, probe, people, targetFmr) {
  const outcomes = await Promise.all(
    people.map(async (person) => ({
      person,
      decision: await engine.decide(person.samples, probe, targetFmr),
    })),
  );
  const [closest] = outcomes.sort((a, b) => a.decision.distance - b.decision.distance);
  if (!closest) throw new PageError('nobody-enrolled');
  return { ...closest, compared: people.length, targetFmr };
}
