/**
 * The camera picture with the found face drawn on it. While the camera is open it looks at one
 * frame after the other, says what to change, and hands a good frame to whoever waits for one.
 */

import { Camera } from '../camera.js';
import { isAbort, PageError } from '../errors.js';
import { message } from '../locale.js';
import { explain, guidance } from '../messages.js';
import { look } from '../../package/sight.js';
import { byId, setText } from './dom.js';
import { clear, draw } from './overlay.js';

/** Shortest time from one look to the next, in milliseconds. */
const PERIOD = 80;

/** How long a finding must last before it is said, in milliseconds, so that it does not flicker. */
const STEADY = 500;

/** How long a capture waits for a good frame: this many milliseconds and this many looks. */
const PATIENCE = { time: 20_000, looks: 10 };

/** @typedef {Required<Pick<import('../../package/sight.js').Sight, 'frame' | 'face'>>} Capture */

/** Fires `sight` (a `CustomEvent<Sight>`) for every frame looked at. */
export class Viewfinder extends EventTarget {
  #engine;
  #root = byId('viewfinder', HTMLElement);
  #overlay = byId('overlay', HTMLCanvasElement);
  #photo = byId('photo', HTMLCanvasElement);
  #guidance = byId('guidance', HTMLElement);
  #start = byId('camera-start', HTMLButtonElement);
  #stop = byId('camera-stop', HTMLButtonElement);
  #camera = new Camera(byId('video', HTMLVideoElement));
  /** @type {Promise<void> | undefined} */
  #opening;
  #said = { problem: '', since: 0 };
  /**
   * Sees frames in place of the usual look, while something else is to be found in them.
   * @type {((frame: import('../../package/types').Frame, time: number) => Promise<import('../../package/sight.js').Sight>) | undefined}
   */
  see = undefined;

  /** @param {import('../../package/engine-client.js').EngineClient} engine */
  constructor(engine) {
    super();
    this.#engine = engine;
    this.#camera.onlost = () => this.#fail(new PageError('camera-lost'));
    this.#camera.video.addEventListener('resize', () => this.#shape());
    this.#start.addEventListener('click', () => void this.open().catch(() => {}));
    this.#stop.addEventListener('click', () => this.close());
  }

  /**
   * Opens the camera, unless it is open, and shows what it sees.
   * @throws {PageError} what is wrong with the camera, which is shown as well
   */
  open() {
    this.#opening ??= this.#open().finally(() => (this.#opening = undefined));
    return this.#opening;
  }

  async #open() {
    if (this.#camera.isOpen) return this.#show('live');
    this.#show('starting');
    this.#say(message('camera-starting'), message('camera-starting-text'));
    try {
      await this.#camera.open();
    } catch (reason) {
      const error = PageError.from(reason);
      this.#fail(error);
      throw error;
    }
    this.#shape();
    this.#show('live');
    void this.#watch();
  }

  close() {
    this.#camera.close();
    this.#show('off');
    this.#say(message('camera-off'), message('camera-off-text'));
    setText(this.#guidance, '');
    this.dispatchEvent(new Event('closed'));
  }

  /**
   * Waits for the next frame with one good face.
   * @param {AbortSignal} signal
   * @returns {Promise<Capture>}
   * @throws {PageError} `capture-timeout` with the last problem as its detail, or `camera-lost`
   */
  capture(signal) {
    const done = new AbortController();
    const until = { signal: done.signal };
    const deadline = performance.now() + PATIENCE.time;
    let looks = 0;
    return new Promise((/** @type {(capture: Capture) => void} */ resolve, reject) => {
      signal.throwIfAborted();
      signal.addEventListener('abort', () => reject(signal.reason), until);
      this.addEventListener('closed', () => reject(new PageError('camera-lost')), until);
      this.addEventListener(
        'sight',
        (event) => {
          const { frame, face, problem } = /** @type {CustomEvent<import('../../package/sight.js').Sight>} */ (event).detail;
          looks += 1;
          if (face) resolve({ frame, face });
          else if (looks >= PATIENCE.looks && performance.now() > deadline) {
            reject(new PageError('capture-timeout', problem));
          }
        },
        until,
      );
    }).finally(() => done.abort());
  }

  /**
   * Shows a photo in the place of the camera's picture.
   * @param {import('../../package/sight.js').Sight} sight
   */
  showPhoto(sight) {
    this.#camera.close();
    this.#show('photo');
    setText(this.#guidance, '');
    const { rgba, width, height } = sight.frame;
    this.#photo.width = width;
    this.#photo.height = height;
    this.#photo.getContext('2d')?.putImageData(new ImageData(rgba, width, height), 0, 0);
    draw(this.#overlay, sight);
  }

  /** Looks at frame after frame while the camera is open and the page is in view. */
  async #watch() {
    while (this.#camera.isOpen) {
      const start = performance.now();
      if (!document.hidden && this.#camera.video.videoWidth > 0) await this.#lookOnce();
      await pause(Math.max(PERIOD - (performance.now() - start), 16));
    }
  }

  async #lookOnce() {
    try {
      const time = performance.now();
      const frame = this.#camera.grab();
      const sight = await (this.see ? this.see(frame, time) : look(this.#engine, frame));
      if (!this.#camera.isOpen) return;
      draw(this.#overlay, sight);
      this.#guide(sight.problem ?? 'good');
      this.dispatchEvent(new CustomEvent('sight', { detail: sight }));
    } catch (reason) {
      // The engine's state is told elsewhere; the camera keeps going until it is back.
      clear(this.#overlay);
      if (!isAbort(reason)) await pause(STEADY);
    }
  }

  /** @param {string} problem */
  #guide(problem) {
    const now = performance.now();
    if (this.#said.problem !== problem) this.#said = { problem, since: now };
    if (now - this.#said.since < STEADY && this.#guidance.textContent) return;
    setText(this.#guidance, guidance(problem));
    this.#guidance.dataset.good = String(problem === 'good');
  }

  /** @param {PageError} error */
  #fail(error) {
    const { title, text } = explain(error);
    this.#show('failed');
    this.#root.dataset.error = error.code;
    this.#start.textContent = message('camera-again');
    this.#say(title, text);
    setText(this.#guidance, '');
    this.dispatchEvent(new Event('closed'));
  }

  /** @param {'off' | 'starting' | 'live' | 'photo' | 'failed'} state */
  #show(state) {
    this.#root.dataset.state = state;
    delete this.#root.dataset.error;
    this.#stop.hidden = state !== 'live' && state !== 'photo';
    this.#stop.textContent = state === 'photo' ? message('photo-close') : message('camera-stop');
    this.#start.textContent = message('camera-start');
    clear(this.#overlay);
  }

  /**
   * @param {string} title
   * @param {string} text
   */
  #say(title, text) {
    setText(byId('notice-title', HTMLElement), title);
    setText(byId('notice-text', HTMLElement), text);
  }

  /** Gives the viewfinder the shape of the camera's picture. */
  #shape() {
    const { videoWidth, videoHeight } = this.#camera.video;
    if (videoWidth > 0) this.#root.style.setProperty('--shape', `${videoWidth} / ${videoHeight}`);
  }
}

/** @param {number} milliseconds */
function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
