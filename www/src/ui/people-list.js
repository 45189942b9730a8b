/** The list of enrolled people. */

import { EMBEDDING_DIM, standing } from '../gallery.js';
import { day, plural } from '../messages.js';
import { button, byId, make } from './dom.js';

/** @typedef {import('../gallery.js').Person} Person */

/**
 * @typedef {object} Actions
 * @property {(person: Person) => void} onEnrolAgain
 * @property {(person: Person) => void} onRename
 * @property {(person: Person) => void} onDelete
 */

/**
 * @param {Person[]} people
 * @param {string | undefined} modelId unknown until the engine has started
 * @param {Actions} actions
 */
export function showPeople(people, modelId, actions) {
  byId('nobody', HTMLElement).hidden = people.length > 0;
  byId('delete-all', HTMLElement).hidden = people.length === 0;
  byId('people', HTMLElement).replaceChildren(...people.map((person) => row(person, modelId, actions)));
}

/**
 * @param {Person} person
 * @param {string | undefined} modelId
 * @param {Actions} actions
 */
function row(person, modelId, { onEnrolAgain, onRename, onDelete }) {
  const state = modelId === undefined ? 'ready' : standing(person, modelId);
  const item = make(
    'li',
    {},
    make('span', { class: 'initial', text: initial(person.name) }),
    make('div', { class: 'who' }, make('strong', { text: person.name }), make('span', { text: facts(person, state) })),
    make(
      'div',
      { class: 'row-actions' },
      button('Enrol again', () => onEnrolAgain(person), { class: 'quiet', label: `Enrol ${person.name} again` }),
      button('Rename', () => onRename(person), { class: 'quiet', label: `Rename ${person.name}` }),
      button('Delete', () => onDelete(person), { class: 'quiet danger', label: `Delete ${person.name}` }),
    ),
  );
  item.dataset.state = state;
  item.querySelector('.initial')?.setAttribute('aria-hidden', 'true');
  return item;
}

/** @param {string} name */
function initial(name) {
  return [...String(name)][0]?.toLocaleUpperCase() ?? '?';
}

/**
 * @param {Person} person
 * @param {import('../gallery.js').Standing} state
 */
function facts({ samples, updatedAt }, state) {
  if (state === 'other-model') return 'Made with another face model: enrol again to compare';
  if (state === 'unreadable') return 'The stored template is damaged: enrol again';
  return `${plural(samples.length / EMBEDDING_DIM, 'sample')}, ${day(updatedAt)}`;
}
