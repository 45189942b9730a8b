/** The verification's form: whom to compare with, and how strictly. */

import { message } from '../locale.js';
import { levelName } from '../messages.js';
import { byId } from '../ui/dom.js';
import { levels, usualRate } from './assurance.js';

/** @typedef {import('../gallery/records.js').Person} Person */

/** The value of "anyone who is enrolled" in the list of people to compare with. */
const ANYONE = '';

const whom = byId('whom', HTMLSelectElement);
const strictness = byId('strictness', HTMLSelectElement);
const skipMovement = byId('skip-movement', HTMLInputElement);

/**
 * What was chosen. It holds for the whole verification.
 * @typedef {object} Choice
 * @property {Person[]} people to compare with
 * @property {boolean} searching whether that is everyone
 * @property {number} targetFmr the false match rate to hold
 * @property {boolean} skipsMovement
 */

/** @param {Person[]} people everyone @returns {Choice} */
export function readChoice(people) {
  const searching = whom.value === ANYONE;
  return {
    people: searching ? people : people.filter(({ id }) => id === whom.value),
    searching,
    targetFmr: Number(strictness.value),
    skipsMovement: skipMovement.checked,
  };
}

/** @param {Person} person to compare with next */
export function choosePerson({ id }) {
  whom.value = id;
}

/** @param {() => void} act when somebody else is chosen */
export function onChosen(act) {
  whom.addEventListener('change', act);
}

/** Keeps who is chosen, where that person is still there. @param {Person[]} people */
export function offerPeople(people) {
  const chosen = whom.value;
  const options = people.map((person) => new Option(person.name, person.id));
  if (people.length !== 1) options.unshift(new Option(message('verify-anyone'), ANYONE));
  whom.replaceChildren(...options);
  whom.value = people.some(({ id }) => id === chosen) ? chosen : whom.options[0].value;
}

/**
 * Offers the levels that the model's calibration supports, and names the others.
 * @param {import('../../package/facekey.js').ModelInfo} model
 */
export function offerStrictness(model) {
  if (strictness.options.length > 0) return;
  for (const level of levels(model)) {
    const option = new Option(levelName(level), String(level.fmr));
    option.disabled = !level.supported;
    strictness.append(option);
  }
  strictness.value = String(usualRate(model));
}
