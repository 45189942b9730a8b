/**
 * The key of the gallery as stored in IndexedDB: either a `CryptoKey` that no script can read out, or wrapped
 * under a passphrase. A key that cannot be read out cannot be wrapped either. So setting, changing or removing
 * a passphrase makes a new key and encrypts everything again; copies of the old key are then useless.
 */

import { FacekeyError } from '../errors.js';
import { deriveKey, ITERATIONS, isSensible, SALT_LENGTH } from './passphrase.js';
import { IV_LENGTH, TAG_LENGTH } from './vault.js';

/** Name of the only row. */
export const GALLERY_KEY = 'gallery';

const AES = { name: 'AES-GCM', length: 256 };

/** @type {KeyUsage[]} */
const USES = ['encrypt', 'decrypt'];

const WRAPPED_LENGTH = AES.length / 8 + TAG_LENGTH;

/**
 * @typedef {object} Wrapped
 * @property {number} iterations
 * @property {Uint8Array<ArrayBuffer>} salt
 * @property {Uint8Array<ArrayBuffer>} iv
 * @property {Uint8Array<ArrayBuffer>} data the key, encrypted
 */

/**
 * @typedef {object} KeyRow
 * @property {string} name
 * @property {string} id identifies the key
 * @property {CryptoKey} [key] if there is no passphrase
 * @property {Wrapped} [wrapped] if there is a passphrase
 */

/**
 * Makes a new key and the row that stores it.
 * @param {string} [passphrase] to wrap it under
 * @returns {Promise<{row: KeyRow, key: CryptoKey}>}
 */
export async function newKey(passphrase) {
  const id = crypto.randomUUID();
  if (passphrase !== undefined) return wrapNewKey(id, passphrase);
  const key = await crypto.subtle.generateKey(AES, false, USES);
  return { row: { name: GALLERY_KEY, id, key }, key };
}

/**
 * @param {string} id
 * @param {string} passphrase
 */
async function wrapNewKey(id, passphrase) {
  const salt = crypto.getRandomValues(new Uint8Array(SALT_LENGTH));
  const iv = crypto.getRandomValues(new Uint8Array(IV_LENGTH));
  const wrapping = await deriveKey(passphrase, salt, ITERATIONS, ['wrapKey']);
  const readable = await crypto.subtle.generateKey(AES, true, USES);
  const data = new Uint8Array(await crypto.subtle.wrapKey('raw', readable, wrapping, wrapParams(id, iv)));
  const row = { name: GALLERY_KEY, id, wrapped: { iterations: ITERATIONS, salt, iv, data } };
  return { row, key: await unwrap(row, passphrase) };
}

/**
 * Unwraps the key; no script can read it out.
 * @param {KeyRow} row
 * @param {string} passphrase
 * @returns {Promise<CryptoKey>}
 * @throws {FacekeyError} `wrong-passphrase` or `key-damaged`
 */
export async function unwrap({ id, wrapped }, passphrase) {
  if (!wrapped || !isWhole(wrapped)) throw new FacekeyError('key-damaged');
  const wrapping = await deriveKey(passphrase, wrapped.salt, wrapped.iterations, ['unwrapKey']);
  try {
    return await crypto.subtle.unwrapKey('raw', wrapped.data, wrapping, wrapParams(id, wrapped.iv), AES, false, USES);
  } catch (cause) {
    throw new FacekeyError('wrong-passphrase', undefined, { cause });
  }
}

/** @param {Wrapped} wrapped */
function isWhole({ iterations, salt, iv, data }) {
  const lengths = [salt, iv, data].map((bytes) => (bytes instanceof Uint8Array ? bytes.length : 0));
  return isSensible(iterations) && lengths.join() === [SALT_LENGTH, IV_LENGTH, WRAPPED_LENGTH].join();
}

/**
 * @param {string} id
 * @param {Uint8Array<ArrayBuffer>} iv
 */
function wrapParams(id, iv) {
  return { name: 'AES-GCM', iv, additionalData: new TextEncoder().encode(`facekey key ${id}`) };
}
