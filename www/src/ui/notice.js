/** Shows one message at a time, beside the pressed button; screen readers announce it. */

import { explainInShort } from '../messages.js';
import { button, byId, make } from './dom.js';

const notice = byId('toast', HTMLElement);

/** The progress message, with a cancel button. */
const working = byId('working', HTMLElement);

/** @typedef {{label: string, act: () => void}} Action */

/**
 * Moves the messages to this place.
 * @param {HTMLElement} place
 */
export function moveTo(place) {
  if (notice.parentElement !== place) place.append(working, notice);
}

/**
 * @param {string} text
 * @param {string} code of the message, for tests
 * @param {'good' | 'news' | 'trouble'} kind of the message, which decides its style; `trouble` is a failure
 * @param {Action} [action] a button in the message
 */
export function tell(text, code, kind, action) {
  working.hidden = true;
  const changed = notice.hidden || notice.dataset.code !== code;
  notice.hidden = false;
  notice.dataset.code = code;
  notice.dataset.kind = kind;
  notice.setAttribute('role', kind === 'trouble' ? 'alert' : 'status');
  notice.replaceChildren(make('span', { text }));
  if (action) notice.append(button(action.label, action.act, { class: 'quiet' }));
  if (changed) notice.scrollIntoView({ block: 'nearest' });
}

/**
 * @param {import('../errors.js').PageError} error
 * @param {Action} [action]
 */
export function tellError(error, action) {
  tell(explainInShort(error), error.code, 'trouble', action);
}

/**
 * @param {string} text describes the work in progress
 * @param {Action} cancel
 */
export function showWorking(text, cancel) {
  hush();
  working.hidden = false;
  working.replaceChildren(make('span', { text }), button(cancel.label, cancel.act, { class: 'quiet' }));
}

/** Removes the message and the progress message. */
export function hush() {
  working.hidden = true;
  notice.hidden = true;
  notice.replaceChildren();
}
