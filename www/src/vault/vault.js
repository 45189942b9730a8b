/**
 * A private note and files, encrypted under a separate key, which is wrapped under a passkey or a passphrase. A
 * face cannot open the vault: the stored data contain nothing that a face match could decrypt.
 */

import { PageError } from '../errors.js';
import { deriveKey, ITERATIONS, isSensible, SALT_LENGTH } from '../../package/gallery/passphrase.js';
import { IV_LENGTH, sealDocument, unsealDocument } from '../../package/gallery/vault.js';
import { usePasskey } from './passkey.js';

const KEY_ROW = 'vault key';
const CONTENT_ROW = 'vault content';

const AES = { name: 'AES-GCM', length: 256 };

/** Size limits in bytes, for one file and for all together. */
export const MAX_BYTES = { one: 5e6, all: 20e6 };

/** @typedef {{name: string, type: string, data: string}} StoredFile its bytes in base64 */
/** @typedef {{note: string, files: StoredFile[]}} Content */
/** @typedef {import('./passkey.js').Passkey} Passkey */

/**
 * The vault's key, wrapped under the key of a passkey or a passphrase.
 * @typedef {object} KeyRow
 * @property {string} name
 * @property {Uint8Array<ArrayBuffer>} iv
 * @property {Uint8Array<ArrayBuffer>} wrapped
 * @property {Passkey} [passkey]
 * @property {{salt: Uint8Array<ArrayBuffer>, iterations: number}} [passphrase]
 */

/** @typedef {Pick<import('../../package/gallery/database.js').Database, 'readAll' | 'write'>} Store */

export class Vault {
  #db;
  /** @type {CryptoKey | undefined} */
  #key;

  /** @param {Store} db */
  constructor(db) {
    this.#db = db;
  }

  get isOpen() {
    return this.#key !== undefined;
  }

  /** How the key is protected; undefined if there is no vault. @returns {Promise<'passkey' | 'passphrase' | undefined>} */
  async method() {
    const row = await this.#keyRow();
    if (!row) return undefined;
    return row.passkey ? 'passkey' : 'passphrase';
  }

  /** @param {{passkey: Passkey, key: CryptoKey}} made */
  createWithPasskey({ passkey, key }) {
    return this.#create(key, { passkey });
  }

  /** @param {string} passphrase */
  async createWithPassphrase(passphrase) {
    const salt = crypto.getRandomValues(new Uint8Array(SALT_LENGTH));
    const key = await deriveKey(passphrase, salt, ITERATIONS, ['wrapKey', 'unwrapKey']);
    await this.#create(key, { passphrase: { salt, iterations: ITERATIONS } });
  }

  /**
   * @param {string} [passphrase] if one protects the key
   * @returns {Promise<Content>}
   * @throws {PageError} `wrong-passphrase`, `passkey-refused`, `passkey-unsuitable` or `key-damaged`
   */
  async open(passphrase = '') {
    const row = await this.#keyRow();
    if (!row) throw new PageError('vault-missing');
    const wrapping = row.passkey ? await usePasskey(row.passkey) : await passphraseKey(row, passphrase);
    try {
      const params = { name: 'AES-GCM', iv: row.iv };
      this.#key = await crypto.subtle.unwrapKey('raw', row.wrapped, wrapping, params, AES, false, ['encrypt', 'decrypt']);
    } catch (cause) {
      throw new PageError(row.passkey ? 'key-damaged' : 'wrong-passphrase', undefined, { cause });
    }
    return this.read();
  }

  /** @returns {Promise<Content>} */
  async read() {
    const [rows] = await this.#db.readAll(['settings']);
    const row = rows.find(({ name }) => name === CONTENT_ROW);
    return row ? unsealDocument(this.#opened, row) : { note: '', files: [] };
  }

  /** @param {Content} content */
  async write(content) {
    const row = await sealDocument(this.#opened, CONTENT_ROW, content);
    await this.#db.write(['settings'], (transaction) => transaction.objectStore('settings').put(row));
  }

  /** Removes the key from memory. */
  close() {
    this.#key = undefined;
  }

  async remove() {
    this.close();
    await this.#db.write(['settings'], async (transaction) => {
      const store = transaction.objectStore('settings');
      await Promise.all([store.delete(KEY_ROW), store.delete(CONTENT_ROW)]);
    });
  }

  get #opened() {
    if (!this.#key) throw new PageError('vault-closed');
    return this.#key;
  }

  /**
   * @param {CryptoKey} wrapping
   * @param {Pick<KeyRow, 'passkey' | 'passphrase'>} method
   */
  async #create(wrapping, method) {
    const iv = crypto.getRandomValues(new Uint8Array(IV_LENGTH));
    const readable = await crypto.subtle.generateKey(AES, true, ['encrypt', 'decrypt']);
    const params = { name: 'AES-GCM', iv };
    const wrapped = new Uint8Array(await crypto.subtle.wrapKey('raw', readable, wrapping, params));
    const row = { name: KEY_ROW, iv, wrapped, ...method };
    await this.#db.write(['settings'], (transaction) => transaction.objectStore('settings').put(row));
    this.#key = await crypto.subtle.unwrapKey('raw', wrapped, wrapping, params, AES, false, ['encrypt', 'decrypt']);
  }

  /** @returns {Promise<KeyRow | undefined>} */
  async #keyRow() {
    const [rows] = await this.#db.readAll(['settings']);
    return rows.find(({ name }) => name === KEY_ROW);
  }
}

/**
 * @param {KeyRow} row
 * @param {string} passphrase
 */
function passphraseKey({ passphrase: kept }, passphrase) {
  if (!kept || !isSensible(kept.iterations)) throw new PageError('key-damaged');
  return deriveKey(passphrase, kept.salt, kept.iterations, ['unwrapKey']);
}
