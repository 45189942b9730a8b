/** Times frames of the camera through the package and through its engine without a worker. */

import { Facekey } from '/www/dist-package/facekey/dist/facekey.js';
import { start } from './contenders/facekey.js';

const WARM_UP = 20;

/** @param {number} frames */
export async function run(frames) {
  const video = document.createElement('video');
  video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { width: 640, height: 480 } });
  await video.play();
  const [facekey, engine] = await Promise.all([Facekey.load(), start()]);
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
  const context = canvas.getContext('2d', { willReadFrequently: true });
  const read = () => {
    context.drawImage(video, 0, 0);
    return canvas;
  };
  const nextFrame = () => new Promise((resolve) => video.requestVideoFrameCallback(resolve));
  const time = async (task) => {
    const begin = performance.now();
    await task();
    return performance.now() - begin;
  };
  const tasks = {
    detect: [() => facekey.detect(video), () => engine.detect(read())],
    embed: [() => facekey.embed(video), () => engine.embed(read())],
  };
  const times = {};
  for (const [name, [inWorker, inPage]] of Object.entries(tasks)) {
    times[name] = { inWorker: [], inPage: [] };
    for (let frame = -WARM_UP; frame < frames; frame++) {
      await nextFrame();
      const [worker, page] = [await time(inWorker), await time(inPage)];
      if (frame < 0) continue;
      times[name].inWorker.push(worker);
      times[name].inPage.push(page);
    }
  }
  facekey.close();
  return times;
}
