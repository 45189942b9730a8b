/**
 * The enrolled people, encrypted in IndexedDB. Every change is made under a lock that all tabs share, and is
 * written in one transaction, so that tabs cannot overwrite each other's changes. The other tabs are notified
 * and read again.
 */

import { joined } from '../embeddings.js';
import { FacekeyError } from '../errors.js';
import { Database } from './database.js';
import { GALLERY_KEY, newKey, unwrap } from './keys.js';
import { isPlain, upgrade } from './migrations.js';
import { MAX_NAME } from './records.js';
import { seal, sealDocument, unseal, unsealDocument } from './vault.js';

/** @typedef {import('./records.js').Person} Person */
/** @typedef {import('./keys.js').KeyRow} KeyRow */
/**
 * A template as `Facekey.enrol` returns it, and the dates of consent and expiry.
 * @typedef {import('../facekey.js').Template & Partial<Pick<Person, 'consentedAt' | 'expiresAt'>>} Template
 */

/**
 * A record that cannot be used; nobody is compared with it.
 * @typedef {object} UnusableRecord
 * @property {string} id
 * @property {'record-damaged' | 'record-newer'} why
 */

/**
 * @typedef {object} Contents
 * @property {Person[]} people by name
 * @property {UnusableRecord[]} unusable records that cannot be used
 */

/** Prefix of the names of documents' rows. */
const DOCUMENT = 'document ';

/**
 * Opens the gallery of this name in this browser. Pages of the same origin share it.
 * @param {string} [name]
 */
export function openGallery(name) {
  return new Gallery(new Database(name));
}

/**
 * Fires `change` when another tab changed something, `wiped` when this or another one deleted
 * everything, and the database's `blocked` and `outdated`.
 */
export class Gallery extends EventTarget {
  #db;
  /** Name of the lock and of the channel between tabs. @type {string} */
  #name;
  /** @type {BroadcastChannel} */
  #others;
  /** The key in memory, and the id of its row. @type {{id: string, key: CryptoKey} | undefined} */
  #held;
  /** Whether a passphrase protects the key. */
  isProtected = false;

