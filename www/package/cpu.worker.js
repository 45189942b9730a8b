/** The worker of the CPU bundle. */

import * as bundle from '../pkg/cpu/facekey.js';
import digest from '../pkg/cpu/facekey_bg.wasm?digest';
import { fetchEngine } from './fetch-engine.js';
import { serve } from './serve.js';

serve('cpu', bundle, { readWasm: () => fetchEngine(new URL('../pkg/cpu/facekey_bg.wasm', import.meta.url), digest) });
