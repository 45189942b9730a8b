/**
 * Failed verifications, counted across reloads and tabs as NIST SP 800-63B-4 asks: five in a row
 * are free, then each costs a wait that doubles, and after fifty the face is not accepted any more
 * until the passphrase has been given.
 */

import { PageError } from '../errors.js';

export const FREE_FAILURES = 5;
export const MOST_FAILURES = 50;

/** Milliseconds. */
const FIRST_WAIT = 30_000;
const LONGEST_WAIT = 3_600_000;

const ROW = 'attempts';

/** @typedef {{failures: number, last: number}} Count failures in a row, and when the last one was */

/**
 * Milliseconds until the next attempt; infinite where there is none. A clock that was set back
 * makes nobody wait longer than the whole delay.
 * @param {Count} count
 * @param {number} now
 */
export function waitAfter({ failures, last }, now) {
  if (failures >= MOST_FAILURES) return Infinity;
  if (failures < FREE_FAILURES) return 0;
  const delay = Math.min(FIRST_WAIT * 2 ** (failures - FREE_FAILURES), LONGEST_WAIT);
  return Math.max(0, Math.min(delay, last + delay - now));
}

export class Attempts {
  #db;

  /** @param {Pick<import('../gallery/database.js').Database, 'readAll' | 'write'>} db */
  constructor(db) {
    this.#db = db;
  }

  /** Milliseconds to wait before the next attempt. */
  async wait() {
    const [rows] = await this.#db.readAll(['settings']);
    return waitAfter(countIn(rows), Date.now());
  }

  /**
   * Counts a failure before the decision is made, so that a page closed in between does not save
   * it; `forgive` takes it back.
   * @throws {PageError} `too-many-tries`
   */
  charge() {
    return this.#db.write(['settings'], async (transaction) => {
      const store = transaction.objectStore('settings');
      const count = countIn([await store.get(ROW)]);
      if (waitAfter(count, Date.now()) > 0) throw new PageError('too-many-tries');
      await store.put({ name: ROW, failures: count.failures + 1, last: Date.now() });
    });
  }

  /** Starts again from none, after a match or the passphrase. */
  forgive() {
    return this.#db.write(['settings'], (transaction) => transaction.objectStore('settings').delete(ROW));
  }
}

/** @param {any[]} rows @returns {Count} */
function countIn(rows) {
  return rows.find((row) => row?.name === ROW) ?? { failures: 0, last: 0 };
}
