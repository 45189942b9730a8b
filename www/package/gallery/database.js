/**
 * The database behind a gallery. It opens when it is first needed. If the browser closes it, or another tab
 * deletes or upgrades it, it opens again at the next use. Only writing creates it: a late read must not bring back
 * a database that was just deleted.
 */

import { openDB } from 'idb';
import { FacekeyError } from '../errors.js';

/** The default name. */
export const DATABASE = 'facekey';

/** 1: people. 2: also keys and settings. */
const VERSION = 2;

const STORES = /** @type {const} */ ({ people: 'id', keys: 'name', settings: 'name' });

/** The error code for each exception of IndexedDB, by the exception's name. @type {Record<string, import('../errors.js').ErrorCode>} */
const CODES = {
  QuotaExceededError: 'storage-full',
  VersionError: 'storage-newer',
  DataCloneError: 'storage-unavailable', // some private windows cannot keep a key
};

/** @typedef {keyof typeof STORES} Store */

/**
 * The methods of a store that are used here. With the types of `idb`, users of the gallery's types would need
 * that library.
 * @typedef {object} Rows
 * @property {(key: string) => Promise<any>} get
 * @property {() => Promise<any[]>} getAll
 * @property {(row: object) => Promise<unknown>} put
 * @property {(key: string) => Promise<void>} delete
 * @property {() => Promise<void>} clear
 */

/** @typedef {{objectStore(name: Store): Rows}} Writing */

/** Fires `blocked` while another tab holds an older database, and `outdated` when this one is. */
export class Database extends EventTarget {
  /** The open database; undefined if there is none to read. @type {Promise<import('idb').IDBPDatabase | undefined> | undefined} */
  #opening;

  /** @param {string} [name] */
  constructor(name = DATABASE) {
    super();
    this.name = name;
  }

  /**
   * All rows of some stores, as they were at one moment; no rows if there is no database.
   * @param {Store[]} stores
   * @returns {Promise<any[][]>}
   */
  async readAll(stores) {
    const db = await this.#open();
    if (!db) return stores.map(() => []);
    return withStorageErrors(async () => {
      const transaction = db.transaction(stores);
      return Promise.all(stores.map((store) => transaction.objectStore(store).getAll()));
    });
  }

  /**
   * Reads and writes in one transaction: all of it happens, or nothing.
   * @template T
   * @param {Store[]} stores
   * @param {(transaction: Writing) => Promise<T>} act must not wait for anything but the database
   * @returns {Promise<T>}
   */
  async write(stores, act) {
    const db = await this.#openOrCreate();
    return withStorageErrors(async () => {
      const transaction = db.transaction(stores, 'readwrite');
      try {
        const [result] = await Promise.all([act(transaction), transaction.done]);
        return result;
      } catch (cause) {
        abort(transaction); // otherwise a part of the changes would be written
        throw cause;
      }
    });
  }

  /** Closes the database, at once or as soon as it is open. */
  close() {
    void this.#opening?.then((db) => db?.close(), () => {});
    this.#opening = undefined;
  }

  /** The database, or undefined if there is none. */
  #open() {
    this.#opening ??= this.#request(false);
    return this.#opening;
  }

  /** @returns {Promise<import('idb').IDBPDatabase>} */
  async #openOrCreate() {
    this.#opening ??= this.#request(true);
    return (await this.#opening) ?? this.#openOrCreate(); // a read was waiting for it, and has created none
  }

  /** @param {boolean} create whether to create the database if there is none */
  async #request(create) {
    let isMissing = false;
    try {
      return await openDB(this.name, VERSION, {
        upgrade: (db, version, _, transaction) => {
          isMissing = version === 0 && !create;
          if (!isMissing) return createStores(db);
          transaction.done.catch(() => {});
          transaction.abort();
        },
        blocked: () => this.dispatchEvent(new Event('blocked')),
        blocking: (_current, next, event) => this.#closeForOtherTab(next, event),
        terminated: () => (this.#opening = undefined),
      });
    } catch (cause) {
      this.#opening = undefined;
      if (isMissing) return undefined;
      throw storageError(cause, 'storage-unavailable');
    }
  }

  /**
   * Closes at once, so that no other tab has to wait.
   * @param {number | null} next version that another tab wants; null if that tab deletes the database
   * @param {Event} event
   */
  #closeForOtherTab(next, event) {
    this.#opening = undefined;
    /** @type {IDBDatabase} */ (event.target).close();
    if (next !== null) this.dispatchEvent(new Event('outdated'));
  }
}

/**
 * @template T
 * @param {() => Promise<T>} act
 */
async function withStorageErrors(act) {
  try {
    return await act();
  } catch (cause) {
    throw storageError(cause, 'storage-failed');
  }
}

/** @param {{abort(): void}} transaction */
function abort(transaction) {
  try {
    transaction.abort();
  } catch {
    // The transaction has already ended.
  }
}

/** @param {import('idb').IDBPDatabase} db */
function createStores(db) {
  for (const [store, keyPath] of Object.entries(STORES)) {
    if (!db.objectStoreNames.contains(store)) db.createObjectStore(store, { keyPath });
  }
}

/**
 * @param {unknown} cause
 * @param {import('../errors.js').ErrorCode} code if there is no more exact one for the cause
 */
function storageError(cause, code) {
  if (cause instanceof FacekeyError) return cause;
  const { name = '' } = /** @type {{name?: string}} */ (cause ?? {});
  return new FacekeyError(CODES[name] ?? code, String(cause), { cause });
}
