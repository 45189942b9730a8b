/** Takes the frames on which a verification without the movement check decides. */

import { capture, embedUncovered } from '../enrol/capture.js';
import { fits } from '../enrol/poses.js';

/** Frames that decide together; odd, so that one lies in the middle. */
export const FRAMES = 3;

/** How long a straight look is waited for: this many milliseconds and this many frames with a good face. */
const LIMIT = { time: 6000, pictures: 6 };

/**
 * Embeddings of a face that looks straight ahead: turned to a side it lies farther from its own
 * template, and three frames of one moment are all turned. Who cannot look straight gets past it by
 * waiting.
 * @param {import('../enrol/capture.js').NextPicture} nextPicture
 * @param {Pick<import('../../package/facekey.js').Facekey, 'embed'>} facekey
 * @param {object} options
 * @param {AbortSignal} options.signal
 * @param {(done: number, problem?: string) => void} options.onFrame told how many frames are taken, and
 *   what keeps a picture from being used
 * @param {typeof LIMIT} [options.limit]
 * @returns {Promise<Float32Array[]>}
 * @throws {import('../errors.js').PageError} what keeps the camera from showing a good face
 */
export async function takeProbes(nextPicture, facekey, { signal, onFrame, limit = LIMIT }) {
  const deadline = performance.now() + limit.time;
  /** @type {Float32Array[]} */
  const probes = [];
  onFrame(0);
  const onProblem = (/** @type {string | undefined} */ problem) => onFrame(probes.length, problem);
  let pictures = 0;
  const next = async () => {
    for (;;) {
      const found = await capture(nextPicture, { signal, onProblem });
      pictures += 1;
      const patient = pictures < limit.pictures || performance.now() < deadline;
      if (fits('straight', found.face.quality) || !patient) return found;
      onProblem('turned-away');
    }
  };
  while (probes.length < FRAMES) {
    const { face, embedding } = await embedUncovered(facekey, next, onProblem);
    probes.push(embedding);
    onProblem(fits('straight', face.quality) ? undefined : 'turned-away');
    signal.throwIfAborted();
  }
  return probes;
}
