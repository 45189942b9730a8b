/** Who is measured, in the order of the tables; facekey first, which the others are set against. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, SHARED } from './server.js';

/**
 * @typedef {object} Entry
 * @property {string} title
 * @property {string} module in `page/contenders`
 * @property {object} options of that module
 * @property {'photo' | 'crop'} takes whole photos, or aligned crops only
 */

/** @param {string} name */
const version = (name) =>
  JSON.parse(readFileSync(join(ROOT, 'tests/bench/node_modules', name, 'package.json'), 'utf8')).version;

/** @returns {Entry[]} */
export function contenders() {
  const faceApi = `@vladmandic/face-api ${version('@vladmandic/face-api')}`;
  const entries = [
    { title: 'facekey', module: 'facekey', options: {}, takes: 'photo' },
    { title: `${faceApi}, SSD detector`, module: 'face-api', options: { detector: 'ssd' }, takes: 'photo' },
    { title: `${faceApi}, tiny detector`, module: 'face-api', options: { detector: 'tiny' }, takes: 'photo' },
    { title: `@vladmandic/human ${version('@vladmandic/human')}`, module: 'human', options: {}, takes: 'photo' },
  ];
  const model = join(SHARED, 'models/mobilefacenet_foamliu.onnx');
  if (existsSync(model)) {
    const title = `MobileFaceNet on onnxruntime-web ${version('onnxruntime-web')}`;
    entries.push({ title, module: 'onnxruntime', options: {}, takes: 'crop' });
  } else {
    console.error(`left out: onnxruntime-web, for want of ${model}`);
  }
  return /** @type {Entry[]} */ (entries);
}
