/**
 * @vladmandic/face-api: the maintained successor of face-api.js, with the same models, on the
 * wasm backend of the TensorFlow.js that it contains. Its detector is SSD MobileNet v1 unless
 * told otherwise; the tiny one is what pages choose that mind the download.
 */

import * as faceapi from '/tests/bench/node_modules/@vladmandic/face-api/dist/face-api.esm.js';

const MODELS = '/tests/bench/node_modules/@vladmandic/face-api/model';
const WASM = '/tests/bench/node_modules/@tensorflow/tfjs-backend-wasm/dist/';

/**
 * @param {{detector: 'ssd' | 'tiny'}} options
 * @returns {Promise<import('../harness.js').Contender>}
 */
export async function start({ detector }) {
  faceapi.tf.setWasmPaths(WASM);
  if (!(await faceapi.tf.setBackend('wasm'))) throw new Error('TensorFlow.js has no wasm backend');
  await faceapi.tf.ready();
  const { ssdMobilenetv1, tinyFaceDetector, faceLandmark68Net, faceRecognitionNet } = faceapi.nets;
  const finder = detector === 'tiny' ? tinyFaceDetector : ssdMobilenetv1;
  await Promise.all([finder, faceLandmark68Net, faceRecognitionNet].map((net) => net.loadFromUri(MODELS)));
  const options = detector === 'tiny' ? new faceapi.TinyFaceDetectorOptions() : new faceapi.SsdMobilenetv1Options();
  return {
    detect: async (photo) => (await faceapi.detectSingleFace(photo, options)) !== undefined,
    embed: async (photo) =>
      (await faceapi.detectSingleFace(photo, options).withFaceLandmarks().withFaceDescriptor())?.descriptor,
    compare(a, b) {
      const { distance, label } = new faceapi.FaceMatcher(a).findBestMatch(b);
      return { distance, accepted: label !== 'unknown' };
    },
    threshold: 'distance below 0.6',
  };
}
