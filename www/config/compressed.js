/** Writes compressed copies of a build's files, and lets Vite's preview send them. */

import { constants } from 'node:zlib';
import sirv from 'sirv';
import { compression, defineAlgorithm } from 'vite-plugin-compression2';
import { HEADERS } from './policy.js';

/** Not the best quality, which takes a minute for the WebGPU engine and saves only a few per cent. */
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } };

/**
 * The kinds of files to compress. Weights are left out: they gain little, and their download would have no progress,
 * because `Content-Length` is that of the compressed file.
 */
const FILES = /\.(html|js|css|svg|wasm|webmanifest|md)$/;

/** Writes `FILE.br` and `FILE.gz` beside each file, for hosts that send compressed files. */
export const compressed = compression({
  include: FILES,
  algorithms: [defineAlgorithm('gzip', { level: 9 }), defineAlgorithm('brotliCompress', BROTLI)],
  logLevel: 'silent',
});

/**
 * Vite's preview sends only uncompressed files. This plugin answers first, with the compressed copies.
 * @type {import('vite').Plugin}
 */
export const sendCompressed = {
  name: 'send-compressed',
  configurePreviewServer({ config, middlewares }) {
    const { root, build } = config;
    const setHeaders = (/** @type {import('node:http').ServerResponse} */ response) => {
      for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
    };
    middlewares.use(sirv(`${root}/${build.outDir}`, { brotli: true, gzip: true, etag: true, dev: true, extensions: ['html'], setHeaders }));
  },
};
