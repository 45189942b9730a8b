/** Short messages that are read out at once. */

import { explainInShort } from '../messages.js';
import { byId } from './dom.js';

const toast = byId('toast', HTMLElement);

/**
 * @param {string} text
 * @param {string} code what is told
 * @param {'good' | 'news' | 'trouble'} kind how it looks; `trouble` is what kept from doing something
 */
export function tell(text, code, kind) {
  toast.hidden = false;
  toast.textContent = text;
  toast.dataset.code = code;
  toast.dataset.kind = kind;
}

/** @param {import('../errors.js').PageError} error */
export function tellError(error) {
  tell(explainInShort(error), error.code, 'trouble');
}

export function hush() {
  toast.hidden = true;
  toast.textContent = '';
}
