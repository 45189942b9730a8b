/** Shows one message at a time, near the button that was pressed. Screen readers announce it. */

import { explainInShort } from '../messages.js';
import { button, byId, make } from './dom.js';

const notice = byId('toast', HTMLElement);

/** The progress message, with a cancel button. */
const working = byId('working', HTMLElement);

/** @typedef {{label: string, act: () => void}} Action */

/** Moves the messages to this place. @param {HTMLElement} place */
export function placeNotices(place) {
  if (notice.parentElement !== place) place.append(working, notice);
}

/**
 * @param {string} text
 * @param {string} code of the message, for tests
 * @param {'success' | 'info' | 'error'} kind of the message, which decides its style
 * @param {Action} [action] a button in the message
 */
export function showNotice(text, code, kind, action) {
  working.hidden = true;
  const changed = notice.hidden || notice.dataset.code !== code;
  notice.hidden = false;
  notice.dataset.code = code;
  notice.dataset.kind = kind;
  notice.setAttribute('role', kind === 'error' ? 'alert' : 'status');
  notice.replaceChildren(make('span', { text }));
  if (action) notice.append(button(action.label, action.act, { class: 'quiet' }));
  if (changed) notice.scrollIntoView({ block: 'nearest' });
}

/**
 * @param {import('../errors.js').PageError} error
 * @param {Action} [action]
 */
export function showError(error, action) {
  showNotice(explainInShort(error), error.code, 'error', action);
}

/**
 * @param {string} text describes the work in progress
 * @param {Action} cancel
 */
export function showWorking(text, cancel) {
  clearNotice();
  working.hidden = false;
  working.replaceChildren(make('span', { text }), button(cancel.label, cancel.act, { class: 'quiet' }));
}

/** Removes the message and the progress message. */
export function clearNotice() {
  working.hidden = true;
  notice.hidden = true;
  notice.replaceChildren();
}
