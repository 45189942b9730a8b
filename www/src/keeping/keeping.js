/**
 * The section about the stored data: it shows them, and lets the visitor set a passphrase, export and import a
 * file, and delete everything.
 */

import { PageError } from '../errors.js';
import { deleteDatabases, emptyDatabases, eraseCopies, finishesInTime, inventory, storageState } from './storage.js';
import { checked, exportFile, importFile, MAX_FILE_SIZE } from '../../package/gallery/transfer.js';
import { formatList, message } from '../locale.js';
import { explainInShort, exportQuestion, exportText, importText, inventoryText, keepingFacts, question, receiptText } from '../messages.js';
import { confirm } from '../ui/dialog.js';
import { byId, make, setText } from '../ui/dom.js';
import { askSecret } from '../ui/form-dialog.js';
import { checkedNewPassphrase, CURRENT, NEW } from '../ui/passphrase.js';
import { clearNotice, placeNotices, showError, showNotice } from '../ui/notice.js';
import { receipt } from './receipt.js';

/** @typedef {import('../../package/gallery/gallery.js').Gallery} Gallery */

export class Keeping {
  #gallery;
  #on;

  /**
   * @param {Gallery} gallery
   * @param {object} on
   * @param {() => Promise<void>} on.change after people were imported or the passphrase changed
   * @param {() => Promise<void>} on.unlock after the passphrase was given
   * @param {() => void} on.halt before everything is deleted
   */
  constructor(gallery, on) {
    this.#gallery = gallery;
    this.#on = on;
    onClick('passphrase-set', () => this.#setPassphrase());
    onClick('passphrase-change', () => this.#changePassphrase());
    onClick('passphrase-remove', () => this.#removePassphrase());
    onClick('export', () => this.#export());
    onClick('delete-all', () => this.#deleteAll());
    byId('lock', HTMLElement).addEventListener('click', () => gallery.lock());
    byId('keeping', HTMLDetailsElement).addEventListener('toggle', () => showReceipt());
    byId('import', HTMLInputElement).addEventListener('change', (event) => {
      const field = /** @type {HTMLInputElement} */ (event.target);
      const [file] = field.files ?? [];
      field.value = '';
      if (file) void this.take(file);
    });
    byId('locked', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
      void this.#unlock();
    });
  }

  /** Imports a file. @param {File} file */
  take(file) {
    byId('keeping', HTMLDetailsElement).open = true;
    return guarded(() => this.#import(file));
  }

  /** @param {import('../../package/gallery/gallery.js').Contents} contents */
  async show(contents) {
    const { isLocked, isProtected } = this.#gallery;
    document.body.toggleAttribute('data-locked', isLocked);
    byId('locked', HTMLElement).hidden = !isLocked;
    for (const [id, shown] of Object.entries({
      'passphrase-set': !isProtected,
      'passphrase-change': isProtected && !isLocked,
      'passphrase-remove': isProtected && !isLocked,
      export: !isLocked,
      lock: isProtected && !isLocked,
    })) {
      byId(id, HTMLElement).hidden = !shown;
    }
    document.querySelector('label[for=import]')?.toggleAttribute('hidden', isLocked);
    if (contents.people.length > 0) byId('deleted', HTMLElement).replaceChildren();
    showReceipt();
    const facts = keepingFacts({ ...contents, isLocked, isProtected, ...(await storageState()) });
    byId('keeping-facts', HTMLElement).replaceChildren(
      ...facts.flatMap(([term, value]) => [make('dt', { text: term }), make('dd', { text: value })]),
    );
  }

  async #unlock() {
    const field = byId('passphrase', HTMLInputElement);
    const problem = byId('locked-problem', HTMLElement);
    try {
      await this.#gallery.unlock(field.value);
      setText(problem, '');
      await this.#on.unlock();
    } catch (reason) {
      problem.textContent = explainInShort(PageError.from(reason));
      field.select();
    } finally {
      if (!this.#gallery.isLocked) field.value = '';
    }
  }

  async #setPassphrase() {
    await this.#askProtection('question-passphrase-set', NEW, ([wanted, again]) => [checkedNewPassphrase(wanted, again)]);
  }

  async #changePassphrase() {
    const fields = [CURRENT, ...NEW];
    await this.#askProtection('question-passphrase-change', fields, ([current, wanted, again]) => [
      checkedNewPassphrase(wanted, again),
      current,
    ]);
  }

  async #removePassphrase() {
    await this.#askProtection('question-passphrase-remove', [CURRENT], ([current]) => [undefined, current]);
  }

