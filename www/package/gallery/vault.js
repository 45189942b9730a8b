/**
 * Encrypts records with AES-GCM. The id, the model and the schema are authenticated as well: a record that was
 * changed, truncated or swapped with another cannot be decrypted.
 */

import { FacekeyError } from '../errors.js';
import { fromPlain, SCHEMA, toPlain } from './records.js';

export const IV_LENGTH = 12;
export const TAG_LENGTH = 16;

/** @typedef {import('./records.js').Person} Person */

/**
 * A person as stored.
 * @typedef {object} SealedRow
 * @property {string} id
 * @property {number} schema
 * @property {string} modelId
 * @property {Uint8Array<ArrayBuffer>} iv
 * @property {Uint8Array<ArrayBuffer>} sealed
 */

/**
 * @param {CryptoKey} key
 * @param {Person} person
 * @returns {Promise<SealedRow>}
 */
export async function seal(key, person) {
  const { id, modelId } = person;
  const iv = crypto.getRandomValues(new Uint8Array(IV_LENGTH));
  const content = new TextEncoder().encode(JSON.stringify(toPlain(person)));
  const sealed = await crypto.subtle.encrypt(params(iv, { id, modelId, schema: SCHEMA }), key, content);
  return { id, schema: SCHEMA, modelId, iv, sealed: new Uint8Array(sealed) };
}

/**
 * @param {CryptoKey} key
 * @param {SealedRow} row
 * @returns {Promise<Person>}
 * @throws {FacekeyError} `record-damaged` or `record-newer`
 */
export async function unseal(key, row) {
  if (row.schema > SCHEMA) throw new FacekeyError('record-newer');
  try {
    const content = await crypto.subtle.decrypt(params(row.iv, row), key, row.sealed);
    return fromPlain(JSON.parse(new TextDecoder().decode(content)));
  } catch (cause) {
    throw new FacekeyError('record-damaged', row.id, { cause });
  }
}

/**
 * @param {Uint8Array<ArrayBuffer>} iv
 * @param {Pick<SealedRow, 'id' | 'modelId' | 'schema'>} bound
 */
function params(iv, { id, modelId, schema }) {
  const additionalData = new TextEncoder().encode(JSON.stringify(['facekey person', schema, id, modelId]));
  return { name: 'AES-GCM', iv, additionalData };
}

/** @typedef {{name: string, iv: Uint8Array<ArrayBuffer>, sealed: Uint8Array<ArrayBuffer>}} DocumentRow */

/**
 * Encrypts a JSON value, bound to its name.
 * @param {CryptoKey} key
 * @param {string} name
 * @param {unknown} value
 * @returns {Promise<DocumentRow>}
 */
export async function sealDocument(key, name, value) {
  const iv = crypto.getRandomValues(new Uint8Array(IV_LENGTH));
  const content = new TextEncoder().encode(JSON.stringify(value));
  const sealed = await crypto.subtle.encrypt(documentParams(iv, name), key, content);
  return { name, iv, sealed: new Uint8Array(sealed) };
}

/**
 * @param {CryptoKey} key
 * @param {DocumentRow} row
 * @returns {Promise<any>}
 * @throws {FacekeyError} `record-damaged`
 */
export async function unsealDocument(key, { name, iv, sealed }) {
  try {
    const content = await crypto.subtle.decrypt(documentParams(iv, name), key, sealed);
    return JSON.parse(new TextDecoder().decode(content));
  } catch (cause) {
    throw new FacekeyError('record-damaged', name, { cause });
  }
}

/**
 * @param {Uint8Array<ArrayBuffer>} iv
 * @param {string} name
 */
function documentParams(iv, name) {
  return { name: 'AES-GCM', iv, additionalData: new TextEncoder().encode(JSON.stringify(['facekey document', name])) };
}
