/**
 * The engine as the page uses it. The CPU bundle starts first. If there is a real GPU adapter, the WebGPU
 * bundle is tried as well, and replaces the CPU bundle only if it computes the same results faster.
 * If a worker crashes, a new CPU worker replaces it.
 */

import { transfer } from 'comlink';
import { renameRates } from './decision.js';
import { EngineWorker, isFatal } from './engine-worker.js';
import { FacekeyError } from './errors.js';
import { downloadMesh, downloadModels } from './models.js';
import { cpu, packageBase } from './workers.js';

/** @typedef {import('./types.js').Backend} Backend */

/**
 * The loaded model. Its thresholds are those for a comparison of two pictures.
 * @typedef {Omit<import('./types.js').EngineModel, 'thresholds'> & {thresholds: import('./decision.js').Threshold[]}} ModelInfo
 */

/**
 * @typedef {object} EngineState
 * @property {'downloading' | 'starting' | 'ready' | 'failed'} phase
 * @property {import('./models.js').Progress} [progress] while downloading
 * @property {Backend} [backend] the backend in use
 * @property {string} [why] code of the reason for this backend
 * @property {Partial<Record<Backend, number>>} times median milliseconds a face
 * @property {number} [agreement] lowest golden cosine of the backend in use
 * @property {ModelInfo} [model]
 * @property {FacekeyError} [error] why the engine failed, or why it was last restarted
 */

/**
 * @typedef {object} StartOptions
 * @property {'auto' | Backend} [backend]
 * @property {import('./workers.js').Build} [webgpu]
 * @property {import('./models.js').Movement} [movement]
 * @property {string | URL} [weights] address of weights that replace those of the package
 * @property {string | URL} [baseUrl] the address of the package's files, if they are not beside its modules
 * @property {Host} [host]
 */

/**
 * Replacements for browser functions, such as in Node.
 * @typedef {object} Host
 * @property {import('./workers.js').Build} [cpu]
 * @property {(address: string | URL) => Promise<Response>} [fetch]
 */

/**
 * @typedef {object} Lending
 * @property {boolean} [lend] hands the pixels over to the worker, which is faster than a copy. Then only the frame
 *   in the answer has them; nobody else may have kept the frame that was given
 */

const TIMING_RUNS = 7;

/** After more crashes in a row than this, without an answer in between, no new worker is started. */
const MAX_LOSSES = 3;

/** Fires `change` when its state changes and `restart` (with the error) after a crash. */
export class EngineClient extends EventTarget {
  /** @type {EngineState} */
  state = { phase: 'downloading', times: {} };
  /** Settles when the choice between CPU and WebGPU is made. */
  settled = Promise.resolve();
  /** @type {import('./workers.js').Build | undefined} */
  #cpu;
  /** @type {Promise<import('./types.js').Models> | undefined} */
  #models;
  /**
   * Downloads the face mesh, which only the movement check needs.
   * @returns {Promise<Uint8Array<ArrayBuffer>>}
   */
  #fetchMesh = () => Promise.reject(this.#unavailableError());
  /** The face mesh, once it has been requested. @type {Promise<Uint8Array<ArrayBuffer>> | undefined} */
  #mesh;
  /** @type {EngineWorker | undefined} */
  #worker;
  /** Pending while a crashed worker is replaced. @type {Promise<void> | undefined} */
  #replacing;
  #losses = 0;
  /** Aborted by `close`. */
  #closing = new AbortController();

