/** The error class of the package, with a closed list of codes; each code has a meaning and a hint. */

/**
 * What helps, as a stable word for programs:
 * - about the picture: `change-picture`, `move-closer`, `move-into-view`, `more-light`, `less-light`,
 *   `face-camera`, `hold-still`, `uncover-face`;
 * - about the camera: `connect-camera`, `allow-camera`, `free-camera`, `use-https`;
 * - about what is compared: `enrol-again`, `same-person`, `choose-higher-rate`;
 * - about stored people: `unlock`, `fix-passphrase`, `choose-name`, `free-storage`, `reload`;
 * - for the developer: `fix-call`, `check-address`, `check-files`, `report`;
 * - other: `try-again`, `wait`, `other-browser`.
 * @typedef {'change-picture' | 'move-closer' | 'move-into-view' | 'more-light' | 'less-light' | 'face-camera'
 *   | 'hold-still' | 'uncover-face' | 'connect-camera' | 'allow-camera' | 'free-camera' | 'use-https' | 'enrol-again'
 *   | 'same-person' | 'choose-higher-rate' | 'unlock' | 'fix-passphrase' | 'choose-name' | 'free-storage' | 'reload' | 'fix-call'
 *   | 'check-address' | 'check-files' | 'report' | 'try-again' | 'wait' | 'other-browser'} ErrorHint
 */

/** @type {<const T extends Record<string, readonly [hint: ErrorHint, meaning: string]>>(table: T) => T} */
const list = (table) => table;

/** Every code, with its hint and its meaning. */
const ERRORS = list({
  'no-face': ['change-picture', 'There is no face in the picture.'],
  'several-faces': ['change-picture', 'There are several faces in the picture; say which one to take.'],
  'too-small': ['move-closer', 'The face is too small in the picture.'],
  'cut-off': ['move-into-view', 'Part of the face is outside the picture.'],
  'too-dark': ['more-light', 'The face is too dark.'],
  'too-bright': ['less-light', 'The face is too bright.'],
  'turned-away': ['face-camera', 'The head is turned away.'],
  blurred: ['hold-still', 'The face is blurred.'],
  covered: ['uncover-face', 'Something covers the face.'],
  'picture-missing': ['check-address', 'The picture could not be fetched.'],
  'picture-unsupported': ['fix-call', 'This is not a picture that can be read here.'],
  'picture-empty': ['wait', 'The picture shows nothing yet.'],
  'picture-foreign': ['check-address', 'The picture comes from another origin, which does not allow reading it.'],
  'photo-unreadable': ['change-picture', 'The file is not a picture that can be decoded here.'],
  'photo-format': ['change-picture', 'This browser cannot decode the format of the picture; save it as JPEG.'],
  'photo-too-large': ['change-picture', 'The picture has over 64 megapixels or 50 MB.'],
  'image-size': ['fix-call', 'The pixels do not fit the stated width and height.'],
  'image-too-large': ['fix-call', 'The picture has too many pixels.'],
  'bad-face': ['fix-call', 'This is not a face of this picture.'],
  'bad-embedding': ['fix-call', 'An embedding is 128 finite numbers that are not all zero.'],
  'bad-template': ['fix-call', 'This is not a template.'],
  'bad-rate': ['fix-call', 'A rate is a number above 0 and at most 1.'],
  'samples-disagree': ['same-person', 'The samples do not look like one person.'],
  'other-model': ['enrol-again', 'The template was made by another model.'],
  'fmr-unsupported': ['choose-higher-rate', 'The model is not measured well enough for this rate.'],
  'no-calibration': ['check-files', 'The weights contain no calibration, so no rate can be stated.'],
  'no-live-face': ['try-again', 'The movement check was not passed.'],
  'capture-timeout': ['try-again', 'No good picture of one face was seen for 20 seconds.'],
  'movement-missing': ['fix-call', 'The movement check has no face mesh; pass the `movement()` of the package facekey-movement to `load`.'],
  'already-checking': ['wait', 'Another movement check is running.'],
  'camera-absent': ['connect-camera', 'There is no camera.'],
  'camera-refused': ['allow-camera', 'The camera is not allowed.'],
  'camera-busy': ['free-camera', 'The camera does not start; another program may use it.'],
  'camera-unsupported': ['use-https', 'This page may not use a camera; it must be served over https.'],
  'camera-lost': ['try-again', 'The camera was lost, or the video ended.'],
  'weights-missing': ['check-address', 'A file of the engine could not be fetched.'],
  'weights-truncated': ['check-files', 'The weights file is truncated.'],
  'weights-corrupt': ['check-files', 'The weights file is damaged.'],
  'weights-version': ['check-files', 'The weights file has a format that this version cannot read.'],
  'weights-preset': ['check-files', 'The weights file is of an unknown network.'],
  'weights-shape': ['check-files', 'The weights file does not fit its network.'],
  'detector-weights': ['check-files', 'The file of the face detector cannot be used.'],
  'mesh-weights': ['check-files', 'The file of the face mesh cannot be used.'],
  'wasm-unsupported': ['other-browser', 'This browser runs no WebAssembly, or none with SIMD.'],
  'self-test-failed': ['other-browser', 'This browser computes embeddings that differ from those stored with the model.'],
  'webgpu-unavailable': ['other-browser', 'WebGPU is not available here.'],
  'engine-not-ready': ['wait', 'The engine is not ready.'],
  'engine-closed': ['fix-call', 'The engine has been closed.'],
  'engine-crashed': ['try-again', 'The engine crashed and is being restarted.'],
  'engine-hung': ['try-again', 'The engine did not answer and is being restarted.'],
  backend: ['try-again', 'The computation failed and the engine is being restarted.'],
  'no-challenge': ['report', 'No movement check has been begun.'],
  'no-random': ['report', 'The system gave no random numbers.'],
  'gallery-locked': ['unlock', 'The gallery is locked by its passphrase.'],
  'wrong-passphrase': ['unlock', 'The passphrase is wrong.'],
  'passphrase-short': ['fix-passphrase', 'The passphrase has fewer than 15 characters.'],
  'passphrase-simple': ['fix-passphrase', 'The passphrase has fewer than 6 different characters.'],
  'name-missing': ['choose-name', 'A name is needed.'],
  'name-taken': ['choose-name', 'Another person has this name.'],
  'person-gone': ['reload', 'This person has been deleted.'],
  'record-damaged': ['enrol-again', 'The stored data of a person are damaged.'],
  'record-newer': ['reload', 'The stored data of a person need a newer version.'],
  'key-damaged': ['enrol-again', 'The key of the gallery is damaged.'],
  'file-foreign': ['check-files', 'The file is not a gallery.'],
  'file-newer': ['reload', 'The file needs a newer version.'],
  'file-damaged': ['check-files', 'The file is damaged.'],
  'storage-full': ['free-storage', 'There is no room left in this browser.'],
  'storage-failed': ['try-again', 'The storage of this browser failed.'],
  'storage-newer': ['reload', 'A newer version of this page has changed the database.'],
  'storage-unavailable': ['other-browser', 'This window cannot store data; some private windows cannot.'],
  unexpected: ['report', 'Something unexpected happened.'],
});

