/** Opens, selects and closes the camera, and reports its failures as typed errors. */

import { FacekeyError } from '../errors.js';

/** The error code for each exception of `getUserMedia`, by the exception's name. */
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
  /** The chosen camera; if undefined, the browser chooses. @type {string | undefined} */
  #deviceId;
  /** Counts calls of `open` and `close`, so that a stream that arrives after a later call is stopped. */
  #generation = 0;

  /** @param {HTMLVideoElement} video that shows the picture */
  constructor(video) {
    this.video = video;
    /** Called when the camera is disconnected. @type {(() => void) | undefined} */
    this.onlost = undefined;
  }

  get isOpen() {
    return this.#stream !== undefined;
  }

  /** The id of the camera in use. @returns {string | undefined} */
  get deviceId() {
    return this.#stream?.getVideoTracks()[0]?.getSettings().deviceId;
  }

  /**
   * @param {string} [deviceId] the camera to use from now on
   * @throws {FacekeyError} `camera-unsupported`, `camera-absent`, `camera-refused` or `camera-busy`; an
   *   `AbortError` if `close` was called meanwhile, for example by a visitor who leaves before allowing the camera
   */
  async open(deviceId = this.#deviceId) {
    this.close();
    const generation = this.#generation;
    this.#deviceId = deviceId;
    const stream = await request(deviceId);
    if (generation !== this.#generation) {
      stop(stream);
      throw new DOMException('the camera was closed meanwhile', 'AbortError');
    }
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
    this.#generation += 1;
    if (this.#stream) stop(this.#stream);
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

/** @param {MediaStream} stream */
function stop(stream) {
  for (const track of stream.getTracks()) track.stop();
}

/** The available cameras. Their names are known once the visitor has allowed one of them. */
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
