/** facekey's CPU engine with the weights of the page, at the page's default rate. */

import init, { Engine } from '/www/pkg/cpu/facekey.js';
import { renameRates } from '/www/package/decision.js';
import { defaultRate } from '/www/src/verify/assurance.js';

/** @returns {Promise<import('../harness.js').Contender>} */
export async function start() {
  const [detector, weights] = await Promise.all([
    download('/www/models/blazeface.safetensors'),
    download('/www/models/facenet.bpk'),
    init(),
  ]);
  const engine = await Engine.load(detector, weights, 'cpu');
  const thresholds = renameRates(engine.model.thresholds);
  const fmr = defaultRate({ thresholds });
  if (fmr === undefined) throw new Error('the weights have no calibration for the default rate');
  return {
    async detect(photo) {
      const { data, width, height } = read(photo);
      return (await engine.detect(data, width, height)).faces.length > 0;
    },
    async embed(photo) {
      const { data, width, height } = read(photo);
      try {
        return (await engine.embed(data, width, height, 'largest')).embedding;
      } catch {
        // Like the other libraries, also a face of low quality.
        const [face] = (await engine.detect(data, width, height)).faces;
        return face && (await engine.embed(data, width, height, face)).embedding;
      }
    },
    compare(a, b) {
      const { score, accepted } = engine.decide(a, b, fmr);
      return { distance: score, accepted };
    },
    threshold: `false match rate 1 in ${Math.round(1 / fmr).toLocaleString('en')}, score ${thresholds.find(({ maxFmr }) => maxFmr === fmr)?.score.toFixed(3)}`,
  };
}

/** @param {string} address */
async function download(address) {
  return new Uint8Array(await (await fetch(address)).arrayBuffer());
}

/** @param {HTMLCanvasElement} photo */
function read(photo) {
  const context = /** @type {CanvasRenderingContext2D} */ (photo.getContext('2d'));
  return context.getImageData(0, 0, photo.width, photo.height);
}
