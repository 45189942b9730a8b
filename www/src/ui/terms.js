/** What a person agrees to at enrolment, and for how long. */

import { PageError } from '../errors.js';
import { message } from '../locale.js';
import { byId, setText } from './dom.js';

/** Days; none at all keeps a template until it is deleted. */
const PERIODS = [30, 182, 365, 0];

const USUAL_DAYS = 365;
const DAY = 24 * 3600 * 1000;

const period = byId('keep-for', HTMLSelectElement);
const consent = byId('consent', HTMLInputElement);

period.replaceChildren(...PERIODS.map((days) => new Option(message(`period-${days}`), String(days))));
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
    end === null ? message('enrol-kept-always') : message('enrol-kept-until', { date: new Date(end) }),
  );
}
