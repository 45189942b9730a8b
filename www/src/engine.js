/** The package's engine, loaded once for the whole page. */

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

  /** The model that computes; unknown until it is loaded. */
  get model() {
    return this.state.model;
  }

  /**
   * The engine, as soon as it is loaded. What failed to load is asked for again.
   * @returns {Promise<Facekey>}
   * @throws {import('./errors.js').PageError}
   */
  ready() {
    const parts = { movement: movement(), webgpu: webgpu() };
    this.#loading ??= Facekey.load({ ...parts, backend: this.#choice, onChange: (state) => this.#take(state) }).catch((reason) => {
      this.#loading = undefined;
      throw reason;
    });
    return this.#loading;
  }

  /** @param {EngineState} state */
  #take(state) {
    const lost = this.state.phase === 'starting' && this.state.error;
    this.state = state;
    this.dispatchEvent(new Event('change'));
    if (lost && state.phase === 'ready') this.dispatchEvent(new Event('restart'));
  }
}