  /**
   * @param {string} id of the question
   * @param {import('../ui/form-dialog.js').Field[]} fields
   * @param {(answers: string[]) => Parameters<Gallery['protect']>} read
   */
  async #askProtection(id, fields, read) {
    const done = await askSecret({ ...question(id), fields }, (answers) => this.#gallery.protect(...read(answers)));
    if (!done) return;
    await this.#on.change();
    showNotice(message(`${id}.done`), 'protected', 'success');
  }

  async #export() {
    const { people, unusable } = await this.#gallery.list();
    if (people.length === 0) throw new PageError('nothing-to-export');
    const file = `facekey-${new Date().toISOString().slice(0, 10)}.facekey`;
    const done = await askSecret({ ...exportQuestion(people.length, unusable.length), fields: NEW }, async ([wanted, again]) => {
      download(await exportFile(people, checkedNewPassphrase(wanted, again), { ...receipt(), until: new Date() }), file);
    });
    if (done) showNotice(exportText(file, receipt()), 'exported', 'success');
  }

  /** @param {File} file */
  async #import(file) {
    if (file.size > MAX_FILE_SIZE) throw new PageError('file-foreign', `${file.size} bytes`);
    const bytes = new Uint8Array(await file.arrayBuffer());
    await checked(bytes);
    const fields = [{ ...CURRENT, label: message('passphrase-of-file') }];
    /** @type {import('../../package/gallery/gallery.js').Person[]} */
    let arriving = [];
    const opened = await askSecret({ ...question('question-import'), fields }, async ([passphrase]) => {
      arriving = await importFile(bytes, passphrase);
    });
    if (!opened) return;
    const replaced = await this.#gallery.replacedBy(arriving);
    if (replaced.length > 0) {
      const names = formatList(replaced.map(({ name }) => name));
      const words = question('question-replace', { count: replaced.length, names });
      if (!(await confirm({ ...words, danger: true }))) return showNotice(message('imported-nothing'), 'imported-nothing', 'info');
    }
    const text = importText(await this.#gallery.importPeople(arriving));
    await this.#on.change();
    showNotice(text, 'imported', 'success');
  }

  async #deleteAll() {
    if (!(await confirm({ ...question('question-delete-all'), danger: true }))) return;
    this.#on.halt();
    const before = await inventory();
    let emptied = false;
    this.#gallery.addEventListener('wiped', () => (emptied = true), { once: true });
    const wiping = this.#gallery.wipe({ empty: emptyDatabases, erase: deleteDatabases });
    const isLate = !(await finishesInTime(wiping));
    await eraseCopies();
    showDeleted(before, await inventory(), emptied);
    await wiping;
    if (isLate) showDeleted(before, await inventory(), emptied);
  }
}

/** Shows the requests that the browser has counted so far. */
function showReceipt() {
  const counts = receipt();
  const line = byId('receipt', HTMLElement);
  line.dataset.foreign = String(counts.foreign);
  line.textContent = receiptText(counts);
}

/**
 * Shows what was deleted, and what a second inventory found.
 * @param {import('./storage.js').Inventory} before
 * @param {import('./storage.js').Inventory} left
 * @param {boolean} emptied whether the people and keys are gone
 */
function showDeleted(before, left, emptied) {
  const gone = {
    databases: before.databases - left.databases,
    caches: before.caches - left.caches,
    settings: before.settings - left.settings,
    workers: before.workers - left.workers,
  };
  const isIncomplete = !emptied || Object.values(left).some((count) => count > 0);
  const what = inventoryText(gone, emptied);
  const text = isIncomplete ? message('deleted-partly', { what, left: inventoryText(left, !emptied) }) : message('deleted', { what });
  const line = make('p', { text });
  line.dataset.left = String(isIncomplete);
  byId('deleted', HTMLElement).replaceChildren(line);
}

/**
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @param {string} name
 */
function download(bytes, name) {
  const link = make('a');
  link.href = URL.createObjectURL(new Blob([bytes], { type: 'application/octet-stream' }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/**
 * @param {string} id
 * @param {() => Promise<void>} act
 */
function onClick(id, act) {
  byId(id, HTMLElement).addEventListener('click', () => void guarded(act));
}

/** @param {() => Promise<void>} act */
async function guarded(act) {
  clearNotice();
  placeNotices(byId('keeping-outcome', HTMLElement));
  try {
    await act();
  } catch (reason) {
    showError(PageError.from(reason));
  }
}
