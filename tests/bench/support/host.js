/**
 * Serves the built page as web hosts do: text and wasm in brotli, files with a hash in their name cached forever, other
 * files revalidated; over a connection of a given speed. Counts every byte.
 */

import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { brotliCompress, constants } from 'node:zlib';
import { HEADERS } from '../../../www/config/policy.js';
import { listen } from '../../e2e/support/tools.js';
import { builtFiles } from './build.js';

const TYPES = /** @type {Record<string, string>} */ ({
  html: 'text/html',
  js: 'text/javascript',
  css: 'text/css',
  svg: 'image/svg+xml',
  png: 'image/png',
  wasm: 'application/wasm',
  webmanifest: 'application/manifest+json',
});
const COMPRESSED = /\.(html|js|css|svg|wasm|webmanifest)$/;

/** What hosts use; the largest of brotli's qualities takes a minute for the WebGPU engine. */
const QUALITY = 9;

/** Bytes that are on their way at once. */
const PIECE = 16_384;

/** @typedef {{name: string, bytesPerSecond: number, latency: number}} Line latency in milliseconds */
/** @typedef {{path: string, bytes: number, end: number}} Delivery `end` in milliseconds since 1970 */

export class Host {
  /** @type {Delivery[]} */
  deliveries = [];
  address = '';
  /** @type {Line} */
  line;
  /** @type {Map<string, {body: Buffer, headers: Record<string, string>}>} */
  #files = new Map();
  /** When the line is free again. */
  #free = 0;
  #server = createServer((request, response) => void this.#answer(request, response));

  /** @param {Line} line */
  constructor(line) {
    this.line = line;
  }

  async open() {
    for (const { path, bytes } of await builtFiles()) {
      const isCompressed = COMPRESSED.test(path);
      const params = { [constants.BROTLI_PARAM_QUALITY]: QUALITY, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
      this.#files.set(`/${path}`, {
        body: isCompressed ? await promisify(brotliCompress)(bytes, { params }) : bytes,
        headers: {
          ...HEADERS,
          ...(isCompressed ? { 'Content-Encoding': 'br' } : {}),
          'Content-Type': TYPES[/** @type {string} */ (path.split('.').pop())] ?? 'application/octet-stream',
          'Cache-Control': path.startsWith('assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
          ETag: `"${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}"`,
        },
      });
    }
    this.address = await listen(this.#server);
  }

  close() {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  /**
   * @param {import('node:http').IncomingMessage} request
   * @param {import('node:http').ServerResponse} response
   */
  async #answer({ url, headers: asked, socket }, response) {
    const { pathname } = new URL(String(url), this.address);
    const path = pathname === '/' ? '/index.html' : pathname;
    const file = this.#files.get(path);
    const before = socket.bytesWritten;
    await sleep(this.line.latency);
    if (!file) response.writeHead(404).end();
    else if (asked['if-none-match'] === file.headers.ETag) response.writeHead(304, file.headers).end();
    else await this.#send(response, file);
    if (!response.writableFinished) await new Promise((resolve) => response.once('close', resolve));
    this.deliveries.push({ path, bytes: socket.bytesWritten - before, end: performance.timeOrigin + performance.now() });
  }

  /**
   * @param {import('node:http').ServerResponse} response
   * @param {{body: Buffer, headers: Record<string, string>}} file
   */
  async #send(response, { body, headers }) {
    response.writeHead(200, { ...headers, 'Content-Length': body.length });
    for (let at = 0; at < body.length; at += PIECE) {
      const piece = body.subarray(at, at + PIECE);
      this.#free = Math.max(this.#free, performance.now()) + (1000 * piece.length) / this.line.bytesPerSecond;
      const wait = this.#free - performance.now();
      if (wait > 1) await sleep(wait);
      response.write(piece);
    }
    response.end();
  }
}