  /** @param {Database} db */
  constructor(db) {
    super();
    this.#db = db;
    this.#name = `${db.name}-gallery`;
    this.#others = new BroadcastChannel(this.#name);
    this.#others.onmessage = ({ data }) => {
      if (data === 'wiped') this.#forget();
      if (data === 'locked') this.#held = undefined;
      this.dispatchEvent(new Event(data === 'locked' ? 'change' : data));
    };
    for (const type of ['blocked', 'outdated']) {
      db.addEventListener(type, () => this.dispatchEvent(new Event(type)));
    }
  }

  /** Whether the passphrase is needed. */
  get isLocked() {
    return this.isProtected && !this.#held;
  }

  /**
   * All people; an empty list while the gallery is locked.
   * @returns {Promise<Contents>}
   */
  async list() {
    const contents = await this.#read();
    if (contents.plain.length === 0) return contents;
    return this.#change(async () => {
      await this.#key();
      return this.#read();
    });
  }

  /**
   * Checks a name before an enrolment, so that it does not fail at its end.
   * @param {string} name
   * @throws {FacekeyError} `name-missing`, `name-taken` or `gallery-locked`
   */
  async checkName(name) {
    freeName((await this.#readUnlocked()).people, name);
  }

  /**
   * @param {{name: string} & Template} entry
   * @returns {Promise<Person>}
   * @throws {FacekeyError} `name-missing`, `name-taken`, `gallery-locked`, `bad-template` or `storage-full`
   */
  add({ name, modelId, samples, consentedAt = null, expiresAt = null }) {
    return this.#change(async () => {
      const template = { modelId, samples: joined(samples), consentedAt, expiresAt };
      const { people } = await this.#readUnlocked();
      const now = Date.now();
      const dates = { createdAt: now, updatedAt: now };
      return this.#put({ id: crypto.randomUUID(), name: freeName(people, name), ...template, ...dates });
    });
  }

  /**
   * Replaces a person's template.
   * @param {string} id
   * @param {Template} template
   */
  replaceTemplate(id, template) {
    return this.#change(async () => {
      const person = find(await this.#readUnlocked(), id);
      return this.#put({ ...person, ...template, samples: joined(template.samples), updatedAt: Date.now() });
    });
  }

  /**
   * @param {string} id
   * @param {string} name
   */
  rename(id, name) {
    return this.#change(async () => {
      const contents = await this.#readUnlocked();
      return this.#put({ ...find(contents, id), name: freeName(contents.people, name, id) });
    });
  }

  /** @param {string[]} ids */
  remove(ids) {
    return this.#change(() =>
      this.#db.write(['people'], async (transaction) => {
        await Promise.all(ids.map((id) => transaction.objectStore('people').delete(id)));
      }),
    );
  }

  /**
   * Restores a deleted person.
   * @param {Person} person
   */
  restore(person) {
    return this.#change(async () => {
      const { people } = await this.#readUnlocked();
      return this.#put({ ...person, name: numbered(people, person) });
    });
  }

  /**
   * The enrolled people whose templates `importPeople` would replace.
   * @param {Person[]} arriving
   */
  async replacedBy(arriving) {
    const { people } = await this.#readUnlocked();
    const changed = merge(people, arriving);
    return people.filter(({ id }) => changed.some((person) => person.id === id));
  }

  /**
   * Adds the people of a file. If a person is already enrolled, the newer template is kept. If somebody else
   * has the name, a number is added to it.
   * @param {Person[]} arriving
   * @returns {Promise<{added: number, replaced: number, known: number}>}
   */
  importPeople(arriving) {
    return this.#change(async () => {
      const { people } = await this.#readUnlocked();
      const changed = merge(people, arriving);
      await this.#putAll(changed);
      const replaced = changed.filter(({ id }) => people.some((person) => person.id === id)).length;
      return { added: changed.length - replaced, replaced, known: arriving.length - changed.length };
    });
  }

  /**
   * @param {string} passphrase
   * @throws {FacekeyError} `wrong-passphrase` or `key-damaged`
   */
  async unlock(passphrase) {
    const row = await this.#keyRow();
    if (row?.wrapped) this.#held = { id: row.id, key: await unwrap(row, passphrase) };
  }

  /** Removes the key from memory in all tabs, so that the passphrase is needed again. */
  lock() {
    if (!this.isProtected || !this.#held) return;
    this.#held = undefined;
    this.#others.postMessage('locked');
    this.dispatchEvent(new Event('change'));
  }

  /**
   * Encrypts everything again under a new key.
   * @param {string | undefined} passphrase that protects the new key; none if undefined
   * @param {string} [current] the current passphrase, if there is one
   * @throws {FacekeyError} `wrong-passphrase`, or `record-newer` if there are records that only a newer
   *   version of the page can read: they would be lost
   */
  protect(passphrase, current = '') {
    return this.#change(async () => {
      const old = await this.#keyRow();
      if (old?.wrapped) await unwrap(old, current);
      const { people, unusable } = await this.#readUnlocked();
      if (unusable.some(({ why }) => why === 'record-newer')) throw new FacekeyError('record-newer');
      await this.#sealUnder(await newKey(passphrase), people);
    });
  }

  /**
   * A document that is kept beside the people, under the same key.
   * @param {string} name
   * @returns {Promise<any>} undefined if there is none, or if it was changed in storage
   */
  async readDocument(name) {
    await this.#readUnlocked();
    const key = this.#held?.key;
    const [rows] = await this.#db.readAll(['settings']);
    const row = rows.find((it) => it.name === DOCUMENT + name);
    return key && row ? unsealDocument(key, row).catch(() => undefined) : undefined;
  }

  /**
   * @param {string} name
   * @param {unknown} value that JSON can represent
   */
  async writeDocument(name, value) {
    await navigator.locks.request(this.#name, async () => {
      const row = await sealDocument(await this.#key(), DOCUMENT + name, value);
      await this.#db.write(['settings'], (transaction) => transaction.objectStore('settings').put(row));
    });
  }

  /**
   * Removes the key from memory and closes the database, while `empty` and `erase` run under the lock. Fires
   * `wiped`, in this tab and in the others, once the records are cleared, even if another tab delays deleting
   * the database.
   * @param {{empty: () => Promise<void>, erase: () => Promise<void>}} how
   */
  wipe({ empty, erase }) {
    return navigator.locks.request(this.#name, async () => {
      this.#forget();
      this.#db.close();
      await empty().catch(erase);
      this.#others.postMessage('wiped');
      this.dispatchEvent(new Event('wiped'));
      await erase();
    });
  }

  #forget() {
    this.#held = undefined;
    this.isProtected = false;
  }

  /**
   * @template T
   * @param {() => Promise<T>} act
   * @returns {Promise<T>}
   */
  async #change(act) {
    const result = await navigator.locks.request(this.#name, act);
    this.#others.postMessage('change');
    return /** @type {T} */ (result);
  }

  /** Reads everything in one transaction. @returns {Promise<Contents & {plain: Person[]}>} */
  async #read() {
    const [rows, keys] = await this.#db.readAll(['people', 'keys']);
    this.#adoptKey(keys.find(({ name }) => name === GALLERY_KEY));
    /** @type {Contents & {plain: Person[]}} */
    const contents = { people: [], unusable: [], plain: [] };
    if (this.isLocked) return contents;
    const key = this.#held?.key;
    await Promise.all(rows.map((row) => classify(contents, row, key)));
    contents.people.sort((a, b) => a.name.localeCompare(b.name));
    return contents;
  }

  async #readUnlocked() {
    const contents = await this.#read();
    if (this.isLocked) throw new FacekeyError('gallery-locked');
    return contents;
  }

  /** @param {Person} person */
  async #put(person) {
    await this.#putAll([person]);
    return person;
  }

  /** @param {Person[]} people */
  async #putAll(people) {
    const key = await this.#key();
    const rows = await Promise.all(people.map((person) => seal(key, person)));
    await this.#db.write(['people'], async (transaction) => {
      await Promise.all(rows.map((row) => transaction.objectStore('people').put(row)));
    });
  }

  /** The key for encryption. The first use creates it and encrypts the records that are not encrypted yet. */
  async #key() {
    const { plain } = await this.#readUnlocked();
    if (this.#held) return this.#held.key;
    return this.#sealUnder(await newKey(), plain);
  }

  /**
   * Stores a new key and all records encrypted under it, in one transaction.
   * @param {Awaited<ReturnType<typeof newKey>>} made
   * @param {Person[]} people
   */
  async #sealUnder({ row, key }, people) {
    const rows = await Promise.all(people.map((person) => seal(key, person)));
    const documents = await this.#documentsUnder(key);
    await this.#db.write(['people', 'keys', 'settings'], async (transaction) => {
      await transaction.objectStore('keys').put(row); // first, because some windows cannot store a key
      const [store, settings] = [transaction.objectStore('people'), transaction.objectStore('settings')];
      await Promise.all([...rows.map((it) => store.put(it)), ...documents.map((it) => settings.put(it))]);
    });
    this.#held = { id: row.id, key };
    return key;
  }

  /** All documents, encrypted again under another key. @param {CryptoKey} key */
  async #documentsUnder(key) {
    const old = this.#held?.key;
    if (!old) return [];
    const [rows] = await this.#db.readAll(['settings']);
    const documents = rows.filter(({ name }) => String(name).startsWith(DOCUMENT));
    return Promise.all(documents.map(async (row) => sealDocument(key, row.name, await unsealDocument(old, row))));
  }

  /** @returns {Promise<KeyRow | undefined>} */
  async #keyRow() {
    const [keys] = await this.#db.readAll(['keys']);
    const row = keys.find(({ name }) => name === GALLERY_KEY);
    this.#adoptKey(row);
    return row;
  }

  /**
   * Uses the key of this row, and drops a key that another tab has replaced.
   * @param {KeyRow | undefined} row
   */
  #adoptKey(row) {
    this.isProtected = row?.wrapped !== undefined;
    if (row?.id === this.#held?.id) return;
    this.#held = row?.key instanceof CryptoKey ? { id: row.id, key: row.key } : undefined;
  }
}

