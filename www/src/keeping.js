/**
 * What is kept in this browser, shown and in the visitor's hands: the passphrase, the file to carry
 * it elsewhere, and the deletion of everything.
 */

import { PageError } from './errors.js';
import { checkPassphrase } from './gallery/passphrase.js';
import { deleteDatabases, emptyDatabases, eraseCopies, inTime, inventory, storageState } from './gallery/storage.js';
import { exportFile, importFile, LARGEST } from './gallery/transfer.js';
import { explain, importNews, keepingFacts, plural } from './messages.js';
import { confirm } from './ui/dialog.js';
import { byId, make, setText } from './ui/dom.js';
import { askSecret } from './ui/form-dialog.js';
import { tell, tellError } from './ui/toast.js';

/** @typedef {import('./gallery.js').Gallery} Gallery */

const FILE_NAME = 'gallery.facekey';
const CURRENT = { label: 'Present passphrase', autocomplete: /** @type {const} */ ('current-password') };
const NEW = [
  { label: 'New passphrase', autocomplete: /** @type {const} */ ('new-password') },
  { label: 'The same again', autocomplete: /** @type {const} */ ('new-password') },
];

export class Keeping {
  #gallery;
  #on;

  /**
   * @param {Gallery} gallery
   * @param {object} on
   * @param {() => Promise<void>} on.change after people came or the passphrase changed
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
    byId('import', HTMLInputElement).addEventListener('change', (event) => {
      const field = /** @type {HTMLInputElement} */ (event.target);
      const [file] = field.files ?? [];
      field.value = '';
      if (file) void guarded(() => this.#import(file));
    });
    byId('locked', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
      void this.#unlock();
    });
  }

  /** @param {import('./gallery.js').Contents} contents */
  async show(contents) {
    const { isLocked, isProtected } = this.#gallery;
    document.body.toggleAttribute('data-locked', isLocked);
    byId('locked', HTMLElement).hidden = !isLocked;
    for (const [id, shown] of Object.entries({
      'passphrase-set': !isProtected,
      'passphrase-change': isProtected && !isLocked,
      'passphrase-remove': isProtected && !isLocked,
      export: !isLocked,
    })) {
      byId(id, HTMLElement).hidden = !shown;
    }
    document.querySelector('label[for=import]')?.toggleAttribute('hidden', isLocked);
    if (contents.people.length > 0) byId('deleted', HTMLElement).replaceChildren();
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
      const { title, text } = explain(PageError.from(reason));
      problem.textContent = `${title}. ${text}`;
      field.select();
    } finally {
      if (!this.#gallery.isLocked) field.value = '';
    }
  }

  async #setPassphrase() {
    const question = {
      title: 'Set a passphrase',
      text: 'It will be asked for when the page is opened. Nobody can recover it: keep it safe.',
      yes: 'Set it',
      fields: NEW,
    };
    await this.#askProtection(question, 'The passphrase is set.', ([wanted, again]) => [chosen(wanted, again)]);
  }

  async #changePassphrase() {
    const question = {
      title: 'Change the passphrase',
      text: 'Everything is encrypted again under a new key.',
      yes: 'Change it',
      fields: [CURRENT, ...NEW],
    };
    await this.#askProtection(question, 'The passphrase is changed.', ([current, wanted, again]) => [
      chosen(wanted, again),
      current,
    ]);
  }

  async #removePassphrase() {
    const question = {
      title: 'Remove the passphrase?',
      text: 'What is kept stays encrypted, but whoever opens this browser can use it.',
      yes: 'Remove it',
      fields: [CURRENT],
    };
    await this.#askProtection(question, 'The passphrase is removed.', ([current]) => [undefined, current]);
  }

  /**
   * @param {Parameters<typeof askSecret>[0]} question
   * @param {string} news
   * @param {(answers: string[]) => Parameters<Gallery['protect']>} read
   */
  async #askProtection(question, news, read) {
    const done = await askSecret(question, (answers) => this.#gallery.protect(...read(answers)));
    if (!done) return;
    await this.#on.change();
    tell(news, 'protected', 'good');
  }

  async #export() {
    const { people, aside } = await this.#gallery.list();
    if (people.length === 0) throw new PageError('nothing-to-export');
    const left = aside.length > 0 ? ` ${plural(aside.length, 'damaged entry', 'damaged entries')} cannot go along.` : '';
    const question = {
      title: 'Export to a file',
      text: `${plural(people.length, 'person', 'people')}, encrypted under a passphrase of its own.${left}`,
      yes: 'Export',
      fields: NEW,
    };
    const done = await askSecret(question, async ([wanted, again]) => {
      download(await exportFile(people, chosen(wanted, again)));
    });
    if (done) tell(`${FILE_NAME} is saved among your downloads.`, 'exported', 'good');
  }

  /** @param {File} file */
  async #import(file) {
    if (file.size > LARGEST) throw new PageError('file-foreign', `${file.size} bytes`);
    const bytes = new Uint8Array(await file.arrayBuffer());
    const question = {
      title: 'Import from a file',
      text: 'The passphrase that was chosen at the export.',
      yes: 'Import',
      fields: [{ ...CURRENT, label: 'Passphrase of the file' }],
    };
    let news = '';
    const done = await askSecret(question, async ([passphrase]) => {
      news = importNews(await this.#gallery.takeIn(await importFile(bytes, passphrase)));
    });
    if (!done) return;
    await this.#on.change();
    tell(news, 'imported', 'good');
  }

  async #deleteAll() {
    const question = {
      title: 'Delete everything?',
      text: 'Every name and embedding, the keys, the settings and the stored copies of this page are removed from this browser.',
      yes: 'Delete everything',
      danger: true,
    };
    if (!(await confirm(question))) return;
    this.#on.halt();
    const before = await inventory();
    let emptied = false;
    this.#gallery.addEventListener('wiped', () => (emptied = true), { once: true });
    const wiping = this.#gallery.wipe({ empty: emptyDatabases, erase: deleteDatabases });
    const isLate = !(await inTime(wiping));
    await eraseCopies();
    showDeleted(before, await inventory(), emptied);
    await wiping;
    if (isLate) showDeleted(before, await inventory(), emptied);
  }
}

