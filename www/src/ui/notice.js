/** One message at a time, beside what was pressed, read out at once. */

import { explainInShort } from '../messages.js';
import { button, byId, make } from './dom.js';

const notice = byId('toast', HTMLElement);

/** What is going on, and a way to end it. */
const working = byId('working', HTMLElement);

/** @typedef {{label: string, act: () => void}} Action */

/**
 * Shows messages here from now on.
 * @param {HTMLElement} place
 */
export function moveTo(place) {
  if (notice.parentElement !== place) place.append(working, notice);
}

/**
 * @param {string} text
 * @param {string} code what is told
 * @param {'good' | 'news' | 'trouble'} kind how it looks; `trouble` is what kept from doing something
 * @param {Action} [action] what can be done about it
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
 * @param {string} text what is going on
 * @param {Action} cancel
 */
export function showWorking(text, cancel) {
  hush();
  working.hidden = false;
  working.replaceChildren(make('span', { text }), button(cancel.label, cancel.act, { class: 'quiet' }));
}

export function hush() {
  working.hidden = true;
  notice.hidden = true;
  notice.replaceChildren();
}
