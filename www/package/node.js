/**
 * The same engine in Node, which has neither browser workers nor an image decoder: pass pictures as pixels.
 *
 * ```js
 * import { load } from 'facekey/node';
 *
 * const facekey = await load();
 * const { embedding } = await facekey.embed({ rgba, width, height });
 * ```
 * @module
 */

import { readFile } from 'node:fs/promises';
import { Worker as NodeWorker } from 'node:worker_threads';
import { EMBEDDING_DIM, Facekey, FacekeyError, similarity } from './facekey.js';

export { EMBEDDING_DIM, Facekey, FacekeyError, similarity };

/** Reads a local file, or fetches an address. @param {string | URL} address */
async function fetchFile(address) {
  const url = new URL(address, import.meta.url);
  return url.protocol === 'file:' ? new Response(await readFile(url)) : fetch(url);
}

/** The parts of a browser's `Worker` that are used here, on top of Node's. */
class NodeWorkerAdapter extends EventTarget {
  #worker = new NodeWorker(new URL('./node.worker.js', import.meta.url));

  constructor() {
    super();
    this.#worker.on('message', (data) => this.dispatchEvent(new MessageEvent('message', { data })));
    this.#worker.on('error', ({ message }) => this.dispatchEvent(Object.assign(new Event('error', { cancelable: true }), { message })));
  }

  /** @param {unknown} message @param {any} [transfer] */
  postMessage(message, transfer) {
    this.#worker.postMessage(message, transfer);
  }

  terminate() {
    void this.#worker.terminate();
  }
}

/**
 * Starts the engine on the CPU. Call `close()` so that the process can exit.
 * @param {Pick<import('./facekey.js').LoadOptions, 'movement' | 'weights' | 'signal' | 'onProgress' | 'onChange'>} [options]
 * @returns {Promise<Facekey>}
 * @throws {FacekeyError} as `Facekey.load` does
 */
export function load(options = {}) {
  const start = () => /** @type {any} */ (new NodeWorkerAdapter());
  const host = { cpu: { backend: 'cpu', start }, fetch: fetchFile };
  return Facekey.load(/** @type {any} */ ({ ...options, backend: 'cpu', host }));
}