  /**
   * Settles when the first engine answers, or has failed; WebGPU is tried after that.
   * @param {StartOptions} options
   */
  async start({ backend = 'auto', webgpu, movement, weights, baseUrl, host = {} }) {
    try {
      if (!runsWasm()) throw new FacekeyError('wasm-unsupported');
      if (backend === 'webgpu' && !webgpu) throw new FacekeyError('webgpu-unavailable', 'give `load` its build, from the package facekey-webgpu');
      const base = packageBase(baseUrl, import.meta.url);
      this.#cpu = host.cpu ?? cpu(base);
      const onProgress = (/** @type {import('./models.js').Progress} */ progress) => this.#update({ progress });
      const how = { fetch: host.fetch, signal: this.#closing.signal };
      this.#fetchMesh = () => downloadMesh(movement, how);
      this.#models = downloadModels({ ...how, base, weights, onProgress });
      this.#models.then(() => this.#update({ phase: 'starting' })).catch(() => {});
      await this.#startCpu(backend === 'cpu' || !webgpu ? 'cpu-chosen' : 'webgpu-pending');
    } catch (reason) {
      this.#update({ phase: 'failed', error: FacekeyError.from(reason) });
      return;
    }
    if (webgpu) this.settled = this.#compare(webgpu, backend);
  }

  /** The loaded model. @throws {FacekeyError} `engine-not-ready` */
  get model() {
    if (!this.state.model) throw new FacekeyError('engine-not-ready');
    return this.state.model;
  }

  /**
   * All faces, the largest and most central first, and the reason if the picture cannot be used.
   * @param {import('./types.js').Frame} frame
   * @param {Lending} [options]
   */
  async detect(frame, { lend = false } = {}) {
    return { frame, ...(await this.#call('detect', lend ? lent(frame) : frame)) };
  }

  /**
   * A face of this frame, and its 128-D embedding.
   * @param {import('./types.js').Frame} frame
   * @param {import('./detected.js').FaceChoice} choice
   * @param {Lending} [options]
   */
  async embed(frame, choice, { lend = false } = {}) {
    return { frame, ...(await this.#call('embed', lend ? lent(frame) : frame, choice)) };
  }

  /** Begins a movement check, which replaces the previous one. The first check downloads the face mesh. */
  async beginChallenge() {
    this.#mesh ??= this.#fetchMesh();
    const mesh = await this.#mesh.catch((reason) => {
      this.#mesh = undefined; // so that the next check tries again
      throw reason;
    });
    return this.#call('beginChallenge', mesh);
  }

  /**
   * Passes the next frame to the movement check.
   * @param {import('./types.js').Frame} frame
   * @param {number} time when it was taken, in milliseconds
   * @throws {FacekeyError} `no-challenge` if no check was begun on the current engine
   */
  observe(frame, time) {
    return this.#call('observe', frame, time);
  }

  /** Embeddings of the face that passed the movement check, taken before and after its turns. */
  probes() {
    return this.#call('probes');
  }

  /** Ends the movement check, if there is one. */
  endChallenge() {
    return this.#call('endChallenge');
  }

  /**
   * Compares a probe with each of several templates.
   * @param {Float32Array[]} templates for each, its embeddings concatenated
   * @param {Float32Array} probe
   * @param {number} fmr false match rate to hold
   */
  decideEach(templates, probe, fmr) {
    return this.#call('decideEach', templates, probe, fmr);
  }

  /**
   * @template {keyof import('./serve.js').EngineApi} M
   * @param {M} method
   * @param {Parameters<import('./serve.js').EngineApi[M]>} args
   */
  async #call(method, ...args) {
    await this.#replacing;
    const worker = this.#worker;
    if (!worker) throw this.#unavailableError();
    try {
      const answer = await worker.call(method, ...args);
      this.#losses = 0;
      return answer;
    } catch (reason) {
      const error = FacekeyError.from(reason);
      if (isFatal(error)) await this.#replace(worker, error);
      throw error;
    }
  }

  /** The reason why there is no worker. */
  #unavailableError() {
    if (this.#closing.signal.aborted) return new FacekeyError('engine-closed');
    const { phase, error } = this.state;
    return phase === 'failed' && error ? error : new FacekeyError('engine-not-ready');
  }

  /** Ends the worker and its calls. Later calls fail. */
  close() {
    this.#closing.abort();
    const worker = this.#worker;
    this.#worker = undefined;
    worker?.abandon(new FacekeyError('engine-closed'));
  }

  /** @param {string} why */
  async #startCpu(why) {
    this.#use(await this.#startWorker(this.#cpu), why);
  }

  /** @param {import('./workers.js').Build | undefined} build */
  #startWorker(build) {
    if (!build || !this.#models) throw new FacekeyError('engine-not-ready');
    return EngineWorker.start(build, this.#models, this.#closing.signal);
  }

  /**
   * Measures the CPU's speed, then tries WebGPU, unless the CPU was requested.
   * @param {import('./workers.js').Build} webgpu
   * @param {'auto' | Backend} choice
   */
  async #compare(webgpu, choice) {
    try {
      this.#setTime('cpu', await this.#call('time', TIMING_RUNS));
      if (choice === 'cpu') return;
      const obstacle = await webgpuObstacle(choice === 'webgpu');
      if (obstacle) this.#update({ why: obstacle });
      else await this.#tryWebgpu(webgpu, choice === 'webgpu');
    } catch (reason) {
      if (this.#closing.signal.aborted) return;
      const { code, message } = FacekeyError.from(reason);
      console.warn(`WebGPU is not used: ${code}: ${message}`);
      this.#update({ why: code === 'self-test-failed' ? 'webgpu-disagrees' : 'webgpu-failed' });
    }
  }

  /**
   * @param {import('./workers.js').Build} build
   * @param {boolean} chosen whether to use WebGPU even if it is slower
   */
  async #tryWebgpu(build, chosen) {
    const started = await this.#startWorker(build);
    try {
      this.#setTime('webgpu', await started.worker.call('time', TIMING_RUNS));
    } catch (error) {
      started.worker.close();
      throw error;
    }
    const { cpu = Infinity, webgpu = Infinity } = this.state.times;
    if (chosen || webgpu < cpu) {
      this.#use(started, chosen ? 'webgpu-chosen' : 'webgpu-faster');
    } else {
      started.worker.close();
      this.#update({ why: 'webgpu-slower' });
    }
  }

  /**
   * @param {Backend} backend
   * @param {number} milliseconds
   */
  #setTime(backend, milliseconds) {
    this.#update({ times: { ...this.state.times, [backend]: milliseconds } });
  }

