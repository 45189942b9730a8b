/** Asks for the passphrase again when nobody has used the page for a while. */

const SIGNS_OF_USE = ['pointerdown', 'keydown', 'focus'];

export class IdleLock {
  #minutes;
  #lock;
  #lastUse = Date.now();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {() => number} minutes without use; 0: never
   * @param {() => void} lock
   */
  constructor(minutes, lock) {
    this.#minutes = minutes;
    this.#lock = lock;
    for (const sign of SIGNS_OF_USE) addEventListener(sign, () => this.#noteUse(), { capture: true, passive: true });
    document.addEventListener('visibilitychange', () => this.#check()); // timers may not run while the page is hidden
    this.#check();
  }

  #noteUse() {
    this.#check(); // first: activity after the limit must not extend it
    this.#lastUse = Date.now();
    this.#check();
  }

  #check() {
    clearTimeout(this.#timer);
    const limit = 60_000 * this.#minutes();
    if (limit === 0) return;
    const left = this.#lastUse + limit - Date.now();
    if (left > 0) this.#timer = setTimeout(() => this.#check(), left);
    else this.#lock();
  }
}
