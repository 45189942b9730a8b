/** The browser that the contenders share, each in a page of its own. */

import { BASIC_FLAGS, EXECUTABLE } from '../../e2e/support/browser.js';
import { chromium } from '../../e2e/support/tools.js';
import { serve } from './server.js';

const HARNESS = '/tests/bench/page/harness.js';

export class Arena {
  #browser;
  #server;

  /**
   * @param {import('playwright-core').Browser} browser
   * @param {Awaited<ReturnType<typeof serve>>} server
   */
  constructor(browser, server) {
    this.#browser = browser;
    this.#server = server;
  }

  static async open() {
    const server = await serve();
    return new Arena(await chromium.launch({ executablePath: EXECUTABLE, args: BASIC_FLAGS }), server);
  }

  get browserVersion() {
    return this.#browser.version();
  }

  /**
   * A fresh page with nothing cached, in which a contender has embedded a first photo.
   * @param {import('./contenders.js').Entry} entry
   * @param {import('../page/harness.js').Photo} photo
   * @returns {Promise<{seat: Seat, milliseconds: number}>}
   */
  async seat({ module, options }, photo) {
    const context = await this.#browser.newContext();
    const page = await context.newPage();
    page.setDefaultTimeout(0);
    await page.goto(`${this.#server.address}tests/bench/page/index.html`);
    const seat = new Seat(page);
    const milliseconds = await seat.call('start', { module, options }, photo);
    return { seat, milliseconds };
  }

  async close() {
    await this.#browser.close();
    this.#server.close();
  }
}

/** A contender in its page. */
export class Seat {
  #page;
  /** @type {Set<string>} */
  #files = new Set();

  /** @param {import('playwright-core').Page} page */
  constructor(page) {
    this.#page = page;
    page.on('response', (response) => this.#files.add(new URL(response.url()).pathname));
  }

  /** Paths of what the page has downloaded. */
  get files() {
    return [...this.#files];
  }

  /**
   * Calls a function of the harness.
   * @template {keyof typeof import('../page/harness.js')} F
   * @param {F} name
   * @param {Parameters<typeof import('../page/harness.js')[F]>} args
   * @returns {Promise<Awaited<ReturnType<typeof import('../page/harness.js')[F]>>>}
   */
  call(name, ...args) {
    return this.#page.evaluate(
      async ([harness, name, args]) => (await import(harness))[name](...args),
      /** @type {const} */ ([HARNESS, name, args]),
    );
  }

  async close() {
    await this.#page.context().close();
  }
}
