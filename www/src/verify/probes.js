/** Takes the frames for a verification without the movement check. */

import { capture, embedUncovered } from '../enrol/capture.js';
import { fits } from '../enrol/poses.js';

/** How many frames are taken: an odd number, so that there is a median. */
export const FRAMES = 3;

/** Waiting for a straight pose ends after this many milliseconds and this many frames with a good face. */
const LIMIT = { time: 6000, pictures: 6 };

/**
 * Takes embeddings of a face that looks straight ahead: the embedding of a turned face is farther from its template,
 * and three frames of the same moment would all be turned. For people who cannot look straight, waiting is enough.
 * @param {import('../enrol/capture.js').NextPicture} nextPicture
 * @param {Pick<import('../../package/facekey.js').Facekey, 'embed'>} facekey
 * @param {object} options
 * @param {AbortSignal} options.signal
 * @param {(done: number, problem?: string) => void} options.onFrame called with the number of frames taken
 *   and the reason if a picture cannot be used
 * @param {typeof LIMIT} [options.limit]
 * @returns {Promise<Float32Array[]>}
 * @throws {import('../errors.js').PageError} if the camera shows no good face
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
