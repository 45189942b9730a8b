// Converts the weights of MediaPipe's short-range BlazeFace (Apache-2.0, from the npm package
// @mediapipe/face_detection) from TFLite to www/models/blazeface.safetensors (f16, OIHW), under
// the names of the Burn module in src/detect/network.rs. Does nothing where the result is there.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const www = join(dirname(fileURLToPath(import.meta.url)), '..', 'www');
const output = join(www, 'models', 'blazeface.safetensors');
const SOURCE_SHA256 = '3bc182eb9f33925d9e58b5c8d59308a760f4adea8f282370e428c51212c26633';

if (existsSync(output)) process.exit(0);

const require = createRequire(join(www, 'package.json'));
const { ByteBuffer } = require('flatbuffers');
const source = require.resolve('@mediapipe/face_detection/face_detection_short_range.tflite');
const bytes = readFileSync(source);
if (createHash('sha256').update(bytes).digest('hex') !== SOURCE_SHA256) {
  throw new Error(`${source} is not the version of BlazeFace that facekey was checked with`);
}

/** A table of the TFLite schema, read by field number (tensorflow/lite/schema/schema.fbs). */
class Table {
  /** @param {ByteBuffer} buffer @param {number} position */
  constructor(buffer, position) {
    this.buffer = buffer;
    this.position = position;
  }
  field(/** @type {number} */ number) {
    const offset = this.buffer.__offset(this.position, 4 + 2 * number);
    return offset === 0 ? 0 : this.position + offset;
  }
  int8(number) {
    const at = this.field(number);
    return at === 0 ? 0 : this.buffer.readInt8(at);
  }
  int32(number) {
    const at = this.field(number);
    return at === 0 ? 0 : this.buffer.readInt32(at);
  }
  tables(number) {
    const at = this.field(number);
    const start = this.buffer.__vector(at);
    return Array.from({ length: this.buffer.__vector_len(at) }, (_, i) =>
      new Table(this.buffer, this.buffer.__indirect(start + 4 * i)));
  }
  ints(number) {
    const at = this.field(number);
    const start = this.buffer.__vector(at);
    return Array.from({ length: this.buffer.__vector_len(at) }, (_, i) => this.buffer.readInt32(start + 4 * i));
  }
  bytes(number) {
    const at = this.field(number);
    const start = this.buffer.__vector(at);
    return this.buffer.bytes().subarray(start, start + this.buffer.__vector_len(at));
  }
}

const buffer = new ByteBuffer(new Uint8Array(bytes));
const model = new Table(buffer, buffer.readInt32(0));
const [CODES, SUBGRAPHS, BUFFERS] = [1, 2, 4];
const codes = model.tables(CODES).map((code) => Math.max(code.int8(0), code.int32(3)));
const buffers = model.tables(BUFFERS);
const [graph] = model.tables(SUBGRAPHS);
const tensors = graph.tables(0);
const operators = graph.tables(3).map((operator) => ({
  code: codes[operator.int32(0)],
  inputs: operator.ints(1),
  outputs: operator.ints(2),
}));
const [CONV_2D, DEPTHWISE_CONV_2D, DEQUANTIZE] = [3, 4, 6];

/** Where an f32 tensor is dequantised from. */
const stored = new Map(operators.filter(({ code }) => code === DEQUANTIZE).map(({ inputs, outputs }) => [outputs[0], inputs[0]]));

/** Shape and f16 values of a constant. */
function constant(/** @type {number} */ index) {
  const tensor = tensors[stored.get(index) ?? index];
  const data = buffers[tensor.int32(2)].bytes(0);
  return { shape: tensor.ints(0), values: new Uint16Array(data.slice().buffer) };
}

/** TFLite keeps kernels as [out, height, width, in], depthwise ones as [1, height, width, channels]. */
function toOihw({ shape: [out, height, width, channels], values }, /** @type {boolean} */ depthwise) {
  const [o, i] = depthwise ? [channels, 1] : [out, channels];
  const result = new Uint16Array(values.length);
  for (let a = 0; a < o; a++)
    for (let b = 0; b < i; b++)
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++) {
          const from = depthwise ? (y * width + x) * channels + a : ((a * height + y) * width + x) * channels + b;
          result[((a * i + b) * height + y) * width + x] = values[from];
        }
  return { shape: [o, i, height, width], values: result };
}

const BLOCKS = 16;
const names = [
  'stem',
  ...Array.from({ length: BLOCKS }, (_, i) => [`blocks.${i}.depthwise`, `blocks.${i}.pointwise`]).flat(),
  'scores_16', 'scores_8', 'boxes_16', 'boxes_8',
];
const convolutions = operators.filter(({ code }) => code === CONV_2D || code === DEPTHWISE_CONV_2D);
if (convolutions.length !== names.length) throw new Error(`expected ${names.length} convolutions, found ${convolutions.length}`);

/** @type {Record<string, unknown>} */
const header = {};
const parts = [];
let offset = 0;
const add = (name, { shape, values }) => {
  const data = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  header[name] = { dtype: 'F16', shape, data_offsets: [offset, offset + data.length] };
  offset += data.length;
  parts.push(data);
};
convolutions.forEach(({ code, inputs: [, kernel, bias] }, i) => {
  add(`${names[i]}.weight`, toOihw(constant(kernel), code === DEPTHWISE_CONV_2D));
  add(`${names[i]}.bias`, constant(bias));
});

let json = JSON.stringify(header);
json += ' '.repeat((8 - (json.length % 8)) % 8);
const length = Buffer.alloc(8);
length.writeBigUInt64LE(BigInt(json.length));
mkdirSync(dirname(output), { recursive: true });
writeFileSync(`${output}.new`, Buffer.concat([length, Buffer.from(json), ...parts]));
renameSync(`${output}.new`, output);
console.log(`wrote ${output}`);
