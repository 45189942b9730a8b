/**
 * The movement check: shows the engine's challenge frame after frame until a head has done what was
 * asked, or has not. Every decision is the engine's.
 */

import { PageError } from './errors.js';

/** @typedef {import('../package/types.js').ChallengeState} ChallengeState */

/**
 * How sure it is that a person was there: `live` after the movement check, `unchecked` where it was
 * skipped, `photo` for a file.
 * @typedef {'live' | 'unchecked' | 'photo'} Liveness
 */

/**
 * @param {import('./ui/viewfinder.js').Viewfinder} viewfinder
 * @param {import('../package/engine-client.js').EngineClient} engine
 * @param {object} options
 * @param {AbortSignal} options.signal
 * @param {(state: ChallengeState) => void} options.onState after each frame
 * @param {() => Promise<void>} options.onFirstTurn once, before the first turn is shown
 * @returns {Promise<Float32Array[]>} embeddings of the face that turned, looking straight ahead
 * @throws {PageError} `no-live-face` with the reason as its detail, `capture-timeout` with the last
 *   problem where no good picture was seen, or `camera-lost`
 */
export async function checkMovement(viewfinder, engine, { signal, onState, onFirstTurn }) {
  signal.throwIfAborted();
  await engine.beginChallenge();
  const over = new AbortController();
  const until = { signal: over.signal };
  let turning = false;
  /** @type {Promise<Float32Array[]>} */
  const outcome = new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), until);
    viewfinder.addEventListener('closed', () => reject(new PageError('camera-lost')), until);
    viewfinder.see = async (frame, time) => {
      try {
        const { faces, state } = await observe(engine, frame, time);
        if (!over.signal.aborted) {
          if (!turning && state.status === 'asking' && state.ask !== 'neutral') {
            turning = true;
            await onFirstTurn();
          }
          if (state.status === 'passed') resolve(await engine.probes());
          if (state.status === 'failed') reject(failure(state));
          onState(state);
        }
        const face = faces.length === 1 ? faces[0] : undefined;
        return { frame, faces, face, problem: ('hint' in state && state.hint) || 'followed' };
      } catch (reason) {
        reject(reason);
        throw reason;
      }
    };
  });
  return outcome.finally(() => {
    viewfinder.see = undefined;
    over.abort();
  });
}

/**
 * One frame's result; a fresh challenge where another engine has taken over since the last frame.
 * @param {import('../package/engine-client.js').EngineClient} engine
 * @param {import('../package/types.js').Frame} frame
 * @param {number} time
 */
async function observe(engine, frame, time) {
  try {
    return await engine.observe(frame, time);
  } catch (reason) {
    if (PageError.from(reason).code !== 'no-challenge') throw reason;
    await engine.beginChallenge();
    return engine.observe(frame, time);
  }
}

/** @param {Extract<ChallengeState, {status: 'failed'}>} state */
function failure({ reason, hint }) {
  return reason === 'no-neutral' ? new PageError('capture-timeout', hint) : new PageError('no-live-face', reason);
}
