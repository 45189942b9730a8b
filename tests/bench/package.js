/**
 * The sizes of the npm packages; for `facekey`, the files by kind, and what each entry adds to an app that imports it,
 * bundled and minified, with the share of each library.
 *   scripts/package && scripts/bench package
 */

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { gzipSync } from 'node:zlib';
import { kilobytes, table } from './support/report.js';
import { require, WWW } from '../e2e/support/tools.js';

const FOLDER = join(WWW, 'dist-package', 'facekey');
const ENTRIES = ['facekey', 'element', 'gallery', 'node'];

/** The kinds of files, by the first pattern that fits. @type {[string, RegExp][]} */
const KINDS = [
  ['engine, WebAssembly', /\.wasm$/],
  ['models', /^models\//],
  ['types', /\.d\.ts$/],
  ['modules', /\.(js|css)$/],
  ['documents and licences', /./],
];

/** What an entry's modules come from, by the first pattern that fits. @type {[string, RegExp][]} */
const SOURCES = [
  ['comlink', /node_modules\/comlink\//],
  ['idb', /node_modules\/idb\//],
  ['image-size', /node_modules\/image-size\//],
  ['facekey', /./],
];

const { rolldown } = await import(require.resolve('rolldown'));

function files() {
  return readdirSync(FOLDER, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(FOLDER, join(entry.parentPath, entry.name)));
}

/** Bytes as they are, and compressed. @param {Buffer[]} contents */
function sizes(contents) {
  const sum = (/** @type {number[]} */ numbers) => numbers.reduce((all, one) => all + one, 0);
  return [sum(contents.map(({ length }) => length)), sum(contents.map((one) => gzipSync(one, { level: 9 }).length))];
}

/** @param {string} entry */
async function bundled(entry) {
  const bundle = await rolldown({ input: join(WWW, 'package', `${entry}.js`), external: [/\/pkg\//, /^node:/], logLevel: 'silent' });
  const { output } = await bundle.generate({ format: 'esm', minify: true });
  await bundle.close();
  const chunks = output.filter((/** @type {any} */ { type }) => type === 'chunk');
  /** @type {Record<string, number>} */
  const shares = Object.fromEntries(SOURCES.map(([name]) => [name, 0]));
  for (const { modules } of chunks) {
    for (const [path, { renderedLength }] of Object.entries(modules)) {
      shares[of(SOURCES, path)] += /** @type {number} */ (renderedLength);
    }
  }
  const [size, compressed] = sizes(chunks.map((/** @type {any} */ { code }) => Buffer.from(code)));
  const whole = Object.values(shares).reduce((all, one) => all + one, 0);
  return [size, compressed, ...SOURCES.map(([name]) => (size * shares[name]) / whole)];
}

/** @param {[string, RegExp][]} kinds @param {string} path */
function of(kinds, path) {
  return kinds.find(([, pattern]) => pattern.test(path))?.[0] ?? '';
}

const kinds = KINDS.map(([kind]) => {
  const paths = files().filter((path) => of(KINDS, path) === kind);
  return [kind, paths.length, ...sizes(paths.map((path) => readFileSync(join(FOLDER, path)))).map(kilobytes)];
});
const tarballs = readdirSync(WWW).filter((file) => /^facekey-[\w.-]+\.tgz$/.test(file));
console.log(`${table(['packed', 'kB'], tarballs.map((file) => [file, kilobytes(statSync(join(WWW, file)).size)]))}\n`);
console.log(`${table(['kB', 'files', 'as they are', 'gzip -9'], kinds)}\n`);
const rows = [];
for (const entry of ENTRIES) rows.push([entry === 'facekey' ? entry : `facekey/${entry}`, ...(await bundled(entry)).map(kilobytes)]);
console.log(table(['kB, minified', 'size', 'gzip -9', ...SOURCES.map(([name]) => `of it ${name}`)], rows));
