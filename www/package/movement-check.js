/**
 * The movement check: passes frames to the engine's challenge until it is passed or failed. The engine makes
 * every decision.
 */

import { FacekeyError } from './errors.js';
import { readPicture } from './pictures.js';

/** @typedef {import('./types.js').ChallengeState} ChallengeState */

/** @typedef {Pick<import('./engine-client.js').EngineClient, 'beginChallenge' | 'observe' | 'probes' | 'endChallenge'>} Engine */

/**
 * The source of the frames: a playing video, or a function that returns the next picture.
 * @typedef {HTMLVideoElement | (() => import('./pictures.js').PictureSource | Promise<import('./pictures.js').PictureSource>)} MovementSource
 */

/**
 * @typedef {object} MovementOptions
 * @property {AbortSignal} [signal] cancels the check, which then fails with the signal's reason
 * @property {(state: ChallengeState) => void} [onState] called after each frame, to show and
 *   speak the instruction
 * @property {() => void | Promise<void>} [onFirstTurn] called and awaited once before the first target is
 *   shown. Count a try here: otherwise an attacker could see the targets, cancel and try again for free
 */

/** Shortest time from one frame to the next, in milliseconds. */
const PERIOD = 60;

/**
 * After this many milliseconds without a new frame, the old frame is used again, so that the challenge
 * detects the stall.
 */
const FRAME_TIMEOUT = 2000;

/** One movement check, which takes one frame after the other until it is over. */
export class MovementCheck {
  #engine;
  #options;
  #started;
  #turning = false;
  #over = new AbortController();
  /** @type {(probes: Float32Array[]) => void} */
  #pass = () => {};

  /**
   * @param {Engine} engine
   * @param {MovementOptions} options
   */
  constructor(engine, options) {
    const { signal } = options;
    signal?.throwIfAborted();
    this.#engine = engine;
    this.#options = options;
    /**
     * Embeddings of the face that turned, taken in the straight pose; or the error that ended the check.
     * @type {Promise<Float32Array[]>}
     */
    this.outcome = new Promise((resolve, reject) => {
      this.#pass = resolve;
      this.#over.signal.addEventListener('abort', () => reject(this.#over.signal.reason));
    });
    signal?.addEventListener('abort', () => this.end(signal.reason), { signal: this.#over.signal });
    this.#started = engine.beginChallenge();
    this.#started.catch((reason) => this.end(reason));
  }

  get isOver() {
    return this.#over.signal.aborted;
  }

  /**
   * Ends the check at once, so that another can begin.
   * @param {unknown} [reason] why the check was not passed
   */
  end(reason) {
    if (this.isOver) return;
    this.#over.abort(reason);
    this.#engine.endChallenge().catch(() => {}); // a closed engine has no challenge
  }

  /**
   * Passes the next frame to the check.
   * @param {import('./types.js').Frame} frame
   * @param {number} time when it was taken, in milliseconds
   */
  async observe(frame, time) {
    try {
      await this.#started;
      this.#over.signal.throwIfAborted();
      const seen = await this.#observe(frame, time);
      this.#over.signal.throwIfAborted();
      await this.#handle(seen.state);
      return seen;
    } catch (reason) {
      this.end(reason);
      throw reason;
    }
  }

  /**
   * If another engine has taken over since the last frame, starts a new challenge with this frame.
   * @param {import('./types.js').Frame} frame
   * @param {number} time
   */
  async #observe(frame, time) {
    try {
      return await this.#engine.observe(frame, time);
    } catch (reason) {
      if (this.isOver || FacekeyError.from(reason).code !== 'no-challenge') throw reason;
      await this.#engine.beginChallenge();
      return this.#engine.observe(frame, time);
    }
  }

  /** @param {ChallengeState} state */
  async #handle(state) {
    const { onState, onFirstTurn } = this.#options;
    if (!this.#turning && state.status === 'asking' && state.instruction !== 'neutral') {
      this.#turning = true;
      await onFirstTurn?.();
      this.#over.signal.throwIfAborted();
    }
    onState?.(state);
    if (state.status === 'failed') this.end(failure(state));
    if (state.status === 'passed') {
      this.#pass(await this.#engine.probes());
      this.end();
    }
  }
}

/**
 * Passes the frames of a source to a check until it is over, each after the previous one has been processed.
 * @param {MovementCheck} check
 * @param {MovementSource} source
 */
export async function watch(check, source) {
  try {
    while (!check.isOver) {
      const start = performance.now();
      const { picture, time } = await nextPicture(source);
      await check.observe(await readPicture(picture), time);
      await pause(PERIOD - (performance.now() - start));
    }
  } catch (reason) {
    check.end(reason);
  }
}

/**
 * @param {MovementSource} source
 * @returns {Promise<{picture: import('./pictures.js').PictureSource, time: number}>} with the time at which it was taken
 */
async function nextPicture(source) {
  if (typeof source === 'function') return { picture: await source(), time: performance.now() };
  const time = await nextFrame(source);
  if (hasEnded(source)) throw new FacekeyError('camera-lost', 'the video has ended');
  return { picture: source, time };
}

/**
 * Waits for the next frame of the video, if the browser reports frames.
 * @param {HTMLVideoElement} video
 * @returns {Promise<number>} when it was taken, as reported by the browser
 */
async function nextFrame(video) {
  if (!('requestVideoFrameCallback' in video)) return performance.now();
  return new Promise((resolve) => {
    const handle = video.requestVideoFrameCallback((_, { captureTime, presentationTime }) => {
      clearTimeout(timer);
      resolve(captureTime ?? presentationTime);
    });
    const timer = setTimeout(() => {
      video.cancelVideoFrameCallback(handle);
      resolve(performance.now());
    }, FRAME_TIMEOUT);
  });
}

/** @param {HTMLVideoElement} video */
function hasEnded({ ended, srcObject }) {
  return ended || (srcObject !== null && 'active' in srcObject && !srcObject.active);
}

/** @param {Extract<ChallengeState, {status: 'failed'}>} state */
function failure({ reason, hint }) {
  return reason === 'no-neutral' ? new FacekeyError('capture-timeout', hint, { reason: hint }) : new FacekeyError('no-live-face', reason, { reason });
}

/** @param {number} milliseconds */
function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
