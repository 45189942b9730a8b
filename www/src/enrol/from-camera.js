/** Takes a person's samples from the camera, in several poses. */

import { PageError } from '../errors.js';
import { capture, embedUncovered } from './capture.js';
import { advice, fits, LEVEL, POSES, reach, relative } from './poses.js';
import { choose, qualityScore } from './samples.js';

/** @typedef {import('./capture.js').Capture} Capture */

/** How many frames of a pose are taken; the best one is used. */
const FRAMES_PER_POSE = 3;

/** Waiting for a pose ends after this many milliseconds and this many frames with a good face. */
const LIMIT = { time: 6000, pictures: 6 };

/**
 * The current instruction and its progress.
 * @typedef {object} Step
 * @property {import('./poses.js').Pose} pose
 * @property {number} done poses completed so far
 * @property {number} reach how far the head has turned to this pose, from 0 to 1
 * @property {import('./poses.js').Advice} [advice] how to make the picture better
 * @property {string} [problem] why the picture cannot be used
 */

/** @typedef {{signal: AbortSignal, onStep: (step: Step) => void}} Options */

/**
 * Takes one sample in each pose. For people who cannot take a pose, or have no better light, waiting is enough:
 * after a time limit the best picture so far is used.
 * @param {import('./capture.js').NextPicture} nextPicture
 * @param {Pick<import('../../package/facekey.js').Facekey, 'embed'>} facekey
 * @param {Options} options
 * @returns {Promise<Float32Array[]>} embeddings
 * @throws {PageError} `picture-frozen` if the camera's picture never changes, `capture-timeout` if it
 *   shows no good face
 */
export async function enrolFromCamera(nextPicture, facekey, { signal, onStep }) {
  const candidates = [];
  let straight = LEVEL;
  for (const [done, pose] of POSES.entries()) {
    const step = (/** @type {Partial<Step>} */ news = {}) => onStep({ pose, done, reach: 0, ...news });
    const next = () => capturePose(nextPicture, { pose, straight }, { signal, step });
    const { face, embedding } = await embedUncovered(facekey, next, (problem) => step({ problem }));
    if (pose === 'straight') straight = face.quality;
    candidates.push({ embedding, quality: qualityScore(face.quality) });
    signal.throwIfAborted();
  }
  const samples = choose(candidates);
  if (samples.length < 2) throw new PageError('picture-frozen');
  return samples.map(({ embedding }) => embedding);
}

/**
 * The best of a few frames in this pose.
 * @param {import('./capture.js').NextPicture} nextPicture
 * @param {{pose: import('./poses.js').Pose, straight: import('./poses.js').Angles}} wanted
 * @param {{signal: AbortSignal, step: (news?: Partial<Step>) => void}} options
 * @returns {Promise<Capture>}
 */
async function capturePose(nextPicture, { pose, straight }, { signal, step }) {
  const deadline = performance.now() + LIMIT.time;
  const pictures = { fitting: 0, all: 0 };
  /** @type {{fitting?: Capture, other?: Capture}} */
  const best = {};
  step();
  while (pictures.fitting < FRAMES_PER_POSE) {
    const found = await capture(nextPicture, { signal, onProblem: (problem) => step({ problem }) });
    const angles = relative(found.face.quality, straight);
    const wanted = advice(found.face, found.frame);
    step({ advice: wanted, reach: reach(pose, angles) });
    pictures.all += 1;
    if (!wanted && fits(pose, angles)) {
      pictures.fitting += 1;
      best.fitting = better(found, best.fitting);
    } else {
      best.other = better(found, best.other);
    }
    if (pictures.all >= LIMIT.pictures && performance.now() > deadline) break;
  }
  return /** @type {Capture} */ (best.fitting ?? best.other);
}

/**
 * @param {Capture} capture
 * @param {Capture | undefined} other
 */
function better(capture, other) {
  return other && qualityScore(other.face.quality) >= qualityScore(capture.face.quality) ? other : capture;
}
