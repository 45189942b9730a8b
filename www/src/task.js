/** Runs one task at a time. Locks the forms meanwhile, and shows the outcome near the task's buttons. */

import { isAbort, PageError } from './errors.js';
import { clearNotice, placeNotices, showError } from './ui/notice.js';
import { hideResult } from './verify/result-card.js';

/** @typedef {(signal: AbortSignal) => Promise<void>} Work */

export class Tasks {
  /** Cancels the running task. @type {AbortController | undefined} */
  #current;

  /**
   * @param {HTMLElement} place where the outcome is shown
   * @param {Work} work
   * @param {(error: PageError) => void} [onError]
   */
  async run(place, work, onError = showError) {
    this.cancel();
    const controller = (this.#current = new AbortController());
    clearNotice();
    hideResult();
    placeNotices(place);
    lock(true);
    try {
      await work(controller.signal);
    } catch (reason) {
      if (!isAbort(reason)) onError(PageError.from(reason));
      else if (this.#current === controller && controller.signal.aborted) clearNotice(); // cancelled: remove the progress message
    } finally {
      if (this.#current === controller) {
        this.#current = undefined;
        lock(false);
      }
    }
  }

  cancel() {
    this.#current?.abort();
  }
}

/** @param {boolean} busy */
function lock(busy) {
  if (busy) document.body.dataset.busy = 'true';
  else delete document.body.dataset.busy;
  for (const fields of document.querySelectorAll('fieldset.lock')) fields.toggleAttribute('disabled', busy);
}