/**
 * @param {string} wanted
 * @param {string} again
 */
function chosen(wanted, again) {
  checkPassphrase(wanted);
  if (wanted !== again) throw new PageError('passphrase-differs');
  return wanted;
}

/**
 * What there was and is not any more, and what a second look found.
 * @param {import('./gallery/storage.js').Inventory} before
 * @param {import('./gallery/storage.js').Inventory} left
 * @param {boolean} emptied whether the people and keys are gone
 */
function showDeleted(before, left, emptied) {
  const gone = {
    databases: before.databases - left.databases,
    caches: before.caches - left.caches,
    settings: before.settings - left.settings,
    workers: before.workers - left.workers,
  };
  const rest = !emptied || Object.values(left).some((count) => count > 0);
  const words = rest
    ? `Still here: ${counted(left, !emptied)}. Close the other tabs of this page; if it stays, try again.`
    : 'Looked again: nothing is left.';
  const line = make('p', { text: `Deleted: ${counted(gone, emptied)}. ${words}` });
  line.dataset.left = String(rest);
  byId('deleted', HTMLElement).replaceChildren(line);
}

/**
 * @param {import('./gallery/storage.js').Inventory} inventory
 * @param {boolean} people whether all people and keys are among it
 */
function counted({ databases, caches, settings, workers }, people) {
  return [
    ...(people ? ['all people and keys'] : []),
    plural(databases, 'database'),
    plural(caches, 'cache'),
    plural(settings, 'setting'),
    plural(workers, 'service worker'),
  ].join(', ');
}

/** @param {Uint8Array<ArrayBuffer>} bytes */
function download(bytes) {
  const link = make('a');
  link.href = URL.createObjectURL(new Blob([bytes], { type: 'application/octet-stream' }));
  link.download = FILE_NAME;
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
  try {
    await act();
  } catch (reason) {
    tellError(PageError.from(reason));
  }
}
