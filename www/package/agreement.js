/** Checks, before an enrolment, that all samples show the same person. */

import { join, split } from './embeddings.js';
import { FacekeyError } from './errors.js';

/**
 * Share of strangers that may pass for the same person among the samples. Lenient, because samples
 * should differ in pose and light, and because a wrong refusal prevents an enrolment.
 */
export const AGREEMENT_FMR = 0.1;

/**
 * Compares each sample with a template made of the others.
 * @param {Pick<import('./engine-client.js').EngineClient, 'decideEach'>} engine
 * @param {Float32Array} samples embeddings one after the other
 * @throws {FacekeyError} `samples-disagree`
 */
export async function checkAgreement(engine, samples) {
  const all = split(samples);
  if (all.length < 2) return;
  const agreeing = await Promise.all(
    all.map(async (sample, index) => {
      const others = join(all.filter((_, other) => other !== index));
      const [decision] = await engine.decideEach([others], sample, AGREEMENT_FMR);
      return decision.accepted;
    }),
  );
  if (agreeing.includes(false)) throw new FacekeyError('samples-disagree');
}
