/**
 * One error class for the whole page: a stable code that tests and messages go by. What people
 * read is looked up from the code in `messages.js`.
 */

export class PageError extends Error {
  /**
   * @param {string} code kebab-case, one of the engine's or of the page's own (see `messages.js`)
   * @param {string} [detail] what happened, in technical words
   * @param {ErrorOptions} [options]
   */
  constructor(code, detail = code, options) {
    super(detail, options);
    this.name = 'PageError';
    this.code = code;
  }

  /**
   * @param {unknown} reason anything thrown
   * @returns {PageError} the same if it is one already
   */
  static from(reason) {
    if (reason instanceof PageError) return reason;
    const { code, message } = /** @type {{code?: unknown, message?: unknown}} */ (reason ?? {});
    return new PageError(
      typeof code === 'string' ? code : 'unexpected',
      typeof message === 'string' ? message : String(reason),
      { cause: reason },
    );
  }
}

/**
 * True where work ended because the visitor or the page called it off.
 * @param {unknown} reason
 */
export function isAbort(reason) {
  return reason instanceof DOMException && reason.name === 'AbortError';
}
