/**
 * The page's errors are the package's: one class with a stable code that tests and messages go by.
 * What people read is looked up from the code in `messages.js`.
 */

export { FacekeyError as PageError } from '../package/facekey.js';

/**
 * True where work ended because the visitor or the page called it off.
 * @param {unknown} reason
 */
export function isAbort(reason) {
  return reason instanceof DOMException && reason.name === 'AbortError';
}