/** @typedef {keyof typeof ERRORS} ErrorCode */

/** The error that all calls throw. Programs use `code`, `reason` and `hint`, which are stable; `message` is for people. */
export class FacekeyError extends Error {
  /**
   * @param {ErrorCode} code
   * @param {string} [detail] what happened, in technical words
   * @param {ErrorOptions & {reason?: import('./types.js').Failure | import('./types.js').Hint}} [options]
   */
  constructor(code, detail, { reason, ...options } = {}) {
    super(detail ? `${ERRORS[code][1]} (${detail})` : ERRORS[code][1], options);
    this.name = 'FacekeyError';
    /** What is wrong. @type {ErrorCode} */
    this.code = code;
    /** What happened, in technical words. @type {string} */
    this.detail = detail ?? '';
    /** Why a movement check was not passed, or could not begin. @type {import('./types.js').Failure | import('./types.js').Hint | undefined} */
    this.reason = reason;
    /** What helps. @type {ErrorHint} */
    this.hint = ERRORS[code][0];
  }

  /**
   * @param {unknown} reason anything thrown
   * @returns {FacekeyError} the same object if it is a `FacekeyError` already
   */
  static from(reason) {
    if (reason instanceof FacekeyError) return reason;
    const { code, message } = /** @type {{code?: unknown, message?: unknown}} */ (reason ?? {});
    const detail = typeof message === 'string' ? message : String(reason);
    return new FacekeyError(isCode(code) ? code : 'unexpected', detail, { cause: reason });
  }
}

/**
 * @param {unknown} code
 * @returns {code is ErrorCode}
 */
function isCode(code) {
  return typeof code === 'string' && Object.hasOwn(ERRORS, code);
}
