/**
 * The build of the engine that computes on WebGPU, in a package beside the other since it is large:
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
 * @param {string | URL} [options.baseUrl] where the files of this package lie, if not beside this module
 * @returns {Build} for `Facekey.load`; its worker is fetched only where there is a graphics adapter
 */
export function webgpu({ baseUrl } = {}) {
  const base = packageBase(baseUrl, import.meta.url);
  return {
    backend: 'webgpu',
    // Bundlers find the worker by this very expression.
    start: () => (base ? workerAt(base, 'webgpu') : new Worker(new URL('./webgpu.worker.js', import.meta.url), { type: 'module' })),
  };
}
