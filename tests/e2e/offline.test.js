/** The page without a network, at the release of a new version, and as an installed app. */

import assert from 'node:assert/strict';
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { keptForOffline, newProfile, withPage } from './support/browser.js';
import { Studio } from './support/media.js';
import { FacekeyPage } from './support/page.js';
import { alex } from './support/people.js';
import { serveFor } from './support/tools.js';
import { changedBuild, digest, DIST, filesIn, renameAll } from './support/versions.js';

/** The service worker stores all files up to this size when it is installed. */
const LARGE = 8e6;

/** @type {Studio} */
let studio;
/** @type {Awaited<ReturnType<Studio['photo']>>[]} */
let photos;

before(async () => {
  studio = await Studio.open();
  photos = await Promise.all(alex.enrol.map((photo) => studio.photo(photo)));
});
after(() => studio?.close());

/** @typedef {import('playwright-core').Page} Page */

/** The files of the page that the browser stores, with their digests. @param {Page} page @returns {Promise<Record<string, string>>} */
const keptFiles = (page) =>
  page.evaluate(async () => {
    /** @type {Record<string, string>} */
    const kept = {};
    for (const name of await caches.keys()) {
      const cache = await caches.open(name);
      for (const request of await cache.keys()) {
        const bytes = await (await cache.match(request))?.arrayBuffer();
        const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes ?? new ArrayBuffer()));
        kept[new URL(request.url).pathname.slice(1)] = btoa(String.fromCharCode(...digest));
      }
    }
    return kept;
  });

/** The loaded files of a tab and its worker whose names contain a digest. @param {Page} page */
async function loadedFiles(page) {
  const loaded = () => performance.getEntriesByType('resource').map(({ name }) => name);
  const lists = await Promise.all([page, ...page.workers()].map((it) => it.evaluate(loaded)));
  const addresses = [...page.workers().map((worker) => worker.url()), ...lists.flat()];
  return addresses.map((address) => new URL(address).pathname.slice(1)).filter((file) => file.startsWith('assets/'));
}

/** @param {Buffer} html */
const entitleNext = (html) => Buffer.from(html.toString().replace(/<title.*?>/, '$&Next: '));

/** Adds an empty custom section to a WebAssembly module. @param {Buffer} wasm */
const addSection = (wasm) => Buffer.concat([wasm, Buffer.from([0, 5, 4]), Buffer.from('next')]);

/** Changes the name of the training data in the weights. @param {Buffer} weights */
function relabel(weights) {
  const changed = Buffer.from(weights);
  changed[changed.indexOf('"data":"') + 8] ^= 1;
  return changed;
}

/**
 * Makes another version of the page, with engines and weights that differ in bytes but not in behaviour.
 * @param {import('node:test').TestContext} t
 */
async function nextVersion(t) {
  const folder = await changedBuild(t, [
    [/^index\.html$/, entitleNext],
    [/\.wasm$/, addSection],
    [/\.bpk$/, relabel],
  ]);
  await renameAll(folder);
  return folder;
}

/** Waits until a tab shows the next version. @param {FacekeyPage} tab */
async function showsNext(tab) {
  await tab.page.waitForFunction(() => document.title.startsWith('Next'));
  await tab.ready('cpu');
}

describe('after the first visit, the page', () => {
  it('enrols and verifies without the server', async (t) => {
    const profile = await newProfile();
    t.after(() => rm(profile, { recursive: true, force: true, maxRetries: 5 }));
    const video = await studio.video('offline', [alex.enrol]);
    const site = await serveFor(t);
    await withPage(site.address, { video, profile }, async (page) => {
      await page.ready('cpu');
      await keptForOffline(page.page);
    });
    await site.close();
    await withPage(site.address, { video, profile }, async (page) => {
      await page.ready('cpu');
      assert.equal(await page.enrolFromCamera('Alex'), 'enrolled');
      assert.equal((await page.verifyWithCamera('Alex')).verdict, 'accepted');
    });
  });

  it('stores all files except the large engine, which not everyone uses', async (t) => {
    const { address } = await serveFor(t);
    await withPage(address, {}, async ({ page }) => {
      await keptForOffline(page);
      const files = await filesIn(DIST);
      const large = await largeFiles(DIST);
      const kept = await keptFiles(page);
      const missing = files.filter((file) => !(file in kept));
      const engines = (/** @type {string[]} */ list) => list.filter((file) => /\.(wasm|bpk|safetensors)$/.test(file));
      assert.equal(engines(files).length, 5, 'the build holds two engines and three models');
      assert.deepEqual(engines(missing), large, 'all engines and models but the large one are kept');
      assert.equal(large.length, 1);
      assert.deepEqual(missing.filter((file) => /\.(html|js|css)$/.test(file) && !file.endsWith('sw.js')), []);
    });
  });

  it('refuses a changed engine in its cache, and fetches the right one again', async (t) => {
    const { address } = await serveFor(t);
    await withPage(address, {}, async (first) => {
      await first.ready('cpu');
      await keptForOffline(first.page);
      const kept = await keptFiles(first.page);
      const engines = Object.keys(kept).filter((file) => file.endsWith('.wasm'));
      assert.equal(engines.length, 1);
      await first.page.evaluate(async (file) => {
        for (const name of await caches.keys()) {
          const cache = await caches.open(name);
          const [request] = (await cache.keys()).filter(({ url }) => url.endsWith(file));
          if (request) await cache.put(request, new Response(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0), { headers: { 'Content-Type': 'application/wasm' } }));
        }
      }, engines[0]);
      assert.notDeepEqual(await keptFiles(first.page), kept);
      await first.page.reload();
      await first.ready('cpu');
      assert.deepEqual(await keptFiles(first.page), kept);
    });
  });

  it('still answers that a missing file does not exist', async (t) => {
    const { address } = await serveFor(t);
    await withPage(address, {}, async ({ page }) => {
      await keptForOffline(page);
      await assert.rejects(page.goto(`${address}missing`), /ERR_HTTP_RESPONSE_CODE_FAILURE/);
    });
  });
});

