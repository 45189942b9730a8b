/**
 * A key from a passphrase. PBKDF2 rather than Argon2, because WebCrypto has it: no further code to
 * trust, and the derived key never exists as bytes that a script can read.
 */

import { FacekeyError } from '../errors.js';

/** OWASP's figure for PBKDF2 with SHA-256. It is stored beside every key, so it can grow. */
export const ITERATIONS = 600_000;

/** Fewest that a stored key may ask for: what the first version wrote, and no less than that. */
const FEWEST_ITERATIONS = 600_000;

/** More is not accepted from a file: it would only keep the page busy. */
const MOST_ITERATIONS = 10_000_000;

export const SALT_LENGTH = 16;

/** Fewest characters of a new passphrase, as NIST SP 800-63B-4 asks: an exported file can be attacked offline. */
export const SHORTEST = 15;

/** Fewest different characters of a new passphrase. */
const FEWEST_DIFFERENT = 6;

/**
 * @param {string} passphrase
 * @throws {FacekeyError} `passphrase-short` or `passphrase-simple`
 */
export function checkPassphrase(passphrase) {
  const characters = [...normal(passphrase)];
  if (characters.length < SHORTEST) throw new FacekeyError('passphrase-short');
  if (new Set(characters).size < FEWEST_DIFFERENT) throw new FacekeyError('passphrase-simple');
}

/**
 * Whether a stored number of iterations is neither too weak nor meant to hang the page.
 * @param {number} iterations
 */
export function isSensible(iterations) {
  return Number.isInteger(iterations) && iterations >= FEWEST_ITERATIONS && iterations <= MOST_ITERATIONS;
}

/**
 * An AES-GCM key that cannot be read out.
 * @param {string} passphrase
 * @param {BufferSource} salt
 * @param {number} iterations
 * @param {KeyUsage[]} usages
 */
export async function deriveKey(passphrase, salt, iterations, usages) {
  const bytes = new TextEncoder().encode(normal(passphrase));
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
 * The same passphrase typed on another keyboard gives the same characters.
 * @param {string} passphrase
 */
function normal(passphrase) {
  return passphrase.normalize('NFKC');
}
