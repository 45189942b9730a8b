/** The page's engine: one `Facekey`, which all tasks share. It is loaded on first use and again after a failure. */

import { Facekey } from '../package/facekey.js';
import { movement } from '../package/movement.js';
import { webgpu } from '../package/webgpu.js';

/** @typedef {import('../package/facekey.js').EngineState} EngineState */
/** @typedef {'auto' | import('../package/facekey.js').Backend} Choice */

/** Fires `change` when the engine's state changes, and `restart` when it was started again after a crash. */
export class Engine extends EventTarget {
  /** @type {EngineState} */
  state = { phase: 'downloading', times: {} };
  #choice;
  /** @type {Promise<Facekey> | undefined} */
  #loading;

  /** @param {Choice} choice */
  constructor(choice) {
    super();
    this.#choice = choice;
  }

  /** The loaded model; undefined until then. */
  get model() {
    return this.state.model;
  }

  /**
   * Loads the engine, or returns the one that is already loaded. After a failure, the next call tries again.
   * @returns {Promise<Facekey>}
   * @throws {import('./errors.js').PageError}
   */
  ready() {
    const parts = { movement: movement(), webgpu: webgpu() };
    this.#loading ??= Facekey.load({ ...parts, backend: this.#choice, onChange: (state) => this.#setState(state) }).catch((reason) => {
      this.#loading = undefined;
      throw reason;
    });
    return this.#loading;
  }

  /** @param {EngineState} state */
  #setState(state) {
    const hasCrashed = this.state.phase === 'starting' && this.state.error;
    this.state = state;
    this.dispatchEvent(new Event('change'));
    if (hasCrashed && state.phase === 'ready') this.dispatchEvent(new Event('restart'));
  }
}
