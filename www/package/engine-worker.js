/** One engine worker as seen from the page: limits the time of calls, and detects crashes. */

import * as Comlink from 'comlink';
import { FacekeyError } from './errors.js';

/** @typedef {import('./serve.js').EngineApi} EngineApi */

/**
 * Milliseconds after which a call counts as hung. The limit is generous for the calls at the start, when
 * shaders are still being compiled and several faces are computed.
 */
const LIMITS = { start: 300_000, use: 60_000 };
const START_CALLS = new Set(['prepare', 'load', 'selfTest', 'time']);

/**
 * The self-test of an engine: the number of golden pictures, and the lowest cosine between its embeddings and
 * those stored with the weights. The CPU computes only one picture, because the browser has not yet optimised
 * the code at that time, and a browser that computes wrong results shows it in any picture.
 */
const SELF_TESTS = { cpu: { pictures: 1, cosine: 0.9999 }, webgpu: { pictures: 4, cosine: 0.999 } };

/** Codes after which a worker cannot be used any more. */
const FATAL = new Set(['engine-crashed', 'engine-hung', 'backend']);

export class EngineWorker {
  #worker;
  /** @type {Comlink.Remote<EngineApi>} */
  #remote;
  /** Functions that reject the pending calls. @type {Set<(error: FacekeyError) => void>} */
  #pending = new Set();
  #retired = false;

  /** @param {import('./workers.js').Build} build each build has its own worker, so that unused builds are not fetched */
  constructor({ backend, start }) {
    this.backend = backend;
    this.#worker = start();
    this.#remote = Comlink.wrap(this.#worker);
    this.#worker.addEventListener('error', (event) => {
      event.preventDefault();
      this.abandon(new FacekeyError('engine-crashed', event.message || 'the worker failed'));
    });
    /** Called when the worker crashes while no call is pending. @type {((error: FacekeyError) => void) | undefined} */
    this.ondeath = undefined;
  }

  /**
   * Starts a worker, loads the models and checks its arithmetic against the golden embeddings. The
   * engine and the models are fetched at the same time.
   * @param {import('./workers.js').Build} build
   * @param {Promise<import('./types.js').Models>} models
   * @param {AbortSignal} signal ends it
   * @throws {FacekeyError} with the engine's code, or `self-test-failed`
   */
  static async start(build, models, signal) {
    const worker = new EngineWorker(build);
    const end = () => worker.abandon(new FacekeyError('engine-closed'));
    signal.addEventListener('abort', end);
    try {
      const [loaded] = await Promise.all([models, worker.call('prepare')]);
      const model = await worker.call('load', loaded);
      const { pictures, cosine } = SELF_TESTS[build.backend];
      const agreement = await worker.call('selfTest', pictures);
      if (!(agreement >= cosine)) {
        throw new FacekeyError('self-test-failed', `lowest golden cosine ${agreement.toFixed(6)}`);
      }
      return { worker, model, agreement };
    } catch (error) {
      worker.close();
      throw error;
    } finally {
      signal.removeEventListener('abort', end);
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
      const hung = new FacekeyError('engine-hung', `${method} took over ${limit / 1000} s`);
      const timer = setTimeout(() => this.abandon(hung), limit);
      const settle = (/** @type {() => void} */ act) => {
        clearTimeout(timer);
        this.#pending.delete(fail);
        act();
        if (this.#retired && this.#pending.size === 0) this.close();
      };
      const fail = (/** @type {unknown} */ reason) => settle(() => reject(FacekeyError.from(reason)));
      this.#pending.add(fail);
      // @ts-expect-error the arguments are those of the method
      this.#remote[method](...args).then((/** @type {any} */ value) => settle(() => resolve(value)), fail);
    });
  }

  /**
   * Closes the worker and rejects its pending calls.
   * @param {FacekeyError} error
   */
  abandon(error) {
    const calls = [...this.#pending];
    this.close();
    for (const fail of calls) fail(error);
    if (calls.length === 0) this.ondeath?.(error);
  }

  /** Closes the worker once its pending calls are answered. */
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
 * @param {FacekeyError} error
 */
export function isFatal(error) {
  return FATAL.has(error.code);
}