  /**
   * @param {Awaited<ReturnType<typeof EngineWorker.start>>} started
   * @param {string} why
   */
  #use({ worker, model, agreement }, why) {
    if (this.#closing.signal.aborted) return worker.close();
    const previous = this.#worker;
    this.#worker = worker;
    worker.ondeath = (error) => void this.#replace(worker, error);
    this.#update({ phase: 'ready', backend: worker.backend, why, model: { ...model, thresholds: renameRates(model.thresholds) }, agreement });
    previous?.retire();
  }

  /**
   * @param {EngineWorker} lost
   * @param {FacekeyError} error
   */
  #replace(lost, error) {
    if (this.#worker === lost) {
      this.#worker = undefined;
      this.#replacing = this.#startReplacement(lost, error).finally(() => (this.#replacing = undefined));
    }
    return this.#replacing;
  }

  /**
   * @param {EngineWorker} lost
   * @param {FacekeyError} error
   */
  async #startReplacement(lost, error) {
    lost.close();
    this.#losses += 1;
    this.#update({ phase: 'starting', error });
    try {
      if (this.#losses > MAX_LOSSES) throw error;
      await this.#startCpu(lost.backend === 'webgpu' ? 'webgpu-lost' : 'cpu-restarted');
      this.dispatchEvent(new CustomEvent('restart', { detail: { lost: lost.backend, error } }));
    } catch (reason) {
      this.#update({ phase: 'failed', error: FacekeyError.from(reason) });
    }
  }

  /** @param {Partial<EngineState>} change */
  #update(change) {
    this.state = { ...this.state, ...change };
    this.dispatchEvent(new Event('change'));
  }
}

/**
 * The same frame; sending it moves its pixels, and the answer contains the frame with them.
 * @param {import('./types.js').Frame} frame
 * @returns {import('./serve.js').SentFrame}
 */
function lent(frame) {
  return transfer({ ...frame, lent: true }, [frame.rgba.buffer]);
}

/** Whether this browser runs WebAssembly with SIMD: validates a function with one SIMD instruction. */
function runsWasm() {
  const bytes = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11];
  return typeof WebAssembly === 'object' && WebAssembly.validate(Uint8Array.from(bytes));
}

/**
 * The reason not to try WebGPU, if there is one.
 * @param {boolean} acceptSoftware also try an adapter that computes in software
 * @returns {Promise<string | undefined>} code of the reason
 */
async function webgpuObstacle(acceptSoftware) {
  if (!navigator.gpu) return 'webgpu-absent';
  const adapter = await navigator.gpu.requestAdapter().catch(() => null);
  if (!adapter) return 'webgpu-no-adapter';
  if (adapter.info.isFallbackAdapter && !acceptSoftware) return 'webgpu-software';
  return undefined;
}
