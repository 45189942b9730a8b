/** The choice of the engine. The workers are simulated. */

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { before, describe, it } from 'node:test';
import { EngineClient } from '../../www/package/engine-client.js';
import { movement } from '../../www/package/movement.js';
import { webgpu } from '../../www/package/webgpu.js';

/** @type {typeof import('comlink')} */
const { expose } = createRequire(new URL('../../www/package.json', import.meta.url))('comlink');

/** @typedef {{agreement: number, time?: number}} Trait lowest golden cosine, and milliseconds a face */

/** @type {Record<'cpu' | 'webgpu', Trait>} */
let engines;

before(() => {
  /** @param {URL} address */
  function Worker({ pathname }) {
    const { agreement, time = 1 } = engines[pathname.includes('webgpu') ? 'webgpu' : 'cpu'];
    const { port1, port2 } = new MessageChannel();
    const load = () => ({ id: 'model', thresholds: [] });
    expose({ prepare: () => {}, load, selfTest: () => agreement, time: () => time, beginChallenge: () => {} }, port2);
    return Object.assign(port1, { terminate: () => port1.close() });
  }
  Object.assign(globalThis, { Worker, fetch: async () => new Response('a model') });
  const gpu = { requestAdapter: async () => ({ info: { isFallbackAdapter: false } }) };
  Object.defineProperty(globalThis, 'navigator', { value: { gpu } });
});

/**
 * The state of the client after it has tried these engines.
 * @param {typeof engines} given
 * @param {'auto' | 'cpu' | 'webgpu'} [choice]
 */
async function outcome(given, choice = 'auto') {
  engines = given;
  const client = new EngineClient();
  await client.start({ backend: choice, webgpu: webgpu() });
  await client.settled;
  const { phase, backend, why, error } = client.state;
  client.close();
  return { phase, backend, why, error: error?.code };
}

const RIGHT = { agreement: 0.99995 };

describe('an engine', () => {
  it('is refused if it does not reproduce the golden embeddings', async () => {
    for (const agreement of [0.9998, -1, NaN]) {
      const { phase, backend, error } = await outcome({ cpu: { agreement }, webgpu: RIGHT });
      assert.deepEqual([phase, backend, error], ['failed', undefined, 'self-test-failed']);
    }
  });

  it('stays on the CPU if WebGPU does not reproduce them, however fast it is', async () => {
    for (const choice of /** @type {const} */ (['auto', 'webgpu'])) {
      for (const agreement of [0.998, -1, NaN]) {
        const { phase, backend, why } = await outcome({ cpu: { ...RIGHT, time: 9 }, webgpu: { agreement } }, choice);
        assert.deepEqual([phase, backend, why], ['ready', 'cpu', 'webgpu-disagrees']);
      }
    }
  });

  it('switches to WebGPU if it agrees and is faster, or was requested', async () => {
    const webgpu = { agreement: 0.9995, time: 5 };
    assert.equal((await outcome({ cpu: { ...RIGHT, time: 9 }, webgpu })).why, 'webgpu-faster');
    assert.equal((await outcome({ cpu: { ...RIGHT, time: 1 }, webgpu })).why, 'webgpu-slower');
    assert.equal((await outcome({ cpu: { ...RIGHT, time: 1 }, webgpu }, 'webgpu')).why, 'webgpu-chosen');
    assert.equal((await outcome({ cpu: { ...RIGHT, time: 9 }, webgpu }, 'cpu')).why, 'cpu-chosen');
  });
});

describe('the face mesh', () => {
  it('is fetched when a movement check begins, and again only after a failure', async () => {
    engines = { cpu: RIGHT, webgpu: RIGHT };
    let [fetched, status] = [0, 404];
    const fetch = async (/** @type {string | URL} */ address) => {
      if (!String(address).includes('mesh')) return new Response('a model');
      fetched += 1;
      return new Response('a mesh', { status });
    };
    const client = new EngineClient();
    await client.start({ backend: 'cpu', movement: movement(), host: { fetch } });
    assert.equal(fetched, 0);
    await assert.rejects(client.beginChallenge(), { code: 'weights-missing' });
    status = 200;
    for (let check = 0; check < 2; check++) await client.beginChallenge();
    assert.equal(fetched, 2);
    client.close();
  });

  it('has an address beside its module, or below a given base address', () => {
    assert.match(String(movement().mesh), /^file:.*\/models\/mesh\.safetensors$/);
    for (const baseUrl of ['/copy', '/copy/']) assert.equal(movement({ baseUrl }).mesh, '/copy/models/mesh.safetensors');
    assert.equal(movement({ baseUrl: new URL('https://cdn.example/a') }).mesh, 'https://cdn.example/a/models/mesh.safetensors');
  });

  it('is reported as missing, with a hint, if it was not given', async () => {
    engines = { cpu: RIGHT, webgpu: RIGHT };
    const client = new EngineClient();
    await client.start({ backend: 'cpu', host: { fetch: async () => new Response('a model') } });
    await assert.rejects(client.beginChallenge(), { code: 'movement-missing', hint: 'fix-call', message: /movement\(\).*facekey-movement/ });
    client.close();
  });
});
