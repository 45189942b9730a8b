/** What a person agrees to at enrolment, and for how long. */

import { PageError } from '../errors.js';
import { day } from '../messages.js';
import { byId, setText } from './dom.js';

/** Days, and how they are called; none at all keeps a template until it is deleted. */
const PERIODS = /** @type {const} */ ([
  [30, '30 days'],
  [182, '6 months'],
  [365, '1 year'],
  [0, 'Until it is deleted'],
]);

const USUAL_DAYS = 365;
const DAY = 24 * 3600 * 1000;

const period = byId('keep-for', HTMLSelectElement);
const consent = byId('consent', HTMLInputElement);

period.replaceChildren(...PERIODS.map(([days, name]) => new Option(name, String(days))));
period.value = String(USUAL_DAYS);
period.addEventListener('change', showUntil);
showUntil();

/**
 * What was agreed to.
 * @returns {{consentedAt: number, expiresAt: number | null}}
 * @throws {PageError} `consent-missing`
 */
export function agreedTerms() {
  if (!consent.checked) {
    consent.focus();
    throw new PageError('consent-missing');
  }
  return { consentedAt: Date.now(), expiresAt: expiry() };
}

/** Everyone is asked anew. */
export function resetTerms() {
  consent.checked = false;
}

function expiry() {
  const days = Number(period.value);
  return days > 0 ? Date.now() + days * DAY : null;
}

function showUntil() {
  const end = expiry();
  setText(
    byId('kept-until', HTMLElement),
    end === null ? 'They stay until you delete them.' : `From ${day(end)} on they are not used any more.`,
  );
}
