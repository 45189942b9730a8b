/**
 * @vladmandic/human on the wasm backend, with the least that gives an embedding: its detector
 * with rotation, as its own face identification demo has it, and its description model. What it
 * would compute besides (mesh, iris, emotion, gestures, body, hands) is off, and so are filters,
 * which would run on WebGL, and caches between frames.
 */

import { Human } from '/tests/bench/node_modules/@vladmandic/human/dist/human.esm.js';

const off = { enabled: false };

/** @returns {Promise<import('../harness.js').Contender>} */
export async function start() {
  const human = new Human({
    backend: 'wasm',
    wasmPath: '/tests/bench/node_modules/@tensorflow/tfjs-backend-wasm/dist/',
    modelBasePath: '/tests/bench/node_modules/@vladmandic/human/models/',
    cacheModels: false,
    cacheSensitivity: 0,
    filter: off,
    gesture: off,
    face: { detector: { rotation: true }, mesh: off, iris: off, emotion: off, description: { enabled: true } },
    body: off,
    hand: off,
    object: off,
    segmentation: off,
  });
  await human.load();
  if (human.tf.getBackend() !== 'wasm') throw new Error(`human runs on ${human.tf.getBackend()}`);
  const largest = async (/** @type {HTMLCanvasElement} */ photo, /** @type {boolean} */ described) => {
    const { face, error } = await human.detect(photo, { face: { description: { enabled: described } } });
    if (error) throw new Error(error);
    return face[0];
  };
  return {
    detect: async (photo) => (await largest(photo, false)) !== undefined,
    embed: async (photo) => (await largest(photo, true))?.embedding,
    compare: (a, b) => ({
      distance: human.match.distance(a, b),
      accepted: human.match.similarity(a, b) > 0.5,
    }),
    threshold: 'similarity above 0.5',
  };
}
