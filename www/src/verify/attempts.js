/**
 * Failed verifications, counted for each person across reloads and tabs as NIST SP 800-63B-4 requires. Five in a row
 * have no consequence. Each further one is followed by a wait, which doubles. After fifty, the face is not accepted
 * until the passphrase is given. A match of one person does not reset the count of another.
 */

import { PageError } from '../errors.js';

export const FREE_FAILURES = 5;
export const MAX_FAILURES = 50;

/** Milliseconds. */
const FIRST_WAIT = 30_000;
const MAX_WAIT = 3_600_000;

/** Prefix of the rows' names, before the person's id. */
const ROW = 'attempts ';

/** @typedef {{failures: number, last: number}} Count failures in a row, and when the last one was */
/** @typedef {{name: string} & Count} Row */

/**
 * Milliseconds until the next attempt; infinite if no attempt is allowed. If the clock was set back, the wait is
 * never longer than the full delay.
 * @param {Count} count
 * @param {number} now
 */
export function waitAfter({ failures, last }, now) {
  if (failures >= MAX_FAILURES) return Infinity;
  if (failures < FREE_FAILURES) return 0;
  const delay = Math.min(FIRST_WAIT * 2 ** (failures - FREE_FAILURES), MAX_WAIT);
  return Math.max(0, Math.min(delay, last + delay - now));
}

export class Attempts {
  #db;

  /** @param {Pick<import('../../package/gallery/database.js').Database, 'readAll' | 'write'>} db */
  constructor(db) {
    this.#db = db;
  }

  /**
   * Milliseconds to wait before these people can be compared again.
   * @param {string[]} ids
   */
  async wait(ids) {
    const [rows] = await this.#db.readAll(['settings']);
    const own = new Set(ids.map(rowName));
    return Math.max(0, ...rows.filter(({ name }) => own.has(name)).map((row) => waitAfter(row, Date.now())));
  }

  /**
   * Counts a failure for each of these people before the decision, so that closing the page before the decision does
   * not avoid the count. `recordMatch` undoes it after a match.
   * @param {string[]} ids
   * @returns {Promise<Row[]>} the counts before this call
   * @throws {PageError} `too-many-tries`
   */
  async countFailures(ids) {
    const before = await this.#db.write(['settings'], async (transaction) => {
      const store = transaction.objectStore('settings');
      const before = await Promise.all(
        ids.map(async (id) => (await store.get(rowName(id))) ?? { name: rowName(id), failures: 0, last: 0 }),
      );
      if (before.some((row) => waitAfter(row, Date.now()) > 0)) return undefined;
      await Promise.all(before.map((row) => store.put({ ...row, failures: row.failures + 1, last: Date.now() })));
      return before;
    });
    if (!before) throw new PageError('too-many-tries'); // an error inside `write` would be reported as a storage failure
    return before;
  }

  /**
   * After a match: resets this person's count, and restores the counts of the others.
   * @param {Row[]} before the result of `countFailures`
   * @param {string} matched id of the person
   */
  recordMatch(before, matched) {
    return this.#db.write(['settings'], async (transaction) => {
      const store = transaction.objectStore('settings');
      await Promise.all(
        before.map((row) => {
          const isReset = row.failures === 0 || row.name === rowName(matched);
          return isReset ? store.delete(row.name) : store.put(row);
        }),
      );
    });
  }

  /** Resets the counts of all people, after the passphrase was given. */
  reset() {
    return this.#deleteRows(() => true);
  }

  /** Deletes the counts of people who are no longer enrolled. @param {string[]} ids of the enrolled people */
  prune(ids) {
    const kept = new Set(ids.map(rowName));
    return this.#deleteRows((name) => !kept.has(name));
  }

  /** @param {(name: string) => boolean} isDeleted */
  async #deleteRows(isDeleted) {
    const [rows] = await this.#db.readAll(['settings']);
    const names = rows.map(({ name }) => String(name)).filter((name) => name.startsWith(ROW.trim()) && isDeleted(name));
    if (names.length === 0) return; // because writing creates the database
    await this.#db.write(['settings'], async (transaction) => {
      const store = transaction.objectStore('settings');
      await Promise.all(names.map((name) => store.delete(name)));
    });
  }
}

/** @param {string} id */
function rowName(id) {
  return ROW + id;
}