/**
 * Adds a stored row to the people, or to `unusable` if it cannot be read; other rows are not affected. Once there
 * is a key, rows that are not encrypted are refused.
 * @param {Contents & {plain: Person[]}} contents
 * @param {any} row
 * @param {CryptoKey | undefined} key
 */
async function classify({ people, unusable, plain }, row, key) {
  try {
    if (isPlain(row) === Boolean(key)) throw new FacekeyError('record-damaged', 'row and key do not belong together');
    const person = key ? await unseal(key, row) : upgrade(row);
    people.push(person);
    if (!key) plain.push(person);
  } catch (reason) {
    const { code } = FacekeyError.from(reason);
    unusable.push({ id: row.id, why: code === 'record-newer' ? 'record-newer' : 'record-damaged' });
  }
}

/**
 * @param {Contents} contents
 * @param {string} id
 */
function find({ people }, id) {
  const person = people.find((it) => it.id === id);
  if (!person) throw new FacekeyError('person-gone');
  return person;
}

/**
 * The normalised name, if nobody else has it.
 * @param {Person[]} people
 * @param {string} wanted
 * @param {string} [owner] id of the person who may have it already
 */
function freeName(people, wanted, owner) {
  const name = wanted.trim().replace(/\s+/g, ' ').slice(0, MAX_NAME);
  if (!name) throw new FacekeyError('name-missing');
  if (isTaken(people, name, owner)) throw new FacekeyError('name-taken', name);
  return name;
}

/**
 * @param {Person[]} people
 * @param {string} name
 * @param {string} [owner]
 */
function isTaken(people, name, owner) {
  return people.some(
    (person) => person.id !== owner && person.name.localeCompare(name, undefined, { sensitivity: 'accent' }) === 0,
  );
}

/**
 * The arriving people who are new or newer, with a number added to names that somebody else has.
 * @param {Person[]} present
 * @param {Person[]} arriving
 */
export function merge(present, arriving) {
  const all = new Map(present.map((person) => [person.id, person]));
  return arriving.flatMap((person) => {
    const known = all.get(person.id);
    if (known && known.updatedAt >= person.updatedAt) return [];
    const kept = { ...person, name: numbered([...all.values()], person) };
    all.set(person.id, kept);
    return [kept];
  });
}

/**
 * @param {Person[]} people
 * @param {Person} person
 */
function numbered(people, { id, name }) {
  let free = name;
  for (let count = 2; isTaken(people, free, id); count++) {
    const suffix = ` (${count})`;
    free = name.slice(0, MAX_NAME - suffix.length) + suffix;
  }
  return free;
}
