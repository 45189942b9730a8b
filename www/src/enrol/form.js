/** The enrolment's form: the person's name, consent, and how long the template is kept. */

import { PageError } from '../errors.js';
import { message } from '../locale.js';
import { byId, setText } from '../ui/dom.js';

/** @typedef {import('../../package/gallery/records.js').Person} Person */

/** Choices in days; 0 keeps a template until it is deleted. */
const PERIODS = [30, 182, 365, 0];

const DEFAULT_DAYS = 365;
const DAY = 24 * 3600 * 1000;

const name = byId('name', HTMLInputElement);
const period = byId('keep-for', HTMLSelectElement);
const consent = byId('consent', HTMLInputElement);

/** The person whose template the enrolment replaces. @type {Person | undefined} */
let replaced;

period.replaceChildren(...PERIODS.map((days) => new Option(message(`period-${days}`), String(days))));
period.value = String(DEFAULT_DAYS);
period.addEventListener('change', showUntil);
showUntil();

/**
 * The entered data. They stay the same during an enrolment, even if the form changes.
 * @typedef {object} Entry
 * @property {Person} [replaced] the person whose template is replaced
 * @property {string} name
 * @property {{consentedAt: number, expiresAt: number | null}} terms
 */

/**
 * @param {(name: string) => Promise<void>} checkName throws if the name cannot be used
 * @returns {Promise<Entry>}
 * @throws {PageError} if something is missing
 */
export async function readEntry(checkName) {
  const entry = { replaced, name: name.value, terms: { consentedAt: Date.now(), expiresAt: expiry() } };
  const agreed = consent.checked;
  if (!replaced) await checkName(entry.name);
  if (!agreed) throw new PageError('consent-missing');
  return entry;
}

/** The field that belongs to an error, if any. @param {PageError} error */
export function fieldOf({ code }) {
  if (code === 'consent-missing') return consent;
  return code.startsWith('name-') ? name : undefined;
}

/** Resets the form, including the consent. @param {Person} [person] whose template will be replaced, if any */
export function resetForm(person) {
  replaced = person;
  name.value = person?.name ?? '';
  name.readOnly = person !== undefined;
  consent.checked = false;
  const heading = person ? message('enrol-heading-again', { name: person.name }) : message('enrol-heading');
  setText(byId('enrol-heading', HTMLElement), heading);
  byId('enrol-cancel', HTMLElement).hidden = !person;
}

/** Whether the person whose template would be replaced has been deleted. @param {Person[]} people */
export function isReplacedPersonDeleted(people) {
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
