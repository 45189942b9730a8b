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
  /** How often it was opened or closed: what a late permission gives to an earlier time is let go. */
  #turn = 0;

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
   * @throws {FacekeyError} `camera-unsupported`, `camera-absent`, `camera-refused` or `camera-busy`; an
   *   `AbortError` where it was closed meanwhile, as by who leaves before allowing it
   */
  async open(deviceId = this.#deviceId) {
    this.close();
    const turn = this.#turn;
    this.#deviceId = deviceId;
    const stream = await request(deviceId);
    if (turn !== this.#turn) {
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
    this.#turn += 1;
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
