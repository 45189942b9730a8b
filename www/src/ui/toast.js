/** Short messages that are read out at once. */

import { explain } from '../messages.js';
import { byId } from './dom.js';

const toast = byId('toast', HTMLElement);

/**
 * @param {string} text
 * @param {string} [code] of the error, for styling and tests
 */
export function tell(text, code = '') {
  toast.hidden = false;
  toast.textContent = text;
  toast.dataset.code = code;
}

/** @param {import('../errors.js').PageError} error */
export function tellError(error) {
  const { title, text } = explain(error);
  tell(`${title}. ${text}`, error.code);
}

export function hush() {
  toast.hidden = true;
  toast.textContent = '';
}
