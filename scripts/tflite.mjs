// Reads the weights of the convolutions and PReLUs in a TFLite file, and writes them as safetensors (f16, OIHW)
// with our own names.
import { createRequire } from 'node:module';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

const require = createRequire(new URL('../www/package.json', import.meta.url));
const { ByteBuffer } = require('flatbuffers');

/** @typedef {{shape: number[], values: Uint16Array}} Weights f16 values */

const [CONV_2D, DEPTHWISE_CONV_2D, DEQUANTIZE, PRELU] = [3, 4, 6, 54];

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

/**
 * The layers of a network whose weights are stored as f16, in the order in which it runs them.
 * @param {Uint8Array} bytes a TFLite file
 * @returns {{convolutions: {weight: Weights, bias: Weights}[], slopes: Weights[]}} the slopes are the PReLUs'
 */
export function layers(bytes) {
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
  /** Maps an f32 tensor to the f16 tensor that it is dequantised from. */
  const stored = new Map(
    operators.filter(({ code }) => code === DEQUANTIZE).map(({ inputs, outputs }) => [outputs[0], inputs[0]]),
  );
  const constant = (/** @type {number} */ index) => {
    const tensor = tensors[stored.get(index) ?? index];
    const data = buffers[tensor.int32(2)].bytes(0);
    return { shape: tensor.ints(0), values: new Uint16Array(data.slice().buffer) };
  };
  return {
    convolutions: operators
      .filter(({ code }) => code === CONV_2D || code === DEPTHWISE_CONV_2D)
      .map(({ code, inputs: [, kernel, bias] }) => ({
        weight: toOihw(constant(kernel), code === DEPTHWISE_CONV_2D),
        bias: constant(bias),
      })),
    slopes: operators
      .filter(({ code }) => code === PRELU)
      .map(({ inputs: [, slope] }) => constant(slope))
      .map(({ shape, values }) => ({ shape: shape.slice(-1), values })),
  };
}

/**
 * TFLite keeps kernels as [out, height, width, in], depthwise ones as [1, height, width, channels].
 * @param {Weights} weights
 * @param {boolean} depthwise
 * @returns {Weights}
 */
function toOihw({ shape: [out, height, width, channels], values }, depthwise) {
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

/**
 * Writes tensors as a safetensors file, atomically.
 * @param {string} path
 * @param {Map<string, Weights>} tensors
 */
export function writeSafetensors(path, tensors) {
  /** @type {Record<string, unknown>} */
  const header = {};
  const parts = [];
  let offset = 0;
  for (const [name, { shape, values }] of tensors) {
    const data = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
    header[name] = { dtype: 'F16', shape, data_offsets: [offset, offset + data.length] };
    offset += data.length;
    parts.push(data);
  }
  let json = JSON.stringify(header);
  json += ' '.repeat((8 - (json.length % 8)) % 8);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, Buffer.concat([length, Buffer.from(json), ...parts]));
  renameSync(`${path}.new`, path);
}
