/** The engines in the build of the page: only the CPU engine, if the WebGPU engine has not been built. */

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const BUILT = new URL('../pkg/webgpu/facekey_bg.wasm', import.meta.url);

/** @type {import('vite').AliasOptions} */
export const engines = existsSync(BUILT)
  ? []
  : [{ find: /^.*\/package\/webgpu\.js$/, replacement: fileURLToPath(new URL('./no-webgpu.js', import.meta.url)) }];
