/** The dialog for questions that need a yes or no, or a name. */

import { PageError } from '../errors.js';
import { explainInShort } from '../messages.js';
import { byId } from './dom.js';

const dialog = byId('dialog', HTMLDialogElement);
const input = byId('dialog-input', HTMLInputElement);
const problem = byId('dialog-problem', HTMLElement);

/** Settles when the previous question has been answered. @type {Promise<unknown>} */
let previous = Promise.resolve();

/**
 * @typedef {object} Question
 * @property {string} title
 * @property {string} text
 * @property {string} yes label of the confirming button
 * @property {boolean} [danger] whether data will be lost
 */

/**
 * @param {Question} question
 * @returns {Promise<boolean>}
 */
export function confirm(question) {
  return afterPrevious(() => {
    byId('dialog-field', HTMLElement).hidden = true;
    return showDialog(question, async () => {});
  });
}

/**
 * Asks for a name until `act` accepts it; its errors are shown in the dialog.
 * @param {Question} question
 * @param {string} name to start with
 * @param {(name: string) => Promise<void>} act
 * @returns {Promise<boolean>} whether it was done
 */
export function askName(question, name, act) {
  return afterPrevious(() => {
    byId('dialog-field', HTMLElement).hidden = false;
    input.value = name;
    const answer = showDialog(question, () => act(input.value));
    input.select();
    return answer;
  });
}

/**
 * Asks one question at a time, so that an answer never belongs to another question.
 * @template T
 * @param {() => Promise<T>} question
 * @returns {Promise<T>}
 */
function afterPrevious(question) {
  const answer = previous.then(question);
  previous = answer.catch(() => {});
  return answer;
}

/**
 * @param {Question} question
 * @param {() => Promise<void>} act
 * @returns {Promise<boolean>}
 */
function showDialog({ title, text, yes, danger = false }, act) {
  byId('dialog-title', HTMLElement).textContent = title;
  byId('dialog-text', HTMLElement).textContent = text;
  const accept = byId('dialog-yes', HTMLButtonElement);
  accept.textContent = yes;
  accept.classList.toggle('danger', danger);
  problem.textContent = '';
  dialog.showModal();
  if (danger) byId('dialog-no', HTMLButtonElement).focus();
  const closed = new AbortController();
  return new Promise((resolve) => {
    const close = (/** @type {boolean} */ done) => {
      closed.abort();
      dialog.close();
      resolve(done);
    };
    dialog.addEventListener('cancel', () => close(false), { signal: closed.signal });
    dialog.addEventListener(
      'submit',
      async (event) => {
        event.preventDefault();
        if (event.submitter?.getAttribute('value') !== 'yes') return close(false);
        try {
          await act();
          close(true);
        } catch (reason) {
          problem.textContent = explainInShort(PageError.from(reason));
        }
      },
      { signal: closed.signal },
    );
  });
}
