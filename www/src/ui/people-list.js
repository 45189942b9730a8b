/** The list of enrolled people. */

import { EMBEDDING_DIM } from '../../package/embeddings.js';
import { standing } from '../gallery/records.js';
import { asideName, asideText, day, plural } from '../messages.js';
import { button, byId, make } from './dom.js';

/** @typedef {import('../gallery/records.js').Person} Person */

/**
 * @typedef {object} Actions
 * @property {(person: Person) => void} onEnrolAgain
 * @property {(person: Person) => void} onRename
 * @property {(name: string, id: string) => void} onDelete
 */

/**
 * @param {import('../gallery.js').Contents} contents
 * @param {string | undefined} modelId unknown until the engine has started
 * @param {Actions} actions
 */
export function showPeople({ people, aside }, modelId, actions) {
  byId('people', HTMLElement).replaceChildren(
    ...people.map((person) => personRow(person, modelId, actions)),
    ...aside.map((record) => asideRow(record, actions)),
  );
}

/**
 * @param {Person} person
 * @param {string | undefined} modelId
 * @param {Actions} actions
 */
function personRow(person, modelId, { onEnrolAgain, onRename, onDelete }) {
  const { id, name } = person;
  const state = modelId === undefined ? 'ready' : standing(person, modelId);
  return row(name, state, facts(person, state), [
    button('Enrol again', () => onEnrolAgain(person), { class: 'quiet', label: `Enrol ${name} again` }),
    button('Rename', () => onRename(person), { class: 'quiet', label: `Rename ${name}` }),
    button('Delete', () => onDelete(name, id), { class: 'quiet danger', label: `Delete ${name}` }),
  ]);
}

/**
 * @param {import('../gallery.js').Aside} record
 * @param {Actions} actions
 */
function asideRow({ id, why }, { onDelete }) {
  const name = asideName(why);
  return row(name, why, asideText(why), [
    button('Delete', () => onDelete(name, id), { class: 'quiet danger', label: `Delete ${name}` }),
  ]);
}

/**
 * @param {string} name
 * @param {string} state
 * @param {string} text
 * @param {HTMLElement[]} actions
 */
function row(name, state, text, actions) {
  const badge = make('span', { class: 'initial', text: state.startsWith('record-') ? '!' : initial(name) });
  badge.setAttribute('aria-hidden', 'true');
  const item = make(
    'li',
    {},
    badge,
    make('div', { class: 'who' }, make('strong', { text: name }), make('span', { text })),
    make('div', { class: 'row-actions' }, ...actions),
  );
  item.dataset.state = state;
  return item;
}

/** @param {string} name */
function initial(name) {
  return [...String(name)][0]?.toLocaleUpperCase() ?? '?';
}

/**
 * @param {Person} person
 * @param {import('../gallery/records.js').Standing} state
 */
function facts({ samples, updatedAt, expiresAt }, state) {
  if (state === 'other-model') return 'Made with another face model: enrol again to compare';
  if (state === 'expired') return `Expired on ${day(Number(expiresAt))}: not used any more. Delete it or enrol again`;
  const until = expiresAt === null ? '' : `, until ${day(expiresAt)}`;
  return `${plural(samples.length / EMBEDDING_DIM, 'sample')}, ${day(updatedAt)}${until}`;
}
