/**
 * Derives a key from a passphrase, with PBKDF2 instead of Argon2, because WebCrypto provides it: no further
 * code must be trusted, and no script can read the derived key.
 */

import { FacekeyError } from '../errors.js';

/** OWASP's recommendation for PBKDF2 with SHA-256. It is stored with every key, so it can be raised later. */
export const ITERATIONS = 600_000;

/** The fewest iterations accepted from storage: what the first version wrote. */
const MIN_ITERATIONS = 600_000;

/** The most iterations accepted from a file: more would only block the page. */
const MAX_ITERATIONS = 10_000_000;

export const SALT_LENGTH = 16;

/** Fewest characters of a new passphrase, as NIST SP 800-63B-4 requires: an exported file can be attacked offline. */
export const MIN_LENGTH = 15;

/** Fewest different characters of a new passphrase. */
const MIN_DIFFERENT = 6;

/**
 * @param {string} passphrase
 * @throws {FacekeyError} `passphrase-short` or `passphrase-simple`
 */
export function checkPassphrase(passphrase) {
  const characters = [...normalise(passphrase)];
  if (characters.length < MIN_LENGTH) throw new FacekeyError('passphrase-short');
  if (new Set(characters).size < MIN_DIFFERENT) throw new FacekeyError('passphrase-simple');
}

/**
 * Whether a stored number of iterations is neither too low nor so high that it blocks the page.
 * @param {number} iterations
 */
export function isSensible(iterations) {
  return Number.isInteger(iterations) && iterations >= MIN_ITERATIONS && iterations <= MAX_ITERATIONS;
}

/**
 * An AES-GCM key that cannot be read out.
 * @param {string} passphrase
 * @param {BufferSource} salt
 * @param {number} iterations
 * @param {KeyUsage[]} usages
 */
export async function deriveKey(passphrase, salt, iterations, usages) {
  const bytes = new TextEncoder().encode(normalise(passphrase));
  const base = await crypto.subtle.importKey('raw', bytes, 'PBKDF2', false, ['deriveKey']);
  return crypto.subtle.deriveKey(
    { name: 'PBKDF2', hash: 'SHA-256', salt, iterations },
    base,
    { name: 'AES-GCM', length: 256 },
    false,
    usages,
  );
}

/**
 * Makes passphrases equal that are the same text but were typed on different keyboards.
 * @param {string} passphrase
 */
function normalise(passphrase) {
  return passphrase.normalize('NFKC');
}
