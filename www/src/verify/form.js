/** The verification's form: whom to compare with, and how strictly. */

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
 * What was chosen. It holds for the whole verification.
 * @typedef {object} Choice
 * @property {Person[]} people to compare with
 * @property {boolean} searching whether that is everyone
 * @property {number} targetFmr the false match rate to hold
 * @property {boolean} skipsMovement
 */

/**
 * @param {Person[]} people everyone
 * @param {import('../settings/owner.js').Rules} rules which the form cannot get round
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

/** @param {() => void} act when somebody else is chosen */
export function onChosen(act) {
  whom.addEventListener('change', act);
}

/**
 * Keeps who is chosen, where that person is still there.
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
 * Offers the levels that the model's calibration supports, from the owner's least on, and names those
 * that it does not.
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

/** @param {boolean} maySkip whether the movement check may be skipped, and photos verified */
export function offerSkipping(maySkip) {
  byId('skip-choice', HTMLElement).hidden = !maySkip;
  byId('verify-photo', HTMLElement).hidden = !maySkip;
  byId('verify-file', HTMLInputElement).disabled = !maySkip;
}
