/**
 * The gallery as one file, encrypted under a passphrase; `docs/gallery-file.md` describes the format. The
 * checksum at the end distinguishes a damaged file from a wrong passphrase, which the encryption alone cannot.
 * It reveals nothing, because it is computed from the encrypted bytes.
 */

import { FacekeyError } from '../errors.js';
import { deriveKey, ITERATIONS, isSensible, SALT_LENGTH } from './passphrase.js';
import { fromPlain, toPlain } from './records.js';
import { IV_LENGTH, TAG_LENGTH } from './vault.js';

const MAGIC = new TextEncoder().encode('FKGALLRY');
const VERSION = 1;
const CHECKSUM_LENGTH = 32;

/** Where each field of the header begins. */
const AT = (() => {
  const version = MAGIC.length;
  const iterations = version + 2;
  const salt = iterations + 4;
  const iv = salt + SALT_LENGTH;
  return { version, iterations, salt, iv, content: iv + IV_LENGTH };
})();

const MIN_LENGTH = AT.content + TAG_LENGTH + CHECKSUM_LENGTH;

/** Largest file that is opened, in bytes: some thousand people. */
export const MAX_FILE_SIZE = 50e6;

/** @typedef {import('./records.js').Person} Person */
/** @typedef {Uint8Array<ArrayBuffer>} Bytes */

/**
 * @param {Person[]} people
 * @param {string} passphrase
 * @param {Record<string, unknown>} [receipt] further data for the owner of the file; `importFile` ignores it
 * @returns {Promise<Bytes>}
 */
export async function exportFile(people, passphrase, receipt) {
  const header = newHeader();
  const content = new TextEncoder().encode(JSON.stringify({ people: people.map(toPlain), receipt }));
  const { key, params } = await cipher(header, passphrase, 'encrypt');
  const sealed = new Uint8Array(await crypto.subtle.encrypt(params, key, content));
  const body = concat(header, sealed);
  return concat(body, await checksum(body));
}

/**
 * @param {Bytes} file
 * @param {string} passphrase
 * @returns {Promise<Person[]>}
 * @throws {FacekeyError} `file-foreign`, `file-newer`, `file-damaged` or `wrong-passphrase`
 */
export async function importFile(file, passphrase) {
  const body = await checked(file);
  const { key, params } = await cipher(body.subarray(0, AT.content), passphrase, 'decrypt');
  const content = await crypto.subtle.decrypt(params, key, body.subarray(AT.content)).catch((cause) => {
    throw new FacekeyError('wrong-passphrase', undefined, { cause });
  });
  return readPeople(content);
}

/**
 * Verifies the checksum and returns the file without it. So a file that is no gallery is refused before the
 * passphrase is asked for.
 * @param {Bytes} file
 * @throws {FacekeyError} `file-foreign`, `file-newer` or `file-damaged`
 */
export async function checked(file) {
  if (!MAGIC.every((byte, index) => file[index] === byte)) throw new FacekeyError('file-foreign');
  if (file.length < MIN_LENGTH || file.length > MAX_FILE_SIZE) throw new FacekeyError('file-damaged', `${file.length} bytes`);
  if (view(file).getUint16(AT.version) > VERSION) throw new FacekeyError('file-newer');
  const body = file.subarray(0, -CHECKSUM_LENGTH);
  const sum = await checksum(body);
  if (!file.subarray(-CHECKSUM_LENGTH).every((byte, index) => byte === sum[index])) {
    throw new FacekeyError('file-damaged', 'the checksum does not match');
  }
  if (!isSensible(view(file).getUint32(AT.iterations))) throw new FacekeyError('file-damaged', 'iterations');
  return body;
}

/** @param {ArrayBuffer} content */
function readPeople(content) {
  try {
    const { people } = JSON.parse(new TextDecoder().decode(content));
    return /** @type {any[]} */ (people).map(fromPlain);
  } catch (cause) {
    throw new FacekeyError('file-damaged', 'an entry in it cannot be read', { cause });
  }
}

/** @returns {Bytes} with fresh salt and initialisation vector */
function newHeader() {
  const header = crypto.getRandomValues(new Uint8Array(AT.content));
  header.set(MAGIC);
  view(header).setUint16(AT.version, VERSION);
  view(header).setUint32(AT.iterations, ITERATIONS);
  return header;
}

/**
 * The key and the parameters of the encryption; the whole header is authenticated.
 * @param {Bytes} header
 * @param {string} passphrase
 * @param {'encrypt' | 'decrypt'} use
 */
async function cipher(header, passphrase, use) {
  const salt = header.slice(AT.salt, AT.iv);
  const iv = header.slice(AT.iv, AT.content);
  const key = await deriveKey(passphrase, salt, view(header).getUint32(AT.iterations), [use]);
  return { key, params: { name: 'AES-GCM', iv, additionalData: header } };
}

/** @param {Bytes} bytes */
async function checksum(bytes) {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
}

/** @param {Bytes} bytes */
function view({ buffer, byteOffset, byteLength }) {
  return new DataView(buffer, byteOffset, byteLength);
}

/**
 * @param {Bytes} a
 * @param {Bytes} b
 */
function concat(a, b) {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
