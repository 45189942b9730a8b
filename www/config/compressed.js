/** Compressed copies beside the files of a build, and a preview that sends them. */

import { constants } from 'node:zlib';
import sirv from 'sirv';
import { compression, defineAlgorithm } from 'vite-plugin-compression2';
import { HEADERS } from './policy.js';

/** Not the best, which takes a minute for the WebGPU engine and saves a few per cent. */
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } };

/**
 * What hosts compress; weights gain little, and progress could not be told of them: the announced
 * length would be that of the compressed file.
 */
const FILES = /\.(html|js|css|svg|wasm|webmanifest|md)$/;

/** Leaves `FILE.br` and `FILE.gz` beside each, for hosts that send such. */
export const compressed = compression({
  include: FILES,
  algorithms: [defineAlgorithm('gzip', { level: 9 }), defineAlgorithm('brotliCompress', BROTLI)],
  logLevel: 'silent',
});

/**
 * Vite's preview sends files as they are. This one, asked first, knows their compressed copies.
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
