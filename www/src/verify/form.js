/** The verification's form: the people to compare, and the strictness. */

import { message } from '../locale.js';
import { levelName } from '../messages.js';
import { byId } from '../ui/dom.js';
import { levels, defaultRate } from './assurance.js';

/** @typedef {import('../../package/gallery/records.js').Person} Person */

/** The value of "anyone who is enrolled" in the list of people to compare with. */
const ANYONE = '';

const whom = byId('whom', HTMLSelectElement);
const strictness = byId('strictness', HTMLSelectElement);
const skipMovement = byId('skip-movement', HTMLInputElement);

/**
 * The choices in the form. They stay the same during a verification.
 * @typedef {object} Choice
 * @property {Person[]} people to compare with
 * @property {boolean} searching whether the face is compared with everyone
 * @property {number} targetFmr the requested false match rate
 * @property {boolean} skipsMovement
 */

/**
 * @param {Person[]} people everyone
 * @param {import('../settings/owner.js').Rules} rules that override the form
 * @returns {Choice}
 */
export function readChoice(people, { leastFmr, maySkip }) {
  const searching = whom.value === ANYONE;
  return {
    people: searching ? people : people.filter(({ id }) => id === whom.value),
    searching,
    targetFmr: Math.min(leastFmr, Number(strictness.value)),
    skipsMovement: maySkip && skipMovement.checked,
  };
}

/** @param {Person} person to compare with next */
export function choosePerson({ id }) {
  whom.value = id;
}

/** @param {() => void} act called when another person is chosen */
export function onChosen(act) {
  whom.addEventListener('change', act);
}

/**
 * Updates the list of people, and keeps the chosen person if possible.
 * @param {Person[]} people
 * @param {boolean} maySearch whether a face may be compared with everyone
 */
export function offerPeople(people, maySearch) {
  const chosen = whom.value;
  const options = people.map((person) => new Option(person.name, person.id));
  if (people.length !== 1 && (maySearch || people.length === 0)) options.unshift(new Option(message('verify-anyone'), ANYONE));
  whom.replaceChildren(...options);
  whom.value = people.some(({ id }) => id === chosen) ? chosen : whom.options[0].value;
}

/**
 * Offers the levels from the owner's lowest on. Levels that the model's calibration does not support are shown but
 * disabled.
 * @param {import('../../package/facekey.js').ModelInfo} model
 * @param {number} leastFmr
 */
export function offerStrictness(model, leastFmr) {
  const chosen = Number(strictness.value);
  const options = levels(model)
    .filter(({ fmr }) => fmr <= leastFmr)
    .map((level) => {
      const option = new Option(levelName(level), String(level.fmr));
      option.disabled = !level.supported;
      return option;
    });
  strictness.replaceChildren(...options);
  const usual = Math.min(leastFmr, defaultRate(model) ?? leastFmr);
  strictness.value = String(chosen > 0 && chosen <= leastFmr ? chosen : usual);
}

/** @param {boolean} maySkip whether the movement check may be skipped and photos may be verified */
export function offerSkipping(maySkip) {
  byId('skip-choice', HTMLElement).hidden = !maySkip;
  byId('verify-photo', HTMLElement).hidden = !maySkip;
  byId('verify-file', HTMLInputElement).disabled = !maySkip;
}
