/** A dialog with password fields, which is created when needed and removed when it closes. */

import { PageError } from '../errors.js';
import { message } from '../locale.js';
import { explainInShort } from '../messages.js';
import { make } from './dom.js';

/**
 * @typedef {object} Field
 * @property {string} label
 * @property {'current-password' | 'new-password'} autocomplete
 */

/**
 * @param {{title: string, text: string, yes: string, fields: Field[]}} question
 * @param {(values: string[]) => Promise<void>} act receives the answers; the dialog shows its errors
 * @returns {Promise<boolean>} whether it was done
 */
export function askSecret({ title, text, yes, fields }, act) {
  const inputs = fields.map(secretInput);
  const problem = make('p', { class: 'problem' });
  problem.setAttribute('role', 'alert');
  const accept = make('button', { class: 'main', text: yes });
  const cancel = make('button', { text: message('cancel') });
  cancel.type = 'button';
  const form = make(
    'form',
    {},
    make('h2', { text: title }),
    make('p', { text }),
    ...inputs.map((input, index) => make('label', { class: 'field' }, make('span', { text: fields[index].label }), input)),
    problem,
    make('div', { class: 'actions' }, accept, cancel),
  );
  const dialog = make('dialog', {}, form);
  dialog.setAttribute('aria-label', title);
  document.body.append(dialog);
  return new Promise((resolve) => {
    let done = false;
    // `act` cannot be cancelled, so the dialog must stay open until it ends.
    const setBusy = (/** @type {boolean} */ busy) => (accept.disabled = cancel.disabled = busy);
    dialog.addEventListener('cancel', (event) => {
      if (cancel.disabled) event.preventDefault();
    });
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(done);
    });
    cancel.addEventListener('click', () => dialog.close());
    form.addEventListener('submit', async (event) => {
      event.preventDefault();
      setBusy(true);
      try {
        await act(inputs.map(({ value }) => value));
        done = true;
        dialog.close();
      } catch (reason) {
        problem.textContent = explainInShort(PageError.from(reason));
        inputs[0]?.focus();
      } finally {
        setBusy(false);
      }
    });
    dialog.showModal();
  });
}

/** @param {Field} field */
function secretInput({ autocomplete }) {
  const input = make('input');
  input.type = 'password';
  input.autocomplete = autocomplete;
  return input;
}
