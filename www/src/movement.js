/** The movement check, shown what the viewfinder sees. */

import { MovementCheck } from '../package/movement.js';
import { PageError } from './errors.js';

/**
 * How sure it is that a person was there: `live` after the movement check, `unchecked` where it was
 * skipped, `photo` for a file.
 * @typedef {'live' | 'unchecked' | 'photo'} Liveness
 */

/**
 * @param {import('./ui/viewfinder.js').Viewfinder} viewfinder
 * @param {import('../package/movement.js').Engine} engine
 * @param {import('../package/movement.js').MovementOptions} options
 * @returns {Promise<Float32Array[]>} embeddings of the face that turned, looking straight ahead
 * @throws {PageError} `no-live-face` with the reason as its detail, `capture-timeout` with the last
 *   problem where no good picture was seen, or `camera-lost`
 */
export async function checkMovement(viewfinder, engine, options) {
  const check = new MovementCheck(engine, options);
  const lose = () => check.end(new PageError('camera-lost'));
  viewfinder.addEventListener('closed', lose);
  viewfinder.see = async (frame, time) => {
    const { faces, state } = await check.see(frame, time);
    const face = faces.length === 1 ? faces[0] : undefined;
    return { frame, faces, face, problem: ('hint' in state && state.hint) || 'followed' };
  };
  try {
    return await check.outcome;
  } finally {
    viewfinder.see = undefined;
    viewfinder.removeEventListener('closed', lose);
  }
}
