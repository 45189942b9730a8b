/**
 * The database behind a gallery. It opens when it is first needed and again after it was closed: by the
 * browser, or because another tab deletes or upgrades it.
 */

import { openDB } from 'idb';
import { FacekeyError } from '../errors.js';

/** Its name unless another is given. */
export const DATABASE = 'facekey';

/** 1: people. 2: also keys and settings. */
const VERSION = 2;

const STORES = /** @type {const} */ ({ people: 'id', keys: 'name', settings: 'name' });

/** What IndexedDB throws, by its name, as codes. @type {Record<string, import('../errors.js').ErrorCode>} */
const CODES = {
  QuotaExceededError: 'storage-full',
  VersionError: 'storage-newer',
  DataCloneError: 'storage-unavailable', // some private windows cannot keep a key
};

/** @typedef {keyof typeof STORES} Store */

/**
 * What is used of a store; the types of `idb` would ask all who import the gallery's for that library.
 * @typedef {object} Rows
 * @property {(key: string) => Promise<any>} get
 * @property {() => Promise<any[]>} getAll
 * @property {() => Promise<IDBValidKey[]>} getAllKeys
 * @property {(row: object) => Promise<unknown>} put
 * @property {(key: string) => Promise<void>} delete
 * @property {() => Promise<void>} clear
 */

/** @typedef {{objectStore(name: Store): Rows}} Writing */

/** Fires `blocked` while another tab holds an older database, and `outdated` when this one is. */
export class Database extends EventTarget {
  /** @type {Promise<import('idb').IDBPDatabase> | undefined} */
  #opening;

  /** @param {string} [name] */
  constructor(name = DATABASE) {
    super();
    this.name = name;
  }

  /**
   * All rows of some stores, as they were at one moment.
   * @param {Store[]} stores
   * @returns {Promise<any[][]>}
   */
  readAll(stores) {
    return this.#use(async (db) => {
      const transaction = db.transaction(stores);
      return Promise.all(stores.map((store) => transaction.objectStore(store).getAll()));
    });
  }

  /**
   * Reads and writes in one transaction: all of it happens, or nothing.
   * @template T
   * @param {Store[]} stores
   * @param {(transaction: Writing) => Promise<T>} act waits for nothing but the database
   * @returns {Promise<T>}
   */
  write(stores, act) {
    return this.#use(async (db) => {
      const transaction = db.transaction(stores, 'readwrite');
      try {
        const [result] = await Promise.all([act(transaction), transaction.done]);
        return result;
      } catch (cause) {
        abort(transaction); // what `act` had asked for by then would be written without the rest
        throw cause;
      }
    });
  }

  /** Lets go of the database: at once, or as soon as it is open. */
  close() {
    void this.#opening?.then((db) => db.close(), () => {});
    this.#opening = undefined;
  }

  /**
   * @template T
   * @param {(db: import('idb').IDBPDatabase) => Promise<T>} act
   */
  async #use(act) {
    this.#opening ??= this.#open();
    const db = await this.#opening;
    try {
      return await act(db);
    } catch (cause) {
      throw storageError(cause, 'storage-failed');
    }
  }

  async #open() {
    try {
      return await openDB(this.name, VERSION, {
        upgrade: createStores,
        blocked: () => this.dispatchEvent(new Event('blocked')),
        blocking: (_current, next, event) => this.#giveWay(next, event),
        terminated: () => (this.#opening = undefined),
      });
    } catch (cause) {
      this.#opening = undefined;
      throw storageError(cause, 'storage-unavailable');
    }
  }

  /**
   * Closes at once, so that no other tab has to wait.
   * @param {number | null} next version that another tab wants; null where it deletes
   * @param {Event} event
   */
  #giveWay(next, event) {
    this.#opening = undefined;
    /** @type {IDBDatabase} */ (event.target).close();
    if (next !== null) this.dispatchEvent(new Event('outdated'));
  }
}

/** @param {{abort(): void}} transaction */
function abort(transaction) {
  try {
    transaction.abort();
  } catch {
    // It has ended by itself.
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
 * @param {import('../errors.js').ErrorCode} code where the cause says nothing more exact
 */
function storageError(cause, code) {
  if (cause instanceof FacekeyError) return cause;
  const { name = '' } = /** @type {{name?: string}} */ (cause ?? {});
  return new FacekeyError(CODES[name] ?? code, String(cause), { cause });
}
