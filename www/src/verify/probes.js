/** Takes the frames on which a verification without the movement check decides. */

import { fits } from '../enrol/poses.js';

/** Frames that decide together; odd, so that one lies in the middle. */
export const FRAMES = 3;

/** How long a straight look is waited for: this many milliseconds and this many frames with a good face. */
const PATIENCE = { time: 6000, looks: 6 };

/**
 * Embeddings of a face that looks straight ahead: turned to a side it lies farther from its own
 * template, and three frames of one moment are all turned. Who cannot look straight gets past it by
 * waiting.
 * @param {Pick<import('../ui/viewfinder.js').Viewfinder, 'capture'>} viewfinder
 * @param {Pick<import('../../package/engine-client.js').EngineClient, 'embed'>} engine
 * @param {{signal: AbortSignal, patience?: typeof PATIENCE}} options
 * @returns {Promise<Float32Array[]>}
 * @throws {PageError} what keeps the camera from showing a good face
 */
export async function takeProbes(viewfinder, engine, { signal, patience = PATIENCE }) {
  const deadline = performance.now() + patience.time;
  const probes = [];
  for (let looks = 1; probes.length < FRAMES; looks++) {
    const { frame, face } = await viewfinder.capture(signal);
    const patient = looks < patience.looks || performance.now() < deadline;
    if (patient && !fits('straight', face.quality)) continue;
    probes.push(await engine.embed(frame, face));
    signal.throwIfAborted();
  }
  return probes;
}
