/**
 * The enrolled people, in IndexedDB: a name and embeddings, never a picture. Every record carries
 * the schema it was written in and the model whose embeddings it holds, since embeddings of
 * different models cannot be compared.
 */

import { openDB } from 'idb';
import { PageError } from './errors.js';

const DATABASE = 'facekey';
const DATABASE_VERSION = 1;
const STORE = 'people';

/** Version of the records' layout. */
export const SCHEMA = 1;

/** Numbers in an embedding. */
export const EMBEDDING_DIM = 128;

/** Longest name in characters. */
export const MAX_NAME = 60;

/**
 * @typedef {object} Person
 * @property {string} id
 * @property {number} schema
 * @property {string} name
 * @property {string} modelId
 * @property {Float32Array} samples embeddings one after the other
 * @property {number} createdAt milliseconds since 1970
 * @property {number} updatedAt when the samples were taken
 */

/** @typedef {'ready' | 'other-model' | 'unreadable'} Standing whether a template can be compared */

/**
 * @param {Person} person
 * @param {string} modelId the model that computes now
 * @returns {Standing}
 */
export function standing(person, modelId) {
  const { schema, samples } = person;
  const whole =
    schema === SCHEMA &&
    samples instanceof Float32Array &&
    samples.length > 0 &&
    samples.length % EMBEDDING_DIM === 0;
  if (!whole) return 'unreadable';
  return person.modelId === modelId ? 'ready' : 'other-model';
}

export class Gallery {
  #db;

  /** @param {import('idb').IDBPDatabase} db */
  constructor(db) {
    this.#db = db;
  }

  /** @throws {PageError} `storage-unavailable` */
  static async open() {
    try {
      const db = await openDB(DATABASE, DATABASE_VERSION, {
        upgrade: (fresh) => void fresh.createObjectStore(STORE, { keyPath: 'id' }),
        blocking: (_current, _next, event) => /** @type {IDBDatabase} */ (event.target).close(),
      });
      return new Gallery(db);
    } catch (cause) {
      throw new PageError('storage-unavailable', String(cause), { cause });
    }
  }

  /** Everyone, by name. @returns {Promise<Person[]>} */
  async list() {
    const people = await guard(this.#db.getAll(STORE));
    return people.sort((a, b) => String(a.name).localeCompare(String(b.name)));
  }

  /**
   * @param {{name: string, modelId: string, samples: Float32Array}} entry
   * @returns {Promise<Person>}
   * @throws {PageError} `name-missing`, `name-taken` or `storage-full`
   */
  async add({ name, modelId, samples }) {
    const now = Date.now();
    const person = {
      id: crypto.randomUUID(),
      schema: SCHEMA,
      name: await this.#freeName(name),
      modelId,
      samples,
      createdAt: now,
      updatedAt: now,
    };
    await guard(this.#db.add(STORE, person));
    return person;
  }

  /**
   * Puts a new template in the place of the old one.
   * @param {string} id
   * @param {{modelId: string, samples: Float32Array}} template
   */
  async replaceTemplate(id, { modelId, samples }) {
    return this.#change(id, { schema: SCHEMA, modelId, samples, updatedAt: Date.now() });
  }

  /**
   * @param {string} id
   * @param {string} name
   */
  async rename(id, name) {
    return this.#change(id, { name: await this.#freeName(name, id) });
  }

  /** @param {string} id */
  async remove(id) {
    await guard(this.#db.delete(STORE, id));
  }

  async removeAll() {
    await guard(this.#db.clear(STORE));
  }

  /**
   * The name as it is kept, if nobody else has it.
   * @param {string} wanted
   * @param {string} [owner] id of the person who may have it already
   */
  async #freeName(wanted, owner) {
    const name = wanted.trim().replace(/\s+/g, ' ').slice(0, MAX_NAME);
    if (!name) throw new PageError('name-missing');
    const same = (await this.list()).find((person) => person.id !== owner && equal(person.name, name));
    if (same) throw new PageError('name-taken', name);
    return name;
  }

  /**
   * Reads and writes in one transaction, so that two tabs cannot undo each other's changes.
   * @param {string} id
   * @param {Partial<Person>} change
   * @returns {Promise<Person>}
   */
  async #change(id, change) {
    const transaction = this.#db.transaction(STORE, 'readwrite');
    const person = await guard(transaction.store.get(id));
    if (!person) throw new PageError('person-gone');
    const changed = { ...person, ...change };
    await guard(Promise.all([transaction.store.put(changed), transaction.done]));
    return changed;
  }
}

/**
 * @param {string} a
 * @param {string} b
 */
function equal(a, b) {
  return String(a).localeCompare(b, undefined, { sensitivity: 'accent' }) === 0;
}

/**
 * @template T
 * @param {Promise<T>} request
 * @returns {Promise<T>}
 */
async function guard(request) {
  try {
    return await request;
  } catch (cause) {
    const full = cause instanceof DOMException && cause.name === 'QuotaExceededError';
    throw new PageError(full ? 'storage-full' : 'storage-failed', String(cause), { cause });
  }
}
