/** One error class with a stable code for everything that can go wrong. */

/**
 * The codes of the engine's errors. A picture that cannot be used: `no-face`, `several-faces`, and
 * what `QualityIssue` lists; the others are about files, the engine and the comparison.
 * @typedef {(
 *   | import('./types.js').QualityIssue
 *   | 'no-face'
 *   | 'several-faces'
 *   | 'photo-unreadable'
 *   | 'photo-too-large'
 *   | 'photo-format'
 *   | 'picture-empty'
 *   | 'picture-foreign'
 *   | 'image-size'
 *   | 'image-too-large'
 *   | 'bad-face'
 *   | 'bad-embedding'
 *   | 'no-live-face'
 *   | 'capture-timeout'
 *   | 'camera-absent'
 *   | 'camera-refused'
 *   | 'camera-busy'
 *   | 'camera-unsupported'
 *   | 'camera-lost'
 *   | 'already-checking'
 *   | 'samples-disagree'
 *   | 'other-model'
 *   | 'fmr-unsupported'
 *   | 'no-calibration'
 *   | 'weights-missing'
 *   | 'weights-truncated'
 *   | 'weights-corrupt'
 *   | 'weights-version'
 *   | 'weights-preset'
 *   | 'weights-shape'
 *   | 'detector-weights'
 *   | 'mesh-weights'
 *   | 'self-test-failed'
 *   | 'wasm-unsupported'
 *   | 'webgpu-unavailable'
 *   | 'backend'
 *   | 'no-challenge'
 *   | 'no-random'
 *   | 'engine-not-ready'
 *   | 'engine-closed'
 *   | 'engine-crashed'
 *   | 'engine-hung'
 *   | 'unexpected'
 * )} ErrorCode
 */

/** What the engine throws: `code` stays the same when the words of `message` change. */
export class FacekeyError extends Error {
  /**
   * @param {ErrorCode | (string & {})} code kebab-case; one of `ErrorCode`, or the caller's own
   * @param {string} [detail] what happened, in technical words
   * @param {ErrorOptions} [options]
   */
  constructor(code, detail = code, options) {
    super(detail, options);
    this.name = 'FacekeyError';
    /** @type {ErrorCode | (string & {})} */
    this.code = code;
  }

  /**
   * @param {unknown} reason anything thrown
   * @returns {FacekeyError} the same if it is one already
   */
  static from(reason) {
    if (reason instanceof FacekeyError) return reason;
    const { code, message } = /** @type {{code?: unknown, message?: unknown}} */ (reason ?? {});
    return new FacekeyError(
      typeof code === 'string' ? code : 'unexpected',
      typeof message === 'string' ? message : String(reason),
      { cause: reason },
    );
  }
}
