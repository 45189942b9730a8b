/**
 * Converts rows of older layouts. Schema 1 did not encrypt: its rows are encrypted as soon as the page opens
 * them, and the plain rows are overwritten.
 */

import { fromPlain } from './records.js';

/**
 * Converts a row of each schema to the next one. Before schema 2 there were no dates of consent and expiry;
 * they become null, so that no template expires unexpectedly.
 * @type {Record<number, (row: any) => any>}
 */
const STEPS = {
  1: ({ schema: _, ...row }) => ({ ...row, consentedAt: null, expiresAt: null }),
};

/**
 * Whether a row has a layout without encryption.
 * @param {{schema: number}} row
 */
export function isPlain({ schema }) {
  return schema in STEPS;
}

/**
 * @param {any} row for which `isPlain` holds
 * @returns {import('./records.js').Person}
 * @throws {import('../errors.js').FacekeyError} `record-damaged`
 */
export function upgrade(row) {
  return fromPlain(STEPS[row.schema](row));
}
