/** The camera: opened, grabbed from, closed; its troubles as typed errors. */

import { PageError } from './errors.js';
import { readPixels } from '../package/pictures.js';

/** Longest side of a grabbed frame in pixels: enough for a face, quick to pass to the worker. */
const FRAME_SIDE = 640;

/** What `getUserMedia` throws, by its name, as the page's codes. */
const CODES = /** @type {Record<string, string>} */ ({
  NotFoundError: 'camera-absent',
  OverconstrainedError: 'camera-absent',
  NotAllowedError: 'camera-refused',
  SecurityError: 'camera-refused',
  NotReadableError: 'camera-busy',
  AbortError: 'camera-busy',
});

export class Camera {
  /** @type {MediaStream | undefined} */
  #stream;

  /** @param {HTMLVideoElement} video shows the picture */
  constructor(video) {
    this.video = video;
    /** Called when the camera goes away by itself. @type {(() => void) | undefined} */
    this.onlost = undefined;
  }

  get isOpen() {
    return this.#stream !== undefined;
  }

  /** @throws {PageError} `camera-unsupported`, `camera-absent`, `camera-refused` or `camera-busy` */
  async open() {
    if (!navigator.mediaDevices?.getUserMedia) throw new PageError('camera-unsupported');
    try {
      this.#stream = await navigator.mediaDevices.getUserMedia({
        audio: false,
        video: { facingMode: 'user', width: { ideal: 640 }, height: { ideal: 480 } },
      });
    } catch (reason) {
      const { name, message } = /** @type {DOMException} */ (reason);
      throw new PageError(CODES[name] ?? 'camera-busy', `${name}: ${message}`, { cause: reason });
    }
    for (const track of this.#stream.getVideoTracks()) {
      track.addEventListener('ended', () => this.#lose());
    }
    this.video.srcObject = this.#stream;
    await this.video.play();
  }

  /** The picture of this moment. @returns {import('../package/types.js').Frame} */
  grab() {
    const { videoWidth: width, videoHeight: height } = this.video;
    return readPixels(this.video, width, height, FRAME_SIDE);
  }

  close() {
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.#stream = undefined;
    this.video.srcObject = null;
  }

  #lose() {
    if (!this.isOpen) return;
    this.close();
    this.onlost?.();
  }
}
