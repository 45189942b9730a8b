/** A file of an engine is used only if its digest is that of the build, wherever it comes from. */

import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { integrityOf } from '../../www/config/digests.js';
import { fetchEngine } from '../../www/package/fetch-engine.js';
import { withCode } from './people.js';

const ADDRESS = new URL('https://example.org/facekey_bg.wasm');
const [BUILT, OTHER] = ['as it was built', 'something else'];
const integrity = integrityOf(Buffer.from(BUILT));

const { fetch } = globalThis;

/**
 * Simulates a browser's `fetch`, which reads its caches first, and refuses a file with another digest
 * than the requested one.
 * @param {string} hosted what the host sends
 * @param {Record<string, string>} kept what each cache has kept for the address
 */
function browse(hosted, kept) {
  globalThis.fetch = async (_, { integrity } = {}) => {
    const body = Object.values(kept)[0] ?? hosted;
    if (integrityOf(Buffer.from(body)) !== integrity) throw new TypeError('Failed to fetch');
    return new Response(body);
  };
  const open = async (/** @type {string} */ name) => ({ delete: async () => delete kept[name] });
  Object.assign(globalThis, { caches: { keys: async () => Object.keys(kept), open } });
}

afterEach(() => {
  globalThis.fetch = fetch;
  Reflect.deleteProperty(globalThis, 'caches');
});

describe('an engine', () => {
  const taken = async () => (await fetchEngine(ADDRESS, integrity)).text();

  it('is read from the cache', async () => {
    const kept = { 'facekey-webgpu-engine': BUILT };
    browse(OTHER, kept);
    assert.equal(await taken(), BUILT);
    assert.deepEqual(kept, { 'facekey-webgpu-engine': BUILT });
  });

  for (const cache of ['facekey-precache', 'facekey-webgpu-engine']) {
    it(`is deleted from ${cache} and fetched again if it was changed there`, async () => {
      const kept = { [cache]: OTHER };
      browse(BUILT, kept);
      assert.equal(await taken(), BUILT);
      assert.deepEqual(kept, {});
    });
  }

  it('is refused if the host sends another file, with or without caches', async () => {
    browse(OTHER, {});
    await assert.rejects(taken(), withCode('weights-missing'));
    Reflect.deleteProperty(globalThis, 'caches');
    await assert.rejects(taken(), withCode('weights-missing'));
  });
});
