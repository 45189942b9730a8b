/** Waits for pictures that show one good face. */

import { PageError } from '../errors.js';

/** @typedef {import('../../package/facekey.js').Detected} Detected */
/** @typedef {Required<Pick<Detected, 'frame' | 'face'>>} Capture */
/** @typedef {() => Promise<Detected>} NextPicture reads the next picture and detects its faces */

/** Waiting for a good face ends after this many milliseconds and this many pictures. */
const LIMIT = { time: 20_000, pictures: 10 };

/** Shortest time from one picture to the next, in milliseconds. */
const PERIOD = 80;

/**
 * The next picture with one good face.
 * @param {NextPicture} nextPicture
 * @param {{signal: AbortSignal, onProblem: (problem: string) => void}} options `onProblem` is called
 *   with the reason why a picture cannot be used
 * @returns {Promise<Capture>}
 * @throws {PageError} `capture-timeout` with the last problem as its reason
 */
export async function capture(nextPicture, { signal, onProblem }) {
  const deadline = performance.now() + LIMIT.time;
  for (let pictures = 1; ; pictures++) {
    const start = performance.now();
    const { frame, face, problem = 'no-face' } = await nextPicture();
    signal.throwIfAborted();
    if (face) return { frame, face };
    if (pictures >= LIMIT.pictures && performance.now() > deadline) throw new PageError('capture-timeout', problem, { reason: problem });
    onProblem(problem);
    await pause(PERIOD - (performance.now() - start));
  }
}

/**
 * Embeds the next face that nothing covers.
 * @param {Pick<import('../../package/facekey.js').Facekey, 'embed'>} facekey
 * @param {() => Promise<Capture>} next captures the next face
 * @param {(problem: 'covered') => void} onProblem
 * @returns {Promise<Capture & {embedding: Float32Array}>}
 * @throws {PageError} `capture-timeout` with the reason `covered`
 */
export async function embedUncovered(facekey, next, onProblem) {
  const deadline = performance.now() + LIMIT.time;
  for (let pictures = 1; ; pictures++) {
    const found = await next();
    try {
      return { ...found, embedding: (await facekey.embed(found.frame, { face: found.face })).embedding };
    } catch (error) {
      if (/** @type {{code?: string}} */ (error).code !== 'covered') throw error;
      const over = pictures >= LIMIT.pictures && performance.now() > deadline;
      if (over) throw new PageError('capture-timeout', 'covered', { reason: 'covered' });
      onProblem('covered');
    }
  }
}

/** @param {number} milliseconds */
function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
