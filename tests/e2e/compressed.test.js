/** The built page as it is sent: compressed, with the same content after decompression. */

import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { get } from 'node:http';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { HEADERS } from '../../www/config/policy.js';
import { serveFor, WWW } from './support/tools.js';

const DIST = join(WWW, 'dist');
const WAYS = { br: brotliDecompressSync, gz: gunzipSync };

/** @type {string[]} */
let files;

before(async () => void (files = await readdir(DIST, { recursive: true })));

/**
 * @param {string} url
 * @param {string} accepted encodings
 * @returns {Promise<import('node:http').IncomingHttpHeaders>}
 */
const headersOf = (url, accepted) =>
  new Promise((resolve, reject) => {
    const request = get(url, { headers: { 'accept-encoding': accepted } }, (response) => {
      resolve(response.headers);
      response.destroy();
    });
    request.on('error', reject);
  });

describe('a build', () => {
  for (const [ending, unpack] of Object.entries(WAYS)) {
    it(`has ${ending} copies with the same content as its files`, async () => {
      const copies = files.filter((file) => file.endsWith(`.${ending}`));
      const originals = copies.map((file) => file.slice(0, -ending.length - 1));
      assert.ok(['index.html', /\.wasm$/, /\.css$/].every((name) => originals.some((file) => file.match(name))), originals.join());
      for (const file of originals) {
        const copy = unpack(await readFile(join(DIST, `${file}.${ending}`)));
        assert.ok(copy.equals(await readFile(join(DIST, file))), file);
      }
    });
  }

  it('is sent in an encoding that the browser accepts, with its type and policy', async (t) => {
    const { address } = await serveFor(t);
    const wasm = files.filter((file) => file.endsWith('.wasm'));
    for (const [accepted, encoding] of [['gzip, deflate, br', 'br'], ['gzip', 'gzip'], ['identity', undefined]]) {
      for (const file of ['', ...wasm]) {
        const headers = await headersOf(new URL(file, address).href, String(accepted));
        assert.equal(headers['content-encoding'], encoding, `${file} for ${accepted}`);
        assert.equal(headers['content-type'], file ? 'application/wasm' : 'text/html;charset=utf-8', file);
        for (const [name, value] of Object.entries(HEADERS)) assert.equal(headers[name.toLowerCase()], value);
      }
    }
  });
});
