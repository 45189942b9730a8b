/**
 * The build of the engine that computes on WebGPU, in a separate package because it is large:
 *
 * ```js
 * import { Facekey } from 'facekey';
 * import { webgpu } from 'facekey-webgpu';
 *
 * const facekey = await Facekey.load({ webgpu: webgpu() });
 * ```
 * @module
 */

import { packageBase, workerAt } from './workers.js';

/** @typedef {import('./workers.js').Build} Build */

/**
 * @param {object} [options]
 * @param {string | URL} [options.baseUrl] the address of this package's files, if they are not beside this module
 * @returns {Build} for `Facekey.load`; its worker is fetched only if there is a graphics adapter
 */
export function webgpu({ baseUrl } = {}) {
  const base = packageBase(baseUrl, import.meta.url);
  return {
    backend: 'webgpu',
    // Bundlers need exactly this expression to find the worker.
    start: () => (base ? workerAt(base, 'webgpu') : new Worker(new URL('./webgpu.worker.js', import.meta.url), { type: 'module' })),
  };
}
