/** The files of the built page, by what they are for. */

import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { WWW } from '../../e2e/support/tools.js';

export const DIST = join(WWW, 'dist');

if (!existsSync(join(DIST, 'index.html'))) {
  console.error('error: there is no built page. Run scripts/build first');
  process.exit(1);
}

/** What a file is for, by its path; the first that fits. @type {[RegExp, string][]} */
const KINDS = [
  [/sw\.js$|workbox/, 'service worker'],
  [/\.html$/, 'page: HTML'],
  [/\.css$/, 'page: CSS'],
  [/worker.*\.js$|facekey.*\.js$/, 'engine: JS'],
  [/\/[a-z]{2,3}(-[A-Z]\w+)?-[\w-]{8}\.js$/, 'page: other languages'],
  [/\.js$/, 'page: JS'],
  [/facenet.*\.bpk$/, 'weights'],
  [/blazeface/, 'detector'],
  [/mesh/, 'face mesh'],
  [/\.(svg|png|webmanifest)$/, 'icons and manifest'],
];

/**
 * @typedef {object} BuiltFile
 * @property {string} path relative to the build
 * @property {string} kind what it is for
 * @property {Buffer} bytes
 */

/** @returns {Promise<BuiltFile[]>} the wasm bundles told apart by their size */
export async function builtFiles() {
  const entries = await readdir(DIST, { recursive: true, withFileTypes: true });
  const fetched = entries.filter((entry) => entry.isFile() && !/\.(md|br|gz)$/.test(entry.name)); // but the libraries' licences and compressed copies
  const paths = fetched.map((entry) => join(entry.parentPath, entry.name));
  const files = await Promise.all(
    paths.map(async (path) => ({ path: path.slice(DIST.length + 1), kind: '', bytes: await readFile(path) })),
  );
  const bundles = files.filter(({ path }) => path.endsWith('.wasm')).sort((a, b) => a.bytes.length - b.bytes.length);
  for (const file of files) {
    const bundle = bundles.indexOf(file);
    file.kind = bundle >= 0 ? `engine: ${['CPU', 'WebGPU'][bundle]} wasm` : (KINDS.find(([pattern]) => pattern.test(file.path))?.[1] ?? 'other');
  }
  return files;
}
