/** The worker of the WebGPU bundle. */

import * as bundle from '../pkg/webgpu/facekey.js';
import digest from '../pkg/webgpu/facekey_bg.wasm?digest';
import { fetchEngine } from './fetch-engine.js';
import { serve } from './serve.js';

serve('webgpu', bundle, { readWasm: () => fetchEngine(new URL('../pkg/webgpu/facekey_bg.wasm', import.meta.url), digest) });
