/** What one picture shows: its faces, and the one to work with or what stands in the way. */

import { FacekeyError } from './errors.js';

/**
 * @typedef {object} Detected
 * @property {import('./types.js').Frame} frame the picture as it was looked at; positions are in its pixels
 * @property {import('./types.js').Face[]} faces all faces, the largest and most central first
 * @property {import('./types.js').Face} [face] the only face, good enough to be embedded
 * @property {'no-face' | 'several-faces' | import('./types.js').QualityIssue} [problem] what to change where there is no such face
 */

/**
 * Which face of a picture is meant: the `only` one, if it is good enough to be relied upon; the
 * `largest` and most central of those that are; or this one, whatever its quality, unless something
 * covers it.
 * @typedef {'only' | 'largest' | import('./types.js').Face} FaceChoice
 */

/** @typedef {Pick<import('./engine-client.js').EngineClient, 'detect'>} Detector */

/**
 * @param {Detector} engine
 * @param {import('./types.js').Frame} frame
 * @returns {Promise<Detected>}
 */
export async function detect(engine, frame) {
  const { faces, problem } = await engine.detect(frame);
  return problem ? { frame, faces, problem } : { frame, faces, face: faces[0] };
}

/**
 * @param {Detector} engine
 * @param {import('./types.js').Frame} frame
 * @param {FaceChoice} choice
 * @throws {FacekeyError} what stands in the way of it
 */
export async function chooseFace(engine, frame, choice) {
  if (typeof choice === 'object') return choice;
  const { faces, face, problem = 'no-face' } = await detect(engine, frame);
  const chosen = choice === 'largest' ? (faces.find(({ quality }) => !quality.issue) ?? faces[0]) : face;
  if (!chosen || (choice === 'largest' && chosen.quality.issue)) throw new FacekeyError(chosen?.quality.issue ?? problem);
  return chosen;
}
