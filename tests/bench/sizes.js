/** How large each part of the built page is, as it lies there and as hosts compress it. */

import { constants, brotliCompressSync, gzipSync } from 'node:zlib';
import { builtFiles } from './support/build.js';
import { kilobytes, table } from './support/report.js';

const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24 } };

/** Fetched by every visitor, in the order of need; then what only some fetch. */
const ORDER = [
  'page: HTML',
  'page: CSS',
  'page: JS',
  'detector',
  'weights',
  'engine: JS',
  'engine: CPU wasm',
  'service worker',
  'icons and manifest',
  'face mesh',
  'page: other languages',
  'engine: WebGPU wasm',
];

const sums = new Map(ORDER.map((kind) => [kind, [0, 0, 0, 0]]));
for (const { kind, bytes } of await builtFiles()) {
  const sum = sums.get(kind) ?? [0, 0, 0, 0];
  const sizes = [1, bytes.length, gzipSync(bytes, { level: 9 }).length, brotliCompressSync(bytes, BROTLI).length];
  sums.set(kind, sum.map((value, column) => value + sizes[column]));
}

const total = (/** @type {string[]} */ kinds) =>
  [0, 1, 2, 3].map((column) => kinds.reduce((sum, kind) => sum + (sums.get(kind)?.[column] ?? 0), 0));
const row = (/** @type {string} */ name, /** @type {number[]} */ [files, ...sizes]) => [name, files, ...sizes.map(kilobytes)];

console.log(`${table(
  ['kB', 'files', 'raw', 'gzip -9', 'brotli -11'],
  [
    ...[...sums].map(([kind, sum]) => row(kind, sum)),
    row('**all but the WebGPU engine**', total([...sums.keys()].filter((kind) => kind !== 'engine: WebGPU wasm'))),
    row('**all**', total([...sums.keys()])),
  ],
)}\n`);
