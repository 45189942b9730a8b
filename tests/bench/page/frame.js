/** Times frames of the camera through the package, through its engine without a worker, and through another package. */

import { Facekey } from '/www/dist-package/facekey/dist/facekey.js';
import { start } from './contenders/facekey.js';

const WARM_UP = 20;

/** @typedef {Record<'detect' | 'embed', () => Promise<unknown>>} Tasks */

/**
 * @param {number} frames
 * @param {string} [other] the address of another package's module
 * @returns {Promise<Record<keyof Tasks, Record<string, number[]>>>} for each task, the milliseconds of each way
 */
export async function run(frames, other) {
  const video = document.createElement('video');
  video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { width: 640, height: 480 } });
  await video.play();
  /** @type {Record<string, Tasks>} */
  const ways = { inWorker: throughPackage(await Facekey.load({ backend: 'cpu' }), video), inPage: await inPage(video) };
  if (other) ways.other = throughPackage(await (await import(other)).Facekey.load({ backend: 'cpu' }), video);
  return { detect: await timeEach(ways, 'detect', video, frames), embed: await timeEach(ways, 'embed', video, frames) };
}

/**
 * @param {any} facekey of any version: `detect` was once called `look`
 * @param {HTMLVideoElement} video
 * @returns {Tasks}
 */
function throughPackage(facekey, video) {
  const detect = facekey.detect ?? facekey.look;
  return { detect: () => detect.call(facekey, video), embed: () => facekey.embed(video) };
}

/**
 * @param {HTMLVideoElement} video
 * @returns {Promise<Tasks>}
 */
async function inPage(video) {
  const engine = await start();
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d', { willReadFrequently: true }));
  const read = () => {
    context.drawImage(video, 0, 0);
    return canvas;
  };
  return { detect: async () => engine.detect?.(read()), embed: async () => engine.embed(read()) };
}

/**
 * Each way is the first in turn, because a frame after a pause takes longer.
 * @param {Record<string, Tasks>} ways
 * @param {keyof Tasks} task
 * @param {HTMLVideoElement} video
 * @param {number} frames
 */
async function timeEach(ways, task, video, frames) {
  const names = Object.keys(ways);
  const times = Object.fromEntries(names.map((name) => [name, /** @type {number[]} */ ([])]));
  for (let frame = 0; frame < WARM_UP + frames; frame++) {
    for (let place = 0; place < names.length; place++) {
      const name = names[(frame + place) % names.length];
      await new Promise((resolve) => video.requestVideoFrameCallback(resolve));
      const begin = performance.now();
      await ways[name][task]();
      if (frame >= WARM_UP) times[name].push(performance.now() - begin);
    }
  }
  return times;
}
