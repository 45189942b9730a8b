/** The section of the page for the private note: creates it, opens it, hides it and shows it again. */

import { PageError } from '../errors.js';
import { message } from '../locale.js';
import { question } from '../messages.js';
import { confirm } from '../ui/dialog.js';
import { button, byId, make, onFiles } from '../ui/dom.js';
import { askSecret } from '../ui/form-dialog.js';
import { clearNotice, placeNotices, showError, showNotice } from '../ui/notice.js';
import { checkedNewPassphrase, CURRENT, NEW } from '../ui/passphrase.js';
import { knowsPasskeys, makePasskey } from './passkey.js';
import { MAX_BYTES } from './vault.js';

/** @typedef {import('./vault.js').Content} Content */
/** @typedef {import('./vault.js').StoredFile} StoredFile */

/**
 * `none`: there is no vault. `closed`: its key is not in memory. `covered`: the key is in memory, and the content is
 * hidden until a face match or the owner of the key shows it again. `open`: the content is shown.
 * @typedef {'none' | 'closed' | 'covered' | 'open'} State
 */

const card = byId('vault', HTMLDetailsElement);
const note = byId('vault-note', HTMLTextAreaElement);
const files = byId('vault-files', HTMLElement);
const place = byId('vault-outcome', HTMLElement);

export class VaultCard {
  #vault;
  /** @type {StoredFile[]} */
  #files = [];
  /** @type {State} */
  #state = 'none';

  /** @param {import('./vault.js').Vault} vault */
  constructor(vault) {
    this.#vault = vault;
    byId('vault-make-passkey', HTMLElement).hidden = !knowsPasskeys;
    const acts = {
      'vault-make-passkey': () => this.#makeWithPasskey(),
      'vault-make-passphrase': () => this.#makeWithPassphrase(),
      'vault-open': () => this.#open(),
      'vault-save': () => this.#save(),
      'vault-cover': () => this.cover(),
      'vault-remove': () => this.#remove(),
    };
    for (const [id, act] of Object.entries(acts)) {
      byId(id, HTMLElement).addEventListener('click', () => void guarded(act));
    }
    onFiles('vault-add', (added) => void guarded(() => this.#add(added)));
    card.addEventListener('toggle', () => void guarded(() => this.show()));
  }

  async show() {
    if (!card.open || this.#state === 'open' || this.#state === 'covered') return;
    this.#set((await this.#vault.method()) ? 'closed' : 'none');
  }

  /** Hides the content and keeps the key, so that a face match can show it again. */
  async cover() {
    if (this.#state !== 'open') return;
    this.#clear();
    this.#set('covered');
  }

  /** After a live match: shows hidden content again. A closed vault stays closed. */
  async uncover() {
    if (this.#state !== 'covered') return;
    card.open = true;
    this.#fill(await this.#vault.read());
  }

  /** Called after everything was deleted. */
  empty() {
    this.#vault.close();
    this.#clear();
    this.#set('none');
  }

  async #makeWithPasskey() {
    await this.#vault.createWithPasskey(await makePasskey(message('vault-heading')));
    this.#fill({ note: '', files: [] });
  }

  async #makeWithPassphrase() {
    const done = await askSecret({ ...question('question-vault'), fields: NEW }, ([wanted, again]) =>
      this.#vault.createWithPassphrase(checkedNewPassphrase(wanted, again)),
    );
    if (done) this.#fill({ note: '', files: [] });
  }

  async #open() {
    if ((await this.#vault.method()) === 'passkey') return this.#fill(await this.#vault.open());
    const fields = [{ ...CURRENT, label: message('locked-passphrase') }];
    await askSecret({ ...question('question-vault-open'), fields }, async ([passphrase]) => {
      this.#fill(await this.#vault.open(passphrase));
    });
  }

  async #save() {
    await this.#vault.write({ note: note.value, files: this.#files });
    showNotice(message('vault-saved'), 'vault-saved', 'success');
  }

  /** @param {File[]} added */
  async #add(added) {
    const size = added.reduce((sum, file) => sum + file.size, 0) + this.#files.reduce((sum, file) => sum + 0.75 * file.data.length, 0);
    if (size > MAX_BYTES.all || added.some((file) => file.size > MAX_BYTES.one)) throw new PageError('vault-full');
    this.#files = [...this.#files, ...(await Promise.all(added.map(storedFile)))];
    this.#showFiles();
    await this.#save();
  }

  async #remove() {
    if (!(await confirm({ ...question('question-vault-remove'), danger: true }))) return;
    await this.#vault.remove();
    this.#clear();
    this.#set('none');
  }

  /** @param {Content} content */
  #fill(content) {
    note.value = content.note;
    this.#files = content.files;
    this.#showFiles();
    this.#set('open');
  }

  #clear() {
    note.value = '';
    this.#files = [];
    files.replaceChildren();
  }

  #showFiles() {
    files.replaceChildren(
      ...this.#files.map((file) => {
        const get = button(file.name, () => download(file), { class: 'quiet' });
        const label = message('vault-drop-file.aria-label', { name: file.name });
        const drop = button(message('vault-drop-file'), () => void guarded(() => this.#drop(file)), { class: 'quiet danger', label });
        return make('li', {}, get, drop);
      }),
    );
  }

  /** @param {StoredFile} file */
  async #drop(file) {
    this.#files = this.#files.filter((it) => it !== file);
    this.#showFiles();
    await this.#save();
  }

  /** @param {State} state */
  #set(state) {
    this.#state = state;
    card.dataset.state = state;
    for (const part of card.querySelectorAll('[data-when]')) {
      if (part instanceof HTMLElement) part.hidden = !part.dataset.when?.split(' ').includes(state);
    }
  }
}

/** @param {File} file @returns {Promise<StoredFile>} */
async function storedFile(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  return { name: file.name, type: file.type, data: btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')) };
}

/** @param {StoredFile} file */
function download({ name, type, data }) {
  const bytes = Uint8Array.from(atob(data), (sign) => sign.charCodeAt(0));
  const link = make('a');
  link.href = URL.createObjectURL(new Blob([bytes], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** @param {() => Promise<void>} act */
async function guarded(act) {
  clearNotice();
  placeNotices(place);
  try {
    await act();
  } catch (reason) {
    showError(PageError.from(reason));
  }
}
