/**
 * onnxruntime-web with a MobileFaceNet, on one thread: a runtime and a network without a
 * pipeline, so it is given aligned crops and its embedding alone is compared.
 */

import * as ort from '/tests/bench/node_modules/onnxruntime-web/dist/ort.wasm.bundle.min.mjs';

const SIDE = 112;

/** Of ImageNet's channels, which this network was trained with. */
const MEAN = [0.485, 0.456, 0.406];
const DEVIATION = [0.229, 0.224, 0.225];

/** @returns {Promise<import('../harness.js').Contender>} */
export async function start() {
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.wasmPaths = '/tests/bench/node_modules/onnxruntime-web/dist/';
  const session = await ort.InferenceSession.create('/shared/models/mobilefacenet_foamliu.onnx', {
    executionProviders: ['wasm'],
  });
  return {
    async embed(crop) {
      const input = new ort.Tensor('float32', planes(crop), [1, 3, SIDE, SIDE]);
      const outputs = await session.run({ [session.inputNames[0]]: input });
      return normalised(outputs[session.outputNames[0]].data);
    },
    compare: (a, b) => ({ distance: a.reduce((sum, value, i) => sum + (value - b[i]) ** 2, 0) }),
  };
}

/** @param {HTMLCanvasElement} crop */
function planes(crop) {
  const context = /** @type {CanvasRenderingContext2D} */ (crop.getContext('2d'));
  const { data } = context.getImageData(0, 0, SIDE, SIDE);
  const planes = new Float32Array(3 * SIDE * SIDE);
  for (let channel = 0; channel < 3; channel++) {
    const [mean, deviation] = [MEAN[channel], DEVIATION[channel]];
    for (let i = 0; i < SIDE * SIDE; i++) {
      planes[channel * SIDE * SIDE + i] = (data[4 * i + channel] / 255 - mean) / deviation;
    }
  }
  return planes;
}

/** @param {Float32Array} values */
function normalised(values) {
  const norm = Math.hypot(...values);
  return values.map((value) => value / norm);
}
