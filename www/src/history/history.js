/** The history of verifications on this device, stored with the gallery and encrypted in the same way. */

import { message } from '../locale.js';
import { button, byId, make } from '../ui/dom.js';

const DOCUMENT = 'history';

/** The number of checks that are kept; older ones are deleted. */
const MAX_CHECKS = 100;

/**
 * @typedef {object} Check
 * @property {number} time milliseconds since 1970
 * @property {string} name of the person who was closest, or who was compared
 * @property {'accepted' | 'refused'} verdict
 * @property {import('../verify/verification.js').Liveness} liveness
 */

const list = byId('history-list', HTMLOListElement);

export class History {
  #gallery;

  /** @param {import('../../package/gallery/gallery.js').Gallery} gallery */
  constructor(gallery) {
    this.#gallery = gallery;
    byId('history', HTMLDetailsElement).addEventListener('toggle', () => void this.show());
    byId('history-actions', HTMLElement).append(button(message('history-clear'), () => void this.#clear(), { class: 'quiet danger' }));
  }

  /** @param {Omit<Check, 'time'>} check */
  async add(check) {
    const checks = await this.#read();
    await this.#gallery.writeDocument(DOCUMENT, [{ ...check, time: Date.now() }, ...checks].slice(0, MAX_CHECKS));
    await this.show();
  }

  async show() {
    if (!byId('history', HTMLDetailsElement).open) return;
    this.#list(this.#gallery.isLocked ? [] : await this.#read());
  }

  /** Called after everything was deleted. */
  empty() {
    this.#list([]);
  }

  /** @param {Check[]} checks */
  #list(checks) {
    byId('history-none', HTMLElement).hidden = checks.length > 0;
    byId('history-actions', HTMLElement).hidden = checks.length === 0;
    list.replaceChildren(...checks.map(row));
  }

  /** @returns {Promise<Check[]>} */
  async #read() {
    return (await this.#gallery.readDocument(DOCUMENT)) ?? [];
  }

  async #clear() {
    await this.#gallery.writeDocument(DOCUMENT, []);
    await this.show();
  }
}

/** @param {Check} check */
function row({ time, name, verdict, liveness }) {
  const date = new Date(time);
  const item = make('li', {}, make('strong', { text: message(`history-verdict-${verdict}`, { name }) }), make('span', { text: message(`history-how-${liveness}`, { date }) }));
  item.dataset.verdict = verdict;
  return item;
}
