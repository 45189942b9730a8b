/** One engine worker as seen from the page: calls with a time limit, and its death noticed. */

import * as Comlink from 'comlink';
import { PageError } from './errors.js';

/** @typedef {import('./engine.worker.js').EngineApi} EngineApi */

/**
 * Milliseconds after which a call counts as hung: generous for what runs before the engine is
 * used, when shaders are still compiled and several faces are computed.
 */
const LIMITS = { start: 300_000, use: 60_000 };
const START_CALLS = new Set(['load', 'selfTest', 'time']);

/** Lowest golden cosine at which an engine computes the network that the weights were made with. */
const AGREEMENT = { cpu: 0.9999, webgpu: 0.999 };

/** Codes after which a worker is of no more use. */
const FATAL = new Set(['engine-crashed', 'engine-hung', 'backend']);

export class EngineWorker {
  #worker;
  /** @type {Comlink.Remote<EngineApi>} */
  #remote;
  /** Rejects of the calls under way. @type {Set<(error: PageError) => void>} */
  #pending = new Set();
  #retired = false;

  /** @param {import('./types').Backend} backend */
  constructor(backend) {
    this.backend = backend;
    this.#worker = new Worker(new URL('./engine.worker.js', import.meta.url), { type: 'module' });
    this.#remote = Comlink.wrap(this.#worker);
    this.#worker.addEventListener('error', (event) => {
      event.preventDefault();
      this.#fail(new PageError('engine-crashed', event.message || 'the worker failed'));
    });
    /** Called when the worker dies outside any call. @type {((error: PageError) => void) | undefined} */
    this.ondeath = undefined;
  }

  /**
   * Starts a worker, loads the models and checks its arithmetic against the golden embeddings.
   * @param {import('./types').Backend} backend
   * @param {import('./types').Models} models
   * @throws {PageError} with the engine's code, or `self-test-failed`
   */
  static async start(backend, models) {
    const worker = new EngineWorker(backend);
    try {
      const model = await worker.call('load', backend, models);
      const agreement = await worker.call('selfTest');
      if (!(agreement >= AGREEMENT[backend])) {
        throw new PageError('self-test-failed', `lowest golden cosine ${agreement.toFixed(6)}`);
      }
      return { worker, model, agreement };
    } catch (error) {
      worker.close();
      throw error;
    }
  }

  /**
   * @template {keyof EngineApi} M
   * @param {M} method
   * @param {Parameters<EngineApi[M]>} args
   * @returns {Promise<Awaited<ReturnType<EngineApi[M]>>>}
   */
  call(method, ...args) {
    return new Promise((resolve, reject) => {
      const limit = START_CALLS.has(method) ? LIMITS.start : LIMITS.use;
      const hung = new PageError('engine-hung', `${method} took over ${limit / 1000} s`);
      const timer = setTimeout(() => this.#fail(hung), limit);
      const settle = (/** @type {() => void} */ act) => {
        clearTimeout(timer);
        this.#pending.delete(fail);
        act();
        if (this.#retired && this.#pending.size === 0) this.close();
      };
      const fail = (/** @type {unknown} */ reason) => settle(() => reject(PageError.from(reason)));
      this.#pending.add(fail);
      // @ts-expect-error the arguments are those of the method
      this.#remote[method](...args).then((/** @type {any} */ value) => settle(() => resolve(value)), fail);
    });
  }

  /** @param {PageError} error */
  #fail(error) {
    const calls = [...this.#pending];
    this.close();
    for (const fail of calls) fail(error);
    if (calls.length === 0) this.ondeath?.(error);
  }

  /** Closes once the calls under way are answered. */
  retire() {
    this.#retired = true;
    if (this.#pending.size === 0) this.close();
  }

  close() {
    this.#worker.terminate();
  }
}

/**
 * Whether the worker that threw this has to be replaced.
 * @param {PageError} error
 */
export function isFatal(error) {
  return FATAL.has(error.code);
}
