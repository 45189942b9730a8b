/** The engines that the page is built with: as long as WebGPU's is not there, the CPU's alone. */

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const BUILT = new URL('../pkg/webgpu/facekey_bg.wasm', import.meta.url);

/** @type {import('vite').AliasOptions} */
export const engines = existsSync(BUILT)
  ? []
  : [{ find: /^.*\/package\/webgpu\.js$/, replacement: fileURLToPath(new URL('./no-webgpu.js', import.meta.url)) }];
