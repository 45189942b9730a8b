import * as faceapi from '/tests/bench/node_modules/@vladmandic/face-api/dist/face-api.esm.js';

export async function run(photos, probe) {
  faceapi.tf.setWasmPaths('/tests/bench/node_modules/@tensorflow/tfjs-backend-wasm/dist/');
  await faceapi.tf.setBackend('wasm');
  await faceapi.tf.ready();
  const { ssdMobilenetv1, faceLandmark68Net, faceRecognitionNet } = faceapi.nets;
  await Promise.all(
    [ssdMobilenetv1, faceLandmark68Net, faceRecognitionNet].map((net) => net.loadFromUri('/tests/bench/node_modules/@vladmandic/face-api/model')),
  );
  const describe = async (address) => {
    const image = await faceapi.fetchImage(address);
    const face = await faceapi.detectSingleFace(image).withFaceLandmarks().withFaceDescriptor();
    if (!face) throw new Error('no face');
    return face.descriptor;
  };
  const person = new faceapi.LabeledFaceDescriptors('person', await Promise.all(photos.map(describe)));
  return new faceapi.FaceMatcher([person], 0.6).findBestMatch(await describe(probe)).label === 'person';
}
