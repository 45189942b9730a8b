import { Facekey } from '/www/dist-package/facekey/dist/facekey.js';

export async function run(photos, probe) {
  const facekey = await Facekey.load();
  const template = await facekey.enrol(photos);
  return (await facekey.verify(template, probe, { maxFmr: 1e-3 })).accepted;
}
