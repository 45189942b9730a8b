/** The form with the owner's settings. If there is a passphrase, changes require it. */

import { PageError } from '../errors.js';
import { message } from '../locale.js';
import { levelName, question } from '../messages.js';
import { byId } from '../ui/dom.js';
import { askSecret } from '../ui/form-dialog.js';
import { clearNotice, placeNotices, showError, showNotice } from '../ui/notice.js';
import { CURRENT } from '../ui/passphrase.js';
import { levels } from '../verify/assurance.js';
import { IDLE_MINUTES } from './owner.js';

const form = byId('owner', HTMLFormElement);
const least = byId('owner-least', HTMLSelectElement);
const maySkip = byId('owner-skip', HTMLInputElement);
const maySearch = byId('owner-search', HTMLInputElement);
const idle = byId('owner-idle', HTMLSelectElement);

idle.replaceChildren(...IDLE_MINUTES.map((minutes) => new Option(message(`idle-${minutes}`), String(minutes))));

export class SettingsForm {
  #owner;
  #gallery;

  /**
   * @param {import('./owner.js').Owner} owner
   * @param {import('../../package/gallery/gallery.js').Gallery} gallery
   */
  constructor(owner, gallery) {
    this.#owner = owner;
    this.#gallery = gallery;
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      void this.#save();
    });
    owner.addEventListener('change', () => this.#fill());
  }

  /** @param {import('../../package/facekey.js').ModelInfo} model */
  offer(model) {
    if (least.options.length > 0) return;
    const supported = levels(model).filter((level) => level.supported);
    least.append(...supported.map((level) => new Option(levelName(level), String(level.fmr))));
    this.#fill();
  }

  #fill() {
    const { leastFmr, idleMinutes, ...may } = this.#owner.rules;
    least.value = String(leastFmr);
    idle.value = String(idleMinutes);
    maySkip.checked = may.maySkip;
    maySearch.checked = may.maySearch;
  }

  async #save() {
    clearNotice();
    placeNotices(byId('owner-outcome', HTMLElement));
    const rules = {
      leastFmr: Number(least.value),
      maySkip: maySkip.checked,
      maySearch: maySearch.checked,
      idleMinutes: Number(idle.value),
    };
    try {
      if (!(await this.#isOwner())) return this.#fill();
      await this.#owner.write(rules);
      showNotice(message('owner-saved'), 'owner-saved', 'success');
    } catch (reason) {
      showError(PageError.from(reason));
    }
  }

  /** Asks for the passphrase, if there is one. */
  async #isOwner() {
    if (!this.#gallery.isProtected) return true;
    const fields = [{ ...CURRENT, label: message('locked-passphrase') }];
    return askSecret({ ...question('question-owner'), fields }, ([passphrase]) => this.#gallery.unlock(passphrase));
  }
}
