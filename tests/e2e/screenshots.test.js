/** Screenshots of the main states at two sizes in both themes, and the progress of the download. */

import assert from 'node:assert/strict';
import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { withPage } from './support/browser.js';
import { Studio } from './support/media.js';
import { alex, kim } from './support/people.js';
import { ARTIFACTS, servePage, WWW } from './support/tools.js';

const SIZES = { desktop: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } };

/** @type {Awaited<ReturnType<typeof servePage>>} */
let site;
/** @type {Studio} */
let studio;
/** @type {string} */
let video;
/** @type {Awaited<ReturnType<Studio['photo']>>} */
let stranger;

before(async () => {
  await mkdir(ARTIFACTS, { recursive: true });
  site = await servePage();
  studio = await Studio.open();
  video = await studio.video('alex', [alex.enrol]);
  stranger = await studio.photo(kim.again[0]);
});

after(async () => {
  await studio?.close();
  await site?.close();
});

for (const theme of /** @type {const} */ (['light', 'dark'])) {
  for (const [device, size] of Object.entries(SIZES)) {
    it(`fits a ${device} in the ${theme} theme`, async () => {
      await withPage(site.address, { video, size, theme }, async (facekey) => {
        const { page } = facekey;
        const shoot = async (/** @type {string} */ state) => {
          const path = join(ARTIFACTS, `${device}-${theme}-${state}.png`);
          await page.screenshot({ path, fullPage: true, animations: 'disabled' });
          const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
          assert.ok(overflow <= 0, `${state}: ${overflow} pixels too wide`);
        };
        await facekey.ready();
        await shoot('start');
        await facekey.fillIn('Alexandra Featherstonehaugh-Montgomery of the Long Name');
        await page.getByRole('button', { name: 'Enrol with the camera' }).click();
        await page.locator('#prompt').getByText('Lift your chin a little.').waitFor();
        await shoot('enrolling');
        await page.locator('#viewfinder[data-state="good"]').waitFor();
        await shoot('done');
        await facekey.leaveStep();
        await shoot('enrolled');
        await facekey.verifyWithCamera();
        await shoot('accepted');
        await facekey.verifyPhoto(stranger);
        await shoot('refused');
        await page.locator('#engine summary').click();
        await facekey.openKeeping();
        await shoot('kept');
        await page.getByRole('button', { name: 'Set a passphrase' }).click();
        await shoot('passphrase');
        await facekey.fillSecret(['correct horse battery', 'correct horse battery']);
        await page.getByText('The passphrase is set.').waitFor();
        await page.getByRole('button', { name: 'Delete everything' }).click();
        await shoot('delete-all');
        await page.reload();
        await page.getByLabel('Passphrase', { exact: true }).waitFor();
        await facekey.ready();
        await shoot('locked');
      });
    });
  }
}

it('shows how much of the models has been downloaded, and the total', async () => {
  const models = ['blazeface.safetensors', 'facenet.bpk'].map((name) => join(WWW, 'models', name));
  const total = (await Promise.all(models.map((file) => stat(file)))).reduce((sum, { size }) => sum + size, 0);
  const prepare = async (/** @type {import('playwright-core').BrowserContext} */ context) => {
    // Vite compresses this file, so its size would be unknown.
    await context.route('**/blazeface*', (route) => route.fulfill({ path: models[0] }));
    await context.addInitScript(noteProgress);
  };
  await withPage(site.address, { prepare }, async (facekey) => {
    await facekey.ready();
    const { seen } = await facekey.page.evaluate(() => ({ seen: /** @type {any} */ (window).seen }));
    assert.deepEqual(new Set(seen.map((/** @type {any} */ { max }) => max)), new Set([total]));
    assert.equal(seen.at(-1).value, total);
    const downloading = seen.filter((/** @type {any} */ { phase }) => phase === 'downloading');
    assert.ok(downloading.length > 0);
    for (const { words } of downloading) assert.match(words, /\d.[kM]B.*\d.[kM]B/);
    assert.equal(await facekey.page.locator('#load-progress').isVisible(), false);
  });
});

/** Runs in the page before its own code: records every step of the progress bar, with its text. */
function noteProgress() {
  /** @type {{value: number, max: number, phase: string | undefined, words: string | null | undefined}[]} */
  const seen = [];
  Object.assign(window, { seen });
  new MutationObserver(() => {
    const bar = /** @type {HTMLProgressElement | null} */ (document.getElementById('load-progress'));
    if (!bar?.hasAttribute('value')) return;
    const { phase } = /** @type {HTMLElement} */ (document.getElementById('engine')).dataset;
    seen.push({ value: bar.value, max: bar.max, phase, words: document.getElementById('loading-text')?.textContent });
  }).observe(document, { subtree: true, attributeFilter: ['value'] });
}
