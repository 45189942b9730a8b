/** Takes a person's samples from photo files. */

import { PageError } from '../errors.js';
import { choose, isRepeat, qualityScore } from './samples.js';

/** @typedef {import('./samples.js').Candidate} Candidate */
/** @typedef {import('../../package/facekey.js').Detected} Detected */

/**
 * The outcome of a photo: it became a sample (`used`), is the same picture as a sample (`repeat`), adds less than
 * the samples (`spare`), or cannot be used.
 * @typedef {object} PhotoReport
 * @property {string} name of the file
 * @property {'used' | 'repeat' | 'spare' | PageError} outcome
 */

/**
 * Samples from the photos that show one good face each.
 * @param {File[]} files
 * @param {Pick<import('../../package/facekey.js').Facekey, 'detect' | 'embed'>} facekey
 * @param {object} options
 * @param {AbortSignal} options.signal
 * @param {(count: number) => void} options.onPhoto called after each photo with the number of photos
 *   processed
 * @param {import('../ui/pick-face.js').PickFace} options.pick chooses among several faces
 * @returns {Promise<{samples: Float32Array[], reports: PhotoReport[]}>} the embeddings (none if no photo
 *   can be used), and a report on each photo
 */
export async function enrolFromPhotos(files, facekey, { signal, onPhoto, pick }) {
  /** @type {(Candidate | PageError)[]} */
  const found = [];
  for (const file of files) {
    found.push(await candidateFrom(file, facekey, pick).catch((reason) => PageError.from(reason)));
    signal.throwIfAborted();
    onPhoto(found.length);
  }
  const chosen = choose(found.flatMap((it) => (it instanceof PageError ? [] : it)));
  const reports = found.map((it, index) => ({
    name: files[index].name,
    outcome: it instanceof PageError ? it : use(it, chosen),
  }));
  return { samples: chosen.map(({ embedding }) => embedding), reports };
}

/**
 * Embeds the only good face of a photo, or the one that the visitor picks.
 * @param {File} file
 * @param {Pick<import('../../package/facekey.js').Facekey, 'detect' | 'embed'>} facekey
 * @param {import('../ui/pick-face.js').PickFace} pick
 * @returns {Promise<Candidate>}
 * @throws {PageError} the photo's problem
 */
async function candidateFrom(file, facekey, pick) {
  const detected = await facekey.detect(file);
  const face = await pick(detected);
  const { embedding } = await facekey.embed(detected.frame, { face });
  return { embedding, quality: qualityScore(face.quality) };
}

/**
 * @param {Candidate} candidate
 * @param {Candidate[]} chosen
 * @returns {'used' | 'repeat' | 'spare'}
 */
function use(candidate, chosen) {
  if (chosen.includes(candidate)) return 'used';
  return isRepeat(candidate, chosen) ? 'repeat' : 'spare';
}
