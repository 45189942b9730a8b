/** The camera: opened, chosen, closed; its troubles as typed errors. */

import { FacekeyError } from '../errors.js';

/** What `getUserMedia` throws, by its name, as codes. */
const CODES = /** @type {Record<string, import('../errors.js').ErrorCode>} */ ({
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
  /** The chosen one; the browser's own choice if there is none. @type {string | undefined} */
  #deviceId;

  /** @param {HTMLVideoElement} video shows the picture */
  constructor(video) {
    this.video = video;
    /** Called when the camera goes away by itself. @type {(() => void) | undefined} */
    this.onlost = undefined;
  }

  get isOpen() {
    return this.#stream !== undefined;
  }

  /** Which camera gives the picture. @returns {string | undefined} */
  get deviceId() {
    return this.#stream?.getVideoTracks()[0]?.getSettings().deviceId;
  }

  /**
   * @param {string} [deviceId] the camera to use from now on
   * @throws {FacekeyError} `camera-unsupported`, `camera-absent`, `camera-refused` or `camera-busy`
   */
  async open(deviceId = this.#deviceId) {
    this.close();
    this.#deviceId = deviceId;
    const stream = await request(deviceId);
    this.#stream = stream;
    for (const track of stream.getVideoTracks()) {
      track.addEventListener('ended', () => this.#lose(stream));
    }
    this.video.srcObject = stream;
    await this.video.play().catch((cause) => {
      if (this.#stream === stream) throw new FacekeyError('camera-busy', String(cause), { cause });
    });
  }

  close() {
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.#stream = undefined;
    this.video.srcObject = null;
  }

  /** @param {MediaStream} stream */
  #lose(stream) {
    if (this.#stream !== stream) return;
    this.close();
    this.onlost?.();
  }
}

/** The cameras there are; they have names once one has been allowed. */
export async function listCameras() {
  const devices = await navigator.mediaDevices.enumerateDevices().catch(() => []);
  return devices.filter(({ kind, deviceId }) => kind === 'videoinput' && deviceId);
}

/** @param {string} [deviceId] */
async function request(deviceId) {
  if (!navigator.mediaDevices?.getUserMedia) throw new FacekeyError('camera-unsupported');
  const which = deviceId ? { deviceId: { exact: deviceId } } : { facingMode: 'user' };
  try {
    return await navigator.mediaDevices.getUserMedia({
      audio: false,
      video: { ...which, width: { ideal: 640 }, height: { ideal: 480 } },
    });
  } catch (reason) {
    const { name, message } = /** @type {DOMException} */ (reason);
    throw new FacekeyError(CODES[name] ?? 'camera-busy', `${name}: ${message}`, { cause: reason });
  }
}
