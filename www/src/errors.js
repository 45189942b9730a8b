/**
 * The page's errors: the package's, and its own, all with a stable code that tests and messages go by.
 * What people read is looked up from the code in `messages.js`.
 */

import { FacekeyError } from '../package/facekey.js';

export class PageError extends Error {
  /**
   * @param {string} code kebab-case; one of the package's, or of the page's own
   * @param {string} [detail] what happened, in technical words
   * @param {ErrorOptions & {reason?: string}} [options] `reason` where a code has several
   */
  constructor(code, detail = code, { reason, ...options } = {}) {
    super(detail, options);
    this.name = 'PageError';
    this.code = code;
    this.reason = reason;
  }

  /**
   * @param {unknown} thrown anything
   * @returns {PageError} the same if it is one already
   */
  static from(thrown) {
    if (thrown instanceof PageError) return thrown;
    const { code, detail, reason } = FacekeyError.from(thrown);
    return new PageError(code, detail, { reason, cause: thrown });
  }
}

/**
 * True where work ended because the visitor or the page called it off.
 * @param {unknown} reason
 */
export function isAbort(reason) {
  return reason instanceof DOMException && reason.name === 'AbortError';
}
