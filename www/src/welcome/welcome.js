/** The introduction for first visitors: what the page does, and buttons to begin. */

import { byId } from '../ui/dom.js';

export class Welcome {
  #people;

  /**
   * @param {object} parts
   * @param {import('../people/people.js').People} parts.people
   * @param {() => void} parts.onStart called to begin an enrolment
   * @param {() => void} parts.onDrawnFaces called to try the page with a drawn face
   */
  constructor({ people, onStart, onDrawnFaces }) {
    this.#people = people;
    byId('welcome-start', HTMLButtonElement).addEventListener('click', () => {
      onStart();
      byId('enrol', HTMLElement).scrollIntoView({ block: 'start' });
      byId('name', HTMLInputElement).focus({ preventScroll: true });
    });
    byId('welcome-drawn', HTMLButtonElement).addEventListener('click', () => {
      onDrawnFaces();
      byId('compare', HTMLElement).scrollIntoView({ block: 'start' });
    });
  }

  /** Shows the introduction if nobody is enrolled. */
  show() {
    const { contents, isRead, gallery } = this.#people;
    if (!isRead) return;
    const isFirst = !gallery.isLocked && contents.people.length + contents.unusable.length === 0;
    document.documentElement.toggleAttribute('data-first', isFirst);
    byId('welcome-start', HTMLElement).hidden = !isFirst;
  }
}