describe('a new version', () => {
  it('waits until the visitor accepts it, and then replaces the old one completely', async (t) => {
    const old = await serveFor(t);
    const next = await nextVersion(t);
    const [[largeOfOld], filesOfOld, filesOfNext] = [await largeFiles(DIST), await filesIn(DIST), await filesIn(next)];
    await withPage(old.address, {}, async (first) => {
      await first.ready('cpu');
      assert.equal(await first.enrolFromPhotos('Alex', photos), 'enrolled');
      await first.page.waitForFunction(() => navigator.serviceWorker.controller);
      await first.page.evaluate(async (file) => void (await (await fetch(file)).arrayBuffer()), largeOfOld);
      assert.ok(largeOfOld in (await keptFiles(first.page)), 'stored as after a use');
      await old.close();
      await serveFor(t, { port: old.port, outDir: next });
      await first.page.evaluate(async () => void (await (await navigator.serviceWorker.ready).update()));
      await first.page.locator('#update').waitFor();

      const second = new FacekeyPage(await first.page.context().newPage(), 'cpu');
      await second.page.goto(`${old.address}?backend=cpu`);
      await second.page.locator('#update').waitFor();
      for (const tab of [first, second]) {
        await tab.crashEngine();
        const loaded = await loadedFiles(tab.page);
        assert.deepEqual(loaded.filter((file) => !filesOfOld.includes(file)), [], 'a restarted engine has the old version');
        assert.ok(loaded.some((file) => file.endsWith('.wasm')));
        assert.equal((await tab.verifyPhoto(photos[0], 'Alex')).verdict, 'accepted');
      }

      await second.fillIn('Sandy');
      await second.page.locator('#enrol-files').setInputFiles(photos);
      await second.page.locator('#dialog[open]').waitFor(); // asks whether this is Alex
      await first.page.locator('#update-now').click();
      for (const tab of [first, second]) {
        await showsNext(tab);
        const loaded = await loadedFiles(tab.page);
        assert.deepEqual(loaded.filter((file) => !filesOfNext.includes(file)), []);
        assert.ok(loaded.some((file) => file.endsWith('.wasm')));
        assert.deepEqual(await tab.people(), ['Alex'], 'enrolled people stay, and the unfinished enrolment is not stored');
        assert.equal((await tab.verifyPhoto(photos[0], 'Alex')).verdict, 'accepted');
      }
      await first.page.evaluate(async (file) => {
        for (let wait = 0; wait < 100 && (await caches.match(file)); wait++) await new Promise((resolve) => setTimeout(resolve, 100));
      }, largeOfOld);
      for (const [file, kept] of Object.entries(await keptFiles(first.page))) {
        assert.ok(filesOfNext.includes(file), `${file} is old`);
        assert.equal(kept, digest(await readFile(join(next, file))), file);
      }
    });
  });

  it('is discarded if it was fetched while the host was being updated', async (t) => {
    const old = await serveFor(t);
    const next = await nextVersion(t);
    await writeFile(join(next, 'index.html'), await readFile(join(DIST, 'index.html')));
    await withPage(old.address, {}, async ({ page }) => {
      await keptForOffline(page);
      await old.close();
      await serveFor(t, { port: old.port, outDir: next });
      const outcome = await page.evaluate(async () => {
        const registration = await navigator.serviceWorker.ready;
        const found = new Promise((resolve) => registration.addEventListener('updatefound', resolve));
        await registration.update();
        await found;
        const worker = /** @type {ServiceWorker} */ (registration.installing);
        if (worker.state === 'installing') await new Promise((resolve) => (worker.onstatechange = resolve));
        return worker.state;
      });
      assert.equal(outcome, 'redundant');
      await page.reload();
      await page.locator('#engine[data-phase="ready"]').waitFor();
      assert.doesNotMatch(await page.title(), /^Next/);
      assert.equal(await page.locator('#update').isVisible(), false);
    });
  });
});

/** The files of a build that are fetched only if they are used. @param {string} folder */
async function largeFiles(folder) {
  const files = await filesIn(folder);
  const sizes = await Promise.all(files.map(async (file) => (await stat(join(folder, file))).size));
  return files.filter((_, index) => sizes[index] > LARGE);
}

describe('installing', () => {
  it('is offered by the browser, with icons of the required sizes', async (t) => {
    const { address } = await serveFor(t);
    await withPage(address, {}, async ({ page }) => {
      await keptForOffline(page);
      const session = await page.context().newCDPSession(page);
      const { installabilityErrors } = await session.send('Page.getInstallabilityErrors');
      assert.deepEqual(installabilityErrors, []);
      const { url, data, errors } = await session.send('Page.getAppManifest');
      assert.deepEqual(errors, []);
      const { icons } = JSON.parse(String(data));
      const kinds = icons.map((/** @type {any} */ { sizes, purpose }) => `${sizes} ${purpose ?? 'any'}`);
      assert.deepEqual(kinds, ['192x192 any', '512x512 any', '512x512 maskable']);
      for (const { src, sizes } of icons) {
        const size = await page.evaluate(async (src) => {
          const { width, height } = await createImageBitmap(await (await fetch(src)).blob());
          return `${width}x${height}`;
        }, new URL(src, url).href);
        assert.equal(size, sizes);
      }
    });
  });
});
