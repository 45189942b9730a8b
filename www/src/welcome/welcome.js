/** What a first visitor sees: what this page is for, how it goes, and where to begin. */

import { byId } from '../ui/dom.js';

export class Welcome {
  #people;

  /**
   * @param {object} parts
   * @param {import('../people/people.js').People} parts.people
   * @param {() => void} parts.onStart where the visitor begins
   * @param {() => void} parts.onDrawn where the visitor wants to see it with a drawn face
   */
  constructor({ people, onStart, onDrawn }) {
    this.#people = people;
    byId('welcome-start', HTMLButtonElement).addEventListener('click', () => {
      onStart();
      byId('enrol', HTMLElement).scrollIntoView({ block: 'start' });
      byId('name', HTMLInputElement).focus({ preventScroll: true });
    });
    byId('welcome-drawn', HTMLButtonElement).addEventListener('click', () => {
      onDrawn();
      byId('compare', HTMLElement).scrollIntoView({ block: 'start' });
    });
  }

  /** Shown to those who have enrolled nobody yet. */
  show() {
    const { contents, isRead, gallery } = this.#people;
    if (!isRead) return;
    const isFirst = !gallery.isLocked && contents.people.length + contents.aside.length === 0;
    document.documentElement.toggleAttribute('data-first', isFirst);
    byId('welcome-start', HTMLElement).hidden = !isFirst;
  }
}
