/** The enrolment's form: whose face it is, what that person agrees to, and for how long. */

import { PageError } from '../errors.js';
import { message } from '../locale.js';
import { byId, setText } from '../ui/dom.js';

/** @typedef {import('../../package/gallery/records.js').Person} Person */

/** Days; none at all keeps a template until it is deleted. */
const PERIODS = [30, 182, 365, 0];

const DEFAULT_DAYS = 365;
const DAY = 24 * 3600 * 1000;

const name = byId('name', HTMLInputElement);
const period = byId('keep-for', HTMLSelectElement);
const consent = byId('consent', HTMLInputElement);

/** Whose template the enrolment replaces. @type {Person | undefined} */
let replaced;

period.replaceChildren(...PERIODS.map((days) => new Option(message(`period-${days}`), String(days))));
period.value = String(DEFAULT_DAYS);
period.addEventListener('change', showUntil);
showUntil();

/**
 * What was entered. It holds for the whole enrolment, whatever happens to the form.
 * @typedef {object} Entry
 * @property {Person} [replaced] whose template is replaced
 * @property {string} name
 * @property {{consentedAt: number, expiresAt: number | null}} terms
 */

/**
 * @param {(name: string) => Promise<void>} checkName refuses a name that cannot be taken
 * @returns {Promise<Entry>}
 * @throws {PageError} what is missing
 */
export async function readEntry(checkName) {
  const entry = { replaced, name: name.value, terms: { consentedAt: Date.now(), expiresAt: expiry() } };
  const agreed = consent.checked;
  if (!replaced) await checkName(entry.name);
  if (!agreed) throw new PageError('consent-missing');
  return entry;
}

/** Where what was missing is to be entered; forms are locked while a task runs. @param {PageError} error */
export function fieldOf({ code }) {
  if (code === 'consent-missing') return consent;
  return code.startsWith('name-') ? name : undefined;
}

/** Everyone is asked anew. @param {Person} [person] whose template to replace, if anyone's */
export function resetForm(person) {
  replaced = person;
  name.value = person?.name ?? '';
  name.readOnly = person !== undefined;
  consent.checked = false;
  const heading = person ? message('enrol-heading-again', { name: person.name }) : message('enrol-heading');
  setText(byId('enrol-heading', HTMLElement), heading);
  byId('enrol-cancel', HTMLElement).hidden = !person;
}

/** Whether the one whose template was to be replaced is not there any more. @param {Person[]} people */
export function isReplacingNoneOf(people) {
  return replaced !== undefined && !people.some(({ id }) => id === replaced?.id);
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
