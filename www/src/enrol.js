/** Takes a person's samples, from the camera or from photo files. */

import { PageError } from './errors.js';
import { join } from './gallery/records.js';
import { readPhoto } from './pictures.js';
import { look } from './sight.js';

/** Samples taken from the camera. */
export const CAMERA_SAMPLES = 5;

/** Milliseconds between two samples, so that the person has moved a little. */
const SPACING = 400;

/** Two embeddings at least this similar come from one and the same picture. */
const SAME_PICTURE = 0.9995;

/**
 * @param {import('./ui/viewfinder.js').Viewfinder} viewfinder
 * @param {import('./engine-client.js').EngineClient} engine
 * @param {{signal: AbortSignal, onSample: (count: number) => void}} options
 * @returns {Promise<Float32Array>} the embeddings one after the other
 */
export async function enrolFromCamera(viewfinder, engine, { signal, onSample }) {
  /** @type {Float32Array[]} */
  const samples = [];
  while (samples.length < CAMERA_SAMPLES) {
    const { frame, face } = await viewfinder.capture(signal);
    const sample = await engine.embed(frame, face);
    signal.throwIfAborted();
    if (await isRepeat(engine, samples.at(-1), sample)) continue;
    samples.push(sample);
    onSample(samples.length);
    await pause(SPACING);
  }
  return join(samples);
}

/**
 * @typedef {object} PhotoReport
 * @property {string} name of the file
 * @property {PageError} [error] why it gives no sample
 */

/**
 * One sample from each photo that shows one good face.
 * @param {Iterable<File>} files
 * @param {import('./engine-client.js').EngineClient} engine
 * @param {(report: PhotoReport) => void} onPhoto
 * @returns {Promise<Float32Array>} the embeddings one after the other; none if no photo will do
 */
export async function enrolFromPhotos(files, engine, onPhoto) {
  const samples = [];
  for (const file of files) {
    try {
      const { frame, face } = await faceInPhoto(file, engine);
      samples.push(await engine.embed(frame, face));
      onPhoto({ name: file.name });
    } catch (reason) {
      onPhoto({ name: file.name, error: PageError.from(reason) });
    }
  }
  return join(samples);
}

/**
 * The one good face of a photo.
 * @param {File} file
 * @param {import('./engine-client.js').EngineClient} engine
 * @throws {PageError} the photo's problem
 */
export async function faceInPhoto(file, engine) {
  const { frame, faces, face, problem = 'no-face' } = await look(engine, await readPhoto(file));
  if (!face) throw new PageError(problem);
  return { frame, faces, face };
}

/**
 * Whether the camera has given the same picture again, as a frozen one does.
 * @param {import('./engine-client.js').EngineClient} engine
 * @param {Float32Array | undefined} previous
 * @param {Float32Array} sample
 */
async function isRepeat(engine, previous, sample) {
  if (!previous) return false;
  const { similarity } = await engine.decide(previous, sample, engine.model.thresholds[0]?.fmr ?? 1e-3);
  return similarity >= SAME_PICTURE;
}

/** @param {number} milliseconds */
function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
