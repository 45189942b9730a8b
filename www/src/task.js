/** Runs one task at a time: locks the forms meanwhile, and shows the outcome beside the task's buttons. */

import { isAbort, PageError } from './errors.js';
import { hush, moveTo, tellError } from './ui/notice.js';
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
  async run(place, work, onError = tellError) {
    this.cancel();
    const mine = (this.#current = new AbortController());
    hush();
    hideResult();
    moveTo(place);
    lock(true);
    try {
      await work(mine.signal);
    } catch (reason) {
      if (!isAbort(reason)) onError(PageError.from(reason));
      else if (this.#current === mine && mine.signal.aborted) hush(); // cancelled: remove the progress message
    } finally {
      if (this.#current === mine) {
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
