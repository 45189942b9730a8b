/** The section with the enrolled people, who can be renamed and deleted there. */

import { isAbort, PageError } from '../errors.js';
import { isExpired, templateStatus } from '../../package/gallery/records.js';
import { formatList, message } from '../locale.js';
import { question } from '../messages.js';
import { askName, confirm } from '../ui/dialog.js';
import { byId, setText } from '../ui/dom.js';
import { clearNotice, placeNotices, showError, showNotice } from '../ui/notice.js';
import { hideResult } from '../verify/result-card.js';
import { focusPerson, showPeople } from './list.js';

/** @typedef {import('../../package/gallery/records.js').Person} Person */

const place = byId('people-outcome', HTMLElement);

/**
 * Fires `change` when the people have been read again, and `enrol-again` (a `CustomEvent<Person>`) when the visitor wants
 * to enrol somebody again.
 */
export class People extends EventTarget {
  /** @type {import('../../package/gallery/gallery.js').Contents} */
  contents = { people: [], unusable: [] };
  /** Whether the people have been read; before that, it is unknown whether there are any. */
  isRead = false;
  #engine;

  /**
   * @param {import('../../package/gallery/gallery.js').Gallery} gallery
   * @param {import('../engine.js').Engine} engine
   */
  constructor(gallery, engine) {
    super();
    this.gallery = gallery;
    this.#engine = engine;
    byId('delete-expired', HTMLElement).addEventListener('click', () => void this.#act(() => this.#removeExpired()));
    gallery.addEventListener('change', () => void this.#act(() => this.refresh()));
    gallery.addEventListener('wiped', () => this.#setContents({ people: [], unusable: [] }));
  }

  /** Reads the people again. */
  async refresh() {
    this.#setContents(await this.gallery.list());
  }

  /** Whether at least one person can be compared. */
  get isReady() {
    const modelId = this.#engine.model?.id;
    return this.contents.people.some((person) => modelId === undefined || templateStatus(person, modelId) === 'ready');
  }

  show() {
    const { people, unusable } = this.contents;
    showPeople(this.contents, this.#engine.model?.id, {
      onEnrolAgain: (person) => this.dispatchEvent(new CustomEvent('enrol-again', { detail: person })),
      onRename: (person) => void this.#act(() => this.#rename(person)),
      onDelete: (name, id) => void this.#act(() => this.#remove(name, id)),
    });
    const expired = people.filter((person) => isExpired(person)).length;
    const button = byId('delete-expired', HTMLElement);
    button.hidden = expired === 0;
    setText(button, message('delete-expired', { count: expired }));
    byId('nobody', HTMLElement).hidden = people.length + unusable.length > 0 || this.gallery.isLocked;
  }

  /** @param {import('../../package/gallery/gallery.js').Contents} contents */
  #setContents(contents) {
    this.contents = contents;
    this.isRead = true;
    this.show();
    this.dispatchEvent(new Event('change'));
  }

  /** @param {Person} person */
  async #rename(person) {
    const title = message('question-rename.title', { name: person.name });
    const done = await askName({ title, text: '', yes: message('question-rename.yes') }, person.name, async (name) => {
      await this.gallery.rename(person.id, name);
    });
    if (!done) return;
    await this.refresh();
    focusPerson(person.id);
  }

  /**
   * @param {string} name
   * @param {string} id
   */
  async #remove(name, id) {
    if (await confirm({ ...question('question-delete', { name }), danger: true })) await this.#removeNow([id]);
  }

  async #removeExpired() {
    const expired = this.contents.people.filter((person) => isExpired(person));
    const names = formatList(expired.map(({ name }) => name));
    const words = question('question-delete-expired', { count: expired.length, names });
    if (await confirm({ ...words, danger: true })) await this.#removeNow(expired.map(({ id }) => id));
  }

  /** @param {string[]} ids */
  async #removeNow(ids) {
    const removed = this.contents.people.filter(({ id }) => ids.includes(id));
    await this.gallery.remove(ids);
    clearNotice(); // messages about the deleted people are no longer true
    hideResult();
    await this.refresh();
    byId('people-heading', HTMLElement).focus();
    placeNotices(place);
    const undo = { label: message('undo'), act: () => void this.#act(() => this.#restore(removed)) };
    showNotice(message('deleted-names', { count: ids.length }), 'deleted', 'info', removed.length > 0 ? undo : undefined);
  }

  /** @param {Person[]} removed */
  async #restore(removed) {
    for (const person of removed) await this.gallery.restore(person);
    clearNotice();
    await this.refresh();
    focusPerson(removed[0].id);
  }

  /** @param {() => Promise<void>} act */
  async #act(act) {
    try {
      await act();
    } catch (reason) {
      if (isAbort(reason)) return;
      placeNotices(place);
      showError(PageError.from(reason));
    }
  }
}
