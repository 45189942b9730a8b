/** Takes a person's samples: from the camera, leading through some looks, or from photo files. */

import { join } from '../package/embeddings.js';
import { readPhoto } from '../package/pictures.js';
import { look } from '../package/sight.js';
import { advice, fits, LEVEL, POSES, relative } from './enrol/poses.js';
import { choose, isRepeat, merit } from './enrol/samples.js';
import { PageError } from './errors.js';

/** @typedef {import('../package/engine-client.js').EngineClient} EngineClient */
/** @typedef {import('./ui/viewfinder.js').Capture} Capture */
/** @typedef {import('./enrol/poses.js').Pose} Pose */
/** @typedef {import('./enrol/samples.js').Candidate} Candidate */

/** Frames of one look among which the best is taken. */
const FRAMES_PER_POSE = 3;

/** How long one look is waited for: this many milliseconds and this many frames with a good face. */
const PATIENCE = { time: 6000, looks: 6 };

/**
 * What the person is asked for at the moment.
 * @typedef {object} Step
 * @property {Pose} pose
 * @property {import('./enrol/poses.js').Angles} straight how this person's straight look was seen
 * @property {import('./enrol/poses.js').Advice} [advice] what would make the picture better
 */

/**
 * One sample from each look. Who cannot take a look, or has no better light, gets past it by
 * waiting: then the best picture of that time is taken.
 * @param {Pick<import('./ui/viewfinder.js').Viewfinder, 'capture'>} viewfinder
 * @param {Pick<EngineClient, 'embed'>} engine
 * @param {{signal: AbortSignal, onStep: (step: Step) => void}} options
 * @returns {Promise<Float32Array>} the embeddings one after the other
 * @throws {PageError} `picture-frozen` where the camera gives the same picture all the time
 */
export async function enrolFromCamera(viewfinder, engine, { signal, onStep }) {
  const candidates = [];
  let straight = LEVEL;
  for (const pose of POSES) {
    const step = { pose, straight };
    const { frame, face } = await takeLook(viewfinder, step, { signal, onStep });
    if (pose === 'straight') straight = face.quality;
    candidates.push({ embedding: await engine.embed(frame, face), merit: merit(face.quality) });
    signal.throwIfAborted();
  }
  const samples = choose(candidates);
  if (samples.length < 2) throw new PageError('picture-frozen');
  return join(samples.map(({ embedding }) => embedding));
}

/**
 * The best of a few frames that show this look.
 * @param {Pick<import('./ui/viewfinder.js').Viewfinder, 'capture'>} viewfinder
 * @param {Step} step
 * @param {{signal: AbortSignal, onStep: (step: Step) => void}} options
 * @returns {Promise<Capture>}
 */
async function takeLook(viewfinder, step, { signal, onStep }) {
  const deadline = performance.now() + PATIENCE.time;
  /** @type {Capture[]} */
  const fitting = [];
  /** @type {Capture[]} */
  const others = [];
  onStep(step);
  while (fitting.length < FRAMES_PER_POSE) {
    const capture = await viewfinder.capture(signal);
    const better = advice(capture.face, capture.frame);
    onStep({ ...step, advice: better });
    const fit = !better && fits(step.pose, relative(capture.face.quality, step.straight));
    (fit ? fitting : others).push(capture);
    const looks = fitting.length + others.length;
    if (looks >= PATIENCE.looks && performance.now() > deadline) break;
  }
  return best(fitting.length > 0 ? fitting : others);
}

/** @param {Capture[]} captures at least one */
function best(captures) {
  return captures.reduce((a, b) => (merit(b.face.quality) > merit(a.face.quality) ? b : a));
}

/**
 * What has become of a photo: it is a sample, or shows the same picture as one (`repeat`), or would
 * add less than the samples (`spare`), or cannot be used.
 * @typedef {object} PhotoReport
 * @property {string} name of the file
 * @property {'used' | 'repeat' | 'spare' | PageError} outcome
 */

/**
 * Samples from the photos that show one good face each.
 * @param {File[]} files
 * @param {EngineClient} engine
 * @param {{signal: AbortSignal, onPhoto: (count: number) => void}} options `onPhoto` is called after
 *   each photo with the number of those looked at
 * @returns {Promise<{samples: Float32Array, reports: PhotoReport[]}>} the embeddings one after the
 *   other, none if no photo will do; a report on each photo
 */
export async function enrolFromPhotos(files, engine, { signal, onPhoto }) {
  /** @type {(Candidate | PageError)[]} */
  const found = [];
  for (const file of files) {
    found.push(await candidateFrom(file, engine).catch((reason) => PageError.from(reason)));
    signal.throwIfAborted();
    onPhoto(found.length);
  }
  const chosen = choose(found.flatMap((it) => (it instanceof PageError ? [] : it)));
  const reports = found.map((it, index) => ({
    name: files[index].name,
    outcome: it instanceof PageError ? it : use(it, chosen),
  }));
  return { samples: join(chosen.map(({ embedding }) => embedding)), reports };
}

/**
 * The one good face of a photo.
 * @param {File} file
 * @param {EngineClient} engine
 * @returns {Promise<Candidate>}
 * @throws {PageError} the photo's problem
 */
async function candidateFrom(file, engine) {
  const { frame, face, problem = 'no-face' } = await look(engine, await readPhoto(file));
  if (!face) throw new PageError(problem);
  return { embedding: await engine.embed(frame, face), merit: merit(face.quality) };
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
