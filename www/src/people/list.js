/** The list of enrolled people. */

import { EMBEDDING_DIM } from '../../package/facekey.js';
import { templateStatus } from '../../package/gallery/records.js';
import { message } from '../locale.js';
import { button, byId, make } from '../ui/dom.js';
import { avatar } from './avatar.js';

/** @typedef {import('../../package/gallery/records.js').Person} Person */

/**
 * @typedef {object} Actions
 * @property {(person: Person) => void} onEnrolAgain
 * @property {(person: Person) => void} onRename
 * @property {(name: string, id: string) => void} onDelete
 */

/**
 * @param {import('../../package/gallery/gallery.js').Contents} contents
 * @param {string | undefined} modelId unknown until the engine has started
 * @param {Actions} actions
 */
export function showPeople({ people, unusable }, modelId, actions) {
  byId('people', HTMLElement).replaceChildren(
    ...people.map((person) => personRow(person, modelId, actions)),
    ...unusable.map((record) => unusableRow(record, actions)),
  );
}

/** Moves the focus to a person's row. @param {string} id */
export function focusPerson(id) {
  for (const item of byId('people', HTMLElement).children) {
    if (item instanceof HTMLElement && item.dataset.id === id) item.querySelector('button')?.focus();
  }
}

/**
 * @param {Person} person
 * @param {string | undefined} modelId
 * @param {Actions} actions
 */
function personRow(person, modelId, { onEnrolAgain, onRename, onDelete }) {
  const { id, name } = person;
  const state = modelId === undefined ? 'ready' : templateStatus(person, modelId);
  return row({ id, name, state, text: facts(person, state) }, [
    button(message('person-enrol-again'), () => onEnrolAgain(person), {
      class: 'quiet',
      label: message('person-enrol-again.aria-label', { name }),
    }),
    button(message('person-rename'), () => onRename(person), {
      class: 'quiet',
      label: message('person-rename.aria-label', { name }),
    }),
    deleteButton(name, () => onDelete(name, id)),
  ]);
}

/**
 * @param {import('../../package/gallery/gallery.js').UnusableRecord} record
 * @param {Actions} actions
 */
function unusableRow({ id, why }, { onDelete }) {
  const name = message(`aside-${why}`);
  return row({ id, name, state: why, text: message(`aside-${why}.text`) }, [deleteButton(name, () => onDelete(name, id))]);
}

/**
 * @param {string} name
 * @param {() => void} act
 */
function deleteButton(name, act) {
  const label = message('person-delete.aria-label', { name });
  return button(message('person-delete'), act, { class: 'quiet danger', label });
}

/**
 * @param {{id: string, name: string, state: string, text: string}} entry
 * @param {HTMLElement[]} actions
 */
function row({ id, name, state, text }, actions) {
  const badge = state.startsWith('record-') ? make('span', { class: 'initial', text: '!' }) : avatar(id);
  badge.setAttribute('aria-hidden', 'true');
  const item = make(
    'li',
    {},
    badge,
    make('div', { class: 'who' }, make('strong', { text: name }), make('span', { text })),
    make('div', { class: 'row-actions' }, ...actions),
  );
  item.dataset.state = state;
  item.dataset.id = id;
  return item;
}

/**
 * @param {Person} person
 * @param {import('../../package/gallery/records.js').TemplateStatus} state
 */
function facts({ samples, updatedAt, expiresAt }, state) {
  const end = new Date(Number(expiresAt));
  if (state === 'other-model') return message('person-other-model');
  if (state === 'expired') return message('person-expired', { end });
  const taken = { samples: samples.length / EMBEDDING_DIM, date: new Date(updatedAt) };
  return expiresAt === null ? message('person-facts', taken) : message('person-facts-until', { ...taken, end });
}
