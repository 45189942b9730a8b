/** The worker of the WebGPU bundle. */

import * as bundle from '../pkg/webgpu/facekey.js';
import { serve } from './serve.js';

serve('webgpu', bundle);
