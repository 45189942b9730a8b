/** The worker of the CPU bundle in Node. */

import { readFile } from 'node:fs/promises';
import { parentPort } from 'node:worker_threads';
import * as bundle from '../pkg/cpu/facekey.js';
import { serve } from './serve.js';

const port = /** @type {import('node:worker_threads').MessagePort} */ (parentPort);

/** The wrapper of each listener, so that it can be removed. @type {Map<any, (data: unknown) => void>} */
const listeners = new Map();

const endpoint = {
  postMessage: (/** @type {any} */ message, /** @type {any} */ transfer) => port.postMessage(message, transfer),
  addEventListener(/** @type {string} */ _, /** @type {any} */ listener) {
    const onMessage = (/** @type {unknown} */ data) => (listener.handleEvent ? listener.handleEvent({ data }) : listener({ data }));
    listeners.set(listener, onMessage);
    port.on('message', onMessage);
  },
  removeEventListener(/** @type {string} */ _, /** @type {any} */ listener) {
    port.off('message', listeners.get(listener) ?? listener);
    listeners.delete(listener);
  },
};

serve('cpu', bundle, { endpoint, readWasm: () => readFile(new URL('../pkg/cpu/facekey_bg.wasm', import.meta.url)) });
