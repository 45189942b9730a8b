/**
 * Derives a key from a passkey. WebAuthn's PRF extension returns the same secret bytes for the same passkey, and
 * only after its owner has touched it, entered a PIN or unlocked the device.
 */

import { PageError } from '../errors.js';

/** Separates this use of a passkey's secret from other uses. */
const INFO = new TextEncoder().encode('facekey vault');

const SALT_LENGTH = 32;

/** @typedef {{credentialId: Uint8Array<ArrayBuffer>, salt: Uint8Array<ArrayBuffer>}} Passkey the data to store for it; neither is secret */

/** Whether this browser supports passkeys. PRF support is known only when a passkey is created. */
export const knowsPasskeys = 'PublicKeyCredential' in globalThis;

/**
 * Makes a passkey.
 * @param {string} name that the device shows for it
 * @returns {Promise<{passkey: Passkey, key: CryptoKey}>}
 * @throws {PageError} `passkey-refused`, or `passkey-unsuitable` if it does not support PRF
 */
export async function makePasskey(name) {
  const salt = random(SALT_LENGTH);
  const credential = await requestCredential(() =>
    navigator.credentials.create({
      publicKey: {
        challenge: random(32),
        rp: { name: 'facekey' },
        user: { id: random(16), name, displayName: name },
        pubKeyCredParams: [
          { type: 'public-key', alg: -7 },
          { type: 'public-key', alg: -257 },
        ],
        authenticatorSelection: { residentKey: 'preferred', userVerification: 'required' },
        extensions: { prf: { eval: { first: salt } } },
      },
    }),
  );
  const { prf } = credential.getClientExtensionResults();
  if (!prf?.enabled && !prf?.results) throw new PageError('passkey-unsuitable');
  const passkey = { credentialId: new Uint8Array(credential.rawId), salt };
  return { passkey, key: prf.results ? await keyFrom(prf.results.first) : await usePasskey(passkey) };
}

/**
 * Derives the same key as `makePasskey`.
 * @param {Passkey} passkey
 * @returns {Promise<CryptoKey>} for wrapping and unwrapping
 * @throws {PageError} `passkey-refused` or `passkey-unsuitable`
 */
export async function usePasskey({ credentialId, salt }) {
  const credential = await requestCredential(() =>
    navigator.credentials.get({
      publicKey: {
        challenge: random(32),
        allowCredentials: [{ type: 'public-key', id: credentialId }],
        userVerification: 'required',
        extensions: { prf: { eval: { first: salt } } },
      },
    }),
  );
  const secret = credential.getClientExtensionResults().prf?.results?.first;
  if (!secret) throw new PageError('passkey-unsuitable');
  return keyFrom(secret);
}

/** @param {() => Promise<Credential | null>} request */
async function requestCredential(request) {
  try {
    const credential = await request();
    if (credential instanceof PublicKeyCredential) return credential;
  } catch (cause) {
    throw new PageError('passkey-refused', String(cause), { cause });
  }
  throw new PageError('passkey-refused');
}

/** @param {BufferSource} secret */
async function keyFrom(secret) {
  const base = await crypto.subtle.importKey('raw', secret, 'HKDF', false, ['deriveKey']);
  const params = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info: INFO };
  return crypto.subtle.deriveKey(params, base, { name: 'AES-GCM', length: 256 }, false, ['wrapKey', 'unwrapKey']);
}

/** @param {number} length */
function random(length) {
  return crypto.getRandomValues(new Uint8Array(length));
}
