/** The page without a network, when a new version comes out, and as an installed app. */

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { cp, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { newProfile, withPage } from './support/browser.js';
import { Studio } from './support/media.js';
import { alex } from './support/people.js';
import { servePage, WWW } from './support/tools.js';

const DIST = join(WWW, 'dist');

/** @type {Studio} */
let studio;

before(async () => void (studio = await Studio.open()));
after(() => studio?.close());

/** @typedef {import('playwright-core').Page} Page */

/** Waits until the page would open without a network. @param {Page} page */
const keptForOffline = (page) =>
  page.evaluate(async () => {
    await navigator.serviceWorker.ready;
  });

/** Paths of what the browser keeps of the page. @param {Page} page */
const keptFiles = (page) =>
  page.evaluate(async () => {
    const requests = await Promise.all((await caches.keys()).map(async (name) => (await caches.open(name)).keys()));
    return requests.flat().map(({ url }) => new URL(url).pathname.slice(1));
  });

/**
 * A site that is served until the end of the test, if not closed before.
 * @param {import('node:test').TestContext} t
 * @param {Parameters<typeof servePage>[0]} [options]
 */
async function serveFor(t, options) {
  const site = await servePage(options);
  let isOpen = true;
  const close = async () => {
    if (isOpen) await site.close();
    isOpen = false;
  };
  t.after(close);
  return { ...site, close, port: Number(new URL(site.address).port) };
}

/**
 * A copy of the built page that says it is another version, like a host in the middle of an update
 * if its service worker still lists the old page.
 * @param {import('node:test').TestContext} t
 * @param {{whole: boolean}} update
 */
async function nextVersion(t, { whole }) {
  const folder = await mkdtemp(join(tmpdir(), 'facekey-next-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  await cp(DIST, folder, { recursive: true });
  const html = (await readFile(join(DIST, 'index.html'), 'utf8')).replace('<title>', '<title>Next: ');
  await writeFile(join(folder, 'index.html'), html);
  const script = await readFile(join(DIST, 'sw.js'), 'utf8');
  const digest = createHash('sha256').update(html).digest('base64');
  const listed = /(url:"index\.html",revision:)"[0-9a-f]+"(,integrity:)"[^"]+"/;
  assert.match(script, listed);
  const integrity = whole ? `"sha256-${digest}"` : listed.exec(script)?.[0].split('integrity:')[1];
  await writeFile(join(folder, 'sw.js'), script.replace(listed, `$1"next"$2${integrity}`));
  return folder;
}

describe('after the first visit', () => {
  it('enrols and verifies with the server gone', async (t) => {
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

  it('keeps all but the large engine, which not everyone uses', async (t) => {
    const { address } = await serveFor(t);
    await withPage(address, {}, async ({ page }) => {
      await keptForOffline(page);
      const built = await readdir(DIST, { recursive: true, withFileTypes: true });
      const files = built.filter((it) => it.isFile()).map((it) => join(it.parentPath, it.name));
      const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
      const large = files.filter((_, index) => sizes[index] > 8e6);
      const kept = await keptFiles(page);
      const missing = files.filter((file) => !kept.includes(file.slice(DIST.length + 1)));
      const engines = (/** @type {string[]} */ list) => list.filter((file) => /\.(wasm|bpk|safetensors)$/.test(file));
      assert.equal(engines(files).length, 4, 'the build holds two engines and two models');
      assert.deepEqual(engines(missing), large, 'all engines and models but the large one are kept');
      assert.equal(large.length, 1);
      assert.deepEqual(missing.filter((file) => /\.(html|js|css)$/.test(file) && !file.endsWith('sw.js')), []);
    });
  });

  it('still says that a missing file is missing', async (t) => {
    const { address } = await serveFor(t);
    await withPage(address, {}, async ({ page }) => {
      await keptForOffline(page);
      await assert.rejects(page.goto(`${address}missing`), /ERR_HTTP_RESPONSE_CODE_FAILURE/);
    });
  });
});

describe('a new version', () => {
  it('waits until the visitor takes it, and then replaces the old one whole', async (t) => {
    const old = await serveFor(t);
    await withPage(old.address, {}, async ({ page }) => {
      await keptForOffline(page);
      await old.close();
      await serveFor(t, { port: old.port, outDir: await nextVersion(t, { whole: true }) });
      await page.reload();
      const notice = page.locator('#update');
      await notice.waitFor();
      assert.doesNotMatch(await page.title(), /^Next/, 'the old version still runs');
      await notice.getByRole('button').click();
      await page.waitForFunction(() => document.title.startsWith('Next'));
      await page.locator('#engine[data-phase="ready"]').waitFor();
    });
  });

  it('that is fetched while the host is being updated is thrown away', async (t) => {
    const old = await serveFor(t);
    await withPage(old.address, {}, async ({ page }) => {
      await keptForOffline(page);
      await old.close();
      await serveFor(t, { port: old.port, outDir: await nextVersion(t, { whole: false }) });
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

describe('installing', () => {
  it('is offered by the browser, with pictures of the sizes that it wants', async (t) => {
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
