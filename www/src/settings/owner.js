/**
 * The owner's rules for everyone in front of the camera, stored with the gallery. Without a passphrase, anyone who
 * opens the browser counts as the owner.
 */

import { DEFAULT_FMR } from '../verify/assurance.js';

const ROW = 'owner';

/**
 * @typedef {object} Rules
 * @property {number} leastFmr the most lenient false match rate that may be chosen
 * @property {boolean} maySkip whether the movement check may be skipped and photos may be verified
 * @property {boolean} maySearch whether a face may be compared with everyone
 * @property {number} idleMinutes without use after which the passphrase is needed again; 0: never
 */

/** @type {Readonly<Rules>} */
export const DEFAULT_RULES = { leastFmr: DEFAULT_FMR, maySkip: true, maySearch: true, idleMinutes: 15 };

/** Choices for `idleMinutes`. */
export const IDLE_MINUTES = [5, 15, 60, 0];

/** @typedef {Pick<import('../../package/gallery/database.js').Database, 'readAll' | 'write'>} Store */

/** Fires `change` when the rules have been read or written. */
export class Owner extends EventTarget {
  /** @type {Rules} */
  rules = DEFAULT_RULES;
  #db;

  /** @param {Store} db */
  constructor(db) {
    super();
    this.#db = db;
  }

  async read() {
    const [rows] = await this.#db.readAll(['settings']);
    const stored = rows.find(({ name }) => name === ROW);
    this.#setRules({ ...DEFAULT_RULES, ...stored?.rules });
  }

  /** @param {Rules} rules */
  async write(rules) {
    await this.#db.write(['settings'], (transaction) => transaction.objectStore('settings').put({ name: ROW, rules }));
    this.#setRules(rules);
  }

  /** Called after everything was deleted. */
  reset() {
    this.#setRules(DEFAULT_RULES);
  }

  /** @param {Rules} rules */
  #setRules(rules) {
    this.rules = rules;
    this.dispatchEvent(new Event('change'));
  }
}
