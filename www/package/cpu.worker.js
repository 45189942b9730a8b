/** The worker of the CPU bundle. */

import * as bundle from '../pkg/cpu/facekey.js';
import { serve } from './serve.js';

serve('cpu', bundle);
