/**
 * The page's errors: those of the package and the page's own. Each has a stable code, which tests and messages use.
 * `messages.js` finds the text for a code.
 */

import { FacekeyError } from '../package/facekey.js';

export class PageError extends Error {
  /**
   * @param {string} code kebab-case; one of the package's, or of the page's own
   * @param {string} [detail] what happened, in technical words
   * @param {ErrorOptions & {reason?: string}} [options] `reason` if a code has several
   */
  constructor(code, detail = code, { reason, ...options } = {}) {
    super(detail, options);
    this.name = 'PageError';
    this.code = code;
    this.reason = reason;
  }

  /**
   * @param {unknown} thrown anything
   * @returns {PageError} the same object if it is a `PageError` already
   */
  static from(thrown) {
    if (thrown instanceof PageError) return thrown;
    const { code, detail, reason } = FacekeyError.from(thrown);
    return new PageError(code, detail, { reason, cause: thrown });
  }
}

/**
 * Whether work ended because the visitor or the page cancelled it.
 * @param {unknown} reason
 */
export function isAbort(reason) {
  return reason instanceof DOMException && reason.name === 'AbortError';
}
