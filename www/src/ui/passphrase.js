/** The fields that ask for a passphrase. */

import { PageError } from '../errors.js';
import { checkPassphrase } from '../../package/gallery/passphrase.js';
import { message } from '../locale.js';

/** @type {import('./form-dialog.js').Field} */
export const CURRENT = { label: message('passphrase-current'), autocomplete: 'current-password' };

/** @type {import('./form-dialog.js').Field[]} */
export const NEW = [
  { label: message('passphrase-new'), autocomplete: 'new-password' },
  { label: message('passphrase-repeat'), autocomplete: 'new-password' },
];

/**
 * Checks the two entries of a new passphrase.
 * @param {string} wanted
 * @param {string} again
 * @throws {PageError} `passphrase-short`, `passphrase-simple` or `passphrase-differs`
 */
export function checkedNewPassphrase(wanted, again) {
  checkPassphrase(wanted);
  if (wanted !== again) throw new PageError('passphrase-differs');
  return wanted;
}
