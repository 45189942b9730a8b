/**
 * The movement check: shows the engine's challenge frame after frame until a head has done what was
 * asked, or has not. Every decision is the engine's.
 */

import { FacekeyError } from './errors.js';
import { readPicture } from './pictures.js';

/** @typedef {import('./types.js').ChallengeState} ChallengeState */

/** @typedef {Pick<import('./engine-client.js').EngineClient, 'beginChallenge' | 'observe' | 'probes' | 'endChallenge'>} Engine what is used of it */

/**
 * Where the frames come from: a video that plays, or what is called for each picture.
 * @typedef {HTMLVideoElement | (() => import('./pictures.js').PictureSource | Promise<import('./pictures.js').PictureSource>)} MovementSource
 */

/**
 * @typedef {object} MovementOptions
 * @property {AbortSignal} [signal] calls the check off, which then fails with the signal's reason
 * @property {(state: ChallengeState) => void} [onState] called after each frame, to say and show what
 *   is asked for
 * @property {() => void | Promise<void>} [onFirstTurn] called once and waited for before the first
 *   target is shown: count a try here, since who knows the targets could prepare for them and try again
 */

/** Shortest time from one frame to the next, in milliseconds. */
const PERIOD = 60;

/**
 * How long a video may show nothing new, in milliseconds; then it is looked at all the same, so that
 * the challenge notices.
 */
const PATIENCE = 2000;

/** One movement check, to be shown one frame after the other until it is over. */
export class MovementCheck {
  #engine;
  #options;
  #begun;
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
     * Embeddings of the face that turned, looking straight ahead; or what kept it from that.
     * @type {Promise<Float32Array[]>}
     */
    this.outcome = new Promise((resolve, reject) => {
      this.#pass = resolve;
      this.#over.signal.addEventListener('abort', () => reject(this.#over.signal.reason));
    });
    signal?.addEventListener('abort', () => this.end(signal.reason), { signal: this.#over.signal });
    this.#begun = engine.beginChallenge();
    this.#begun.catch((reason) => this.end(reason));
  }

  get isOver() {
    return this.#over.signal.aborted;
  }

  /**
   * Ends it at once, so that another can begin.
   * @param {unknown} [reason] why it was not passed
   */
  end(reason) {
    if (this.isOver) return;
    this.#over.abort(reason);
    this.#engine.endChallenge().catch(() => {}); // an engine that is gone has no challenge
  }

  /**
   * Shows it the next frame.
   * @param {import('./types.js').Frame} frame
   * @param {number} time when it was taken, in milliseconds
   */
  async see(frame, time) {
    try {
      await this.#begun;
      this.#over.signal.throwIfAborted();
      const seen = await this.#observe(frame, time);
      this.#over.signal.throwIfAborted();
      await this.#take(seen.state);
      return seen;
    } catch (reason) {
      this.end(reason);
      throw reason;
    }
  }

  /**
   * A fresh challenge sees the frame where another engine has taken over since the last one.
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
  async #take(state) {
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
 * Shows a check the frames of a source until it is over, each when the one before has been seen.
 * @param {MovementCheck} check
 * @param {MovementSource} source
 */
export async function watch(check, source) {
  try {
    while (!check.isOver) {
      const start = performance.now();
      const { picture, time } = await nextPicture(source);
      await check.see(await readPicture(picture), time);
      await pause(PERIOD - (performance.now() - start));
    }
  } catch (reason) {
    check.end(reason);
  }
}

/**
 * @param {MovementSource} source
 * @returns {Promise<{picture: import('./pictures.js').PictureSource, time: number}>} and when it was taken
 */
async function nextPicture(source) {
  if (typeof source === 'function') return { picture: await source(), time: performance.now() };
  const time = await nextFrame(source);
  if (hasEnded(source)) throw new FacekeyError('camera-lost', 'the video has ended');
  return { picture: source, time };
}

/**
 * Waits until the video shows another frame, where the browser tells.
 * @param {HTMLVideoElement} video
 * @returns {Promise<number>} when it was taken, as far as the browser knows
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
    }, PATIENCE);
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
