// Converts third-party weights from TFLite to www/models/*.safetensors, with the tensor names of the Burn
// modules that load them: MediaPipe's BlazeFace short range and face mesh (Apache-2.0), both from one file
// of the npm package @mediapipe/face_mesh.
//   node scripts/models.mjs            skips files that exist already
//   node scripts/models.mjs --tflite FOLDER   writes the TFLite files instead, for the tests
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { layers, writeSafetensors } from './tflite.mjs';

const www = join(dirname(fileURLToPath(import.meta.url)), '..', 'www');

/** The names of a block's two convolutions. */
const block = (/** @type {string} */ name) => [`${name}.depthwise`, `${name}.pointwise`];
const blocks = (/** @type {number} */ count) => Array.from({ length: count }, (_, i) => `blocks.${i}`);

/**
 * For each model, its position in the package's file (from the package's loader), and its layers in the order in
 * which they run.
 */
const MODELS = [
  {
    name: 'blazeface',
    range: [3_757_224, 3_986_256],
    sha256: '3bc182eb9f33925d9e58b5c8d59308a760f4adea8f282370e428c51212c26633',
    convolutions: ['stem', ...blocks(16).flatMap(block), 'scores_16', 'scores_8', 'boxes_16', 'boxes_8'],
    slopes: [],
  },
  {
    name: 'mesh',
    range: [2_495_952, 3_737_848],
    sha256: 'c603fa6149219a3e9487dc9abd7a0c24474c77263273d24868378cdf40aa26d1',
    convolutions: [
      'stem', ...[...blocks(14), 'points.blocks.0', 'points.blocks.1'].flatMap(block),
      'presence.blocks.0.depthwise', 'points.blocks.2.depthwise',
      'presence.blocks.0.pointwise', 'points.blocks.2.pointwise',
      'presence.narrow', 'points.narrow',
      'presence.last.depthwise', 'points.last.depthwise',
      'presence.last.pointwise', 'points.last.pointwise',
      'presence.head', 'points.head',
    ],
    slopes: [
      'stem', ...blocks(14), 'points.blocks.0', 'points.blocks.1',
      'presence.blocks.0', 'points.blocks.2', 'presence.narrow', 'points.narrow', 'presence.last', 'points.last',
    ],
  },
];

function read({ name, range, sha256 }) {
  const require = createRequire(join(www, 'package.json'));
  const source = require.resolve('@mediapipe/face_mesh/face_mesh_solution_packed_assets.data');
  const bytes = readFileSync(source).subarray(...range);
  if (createHash('sha256').update(bytes).digest('hex') !== sha256) {
    throw new Error(`${source} does not hold the version of ${name} that facekey was checked with`);
  }
  return bytes;
}

function convert(model) {
  const output = join(www, 'models', `${model.name}.safetensors`);
  if (existsSync(output)) return;
  const { convolutions, slopes } = layers(read(model));
  if (convolutions.length !== model.convolutions.length || slopes.length !== model.slopes.length) {
    throw new Error(`${model.name}: found ${convolutions.length} convolutions and ${slopes.length} PReLUs`);
  }
  const tensors = new Map();
  convolutions.forEach(({ weight, bias }, i) => {
    tensors.set(`${model.convolutions[i]}.weight`, weight);
    tensors.set(`${model.convolutions[i]}.bias`, bias);
  });
  slopes.forEach((slope, i) => tensors.set(`${model.slopes[i]}.slope`, slope));
  writeSafetensors(output, tensors);
  console.log(`wrote ${output}`);
}

const [option, folder] = process.argv.slice(2);
if (option === '--tflite') {
  mkdirSync(folder, { recursive: true });
  for (const model of MODELS) writeFileSync(join(folder, `${model.name}.tflite`), read(model));
} else {
  MODELS.forEach(convert);
}
