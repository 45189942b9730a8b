/**
 * Older layouts, brought to the present one. Schema 1 kept everything in plain sight: its rows are
 * sealed as soon as the page opens them, and their plain form is overwritten.
 */

import { fromPlain } from './records.js';

/**
 * Each schema's row as the next one's. Agreement and expiry were not asked for before schema 2, so
 * both stay open and nobody's template expires by surprise.
 * @type {Record<number, (row: any) => any>}
 */
const STEPS = {
  1: ({ schema: _, ...row }) => ({ ...row, consentedAt: null, expiresAt: null }),
};

/**
 * Whether a row is of a layout from before encryption.
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
