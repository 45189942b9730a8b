/** What the page says when something is missing or in the way. */

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { withPage } from './support/browser.js';
import { Studio } from './support/media.js';
import { alex, kim } from './support/people.js';
import { servePage, WWW } from './support/tools.js';

/** @type {Awaited<ReturnType<typeof servePage>>} */
let site;
/** @type {Studio} */
let studio;
/** @type {Awaited<ReturnType<Studio['photo']>>[]} */
let photos;
/** @type {Record<'alex' | 'nobody' | 'both', string>} */
let videos;

before(async () => {
  site = await servePage();
  studio = await Studio.open();
  photos = await Promise.all(alex.enrol.map((photo) => studio.photo(photo)));
  videos = {
    alex: await studio.video('alex', [alex.enrol]),
    nobody: await studio.video('nobody', []),
    both: await studio.video('both', [alex.again, kim.again]),
  };
});

after(async () => {
  await studio?.close();
  await site?.close();
});

/** @param {import('./support/page.js').FacekeyPage} page */
const turnOnCamera = ({ page }) => page.getByRole('button', { name: 'Turn on the camera' }).click();

it('says that there is no camera', async () => {
  await withPage(site.address, {}, async (page) => {
    await page.ready();
    await turnOnCamera(page);
    assert.equal(await page.cameraTrouble(), 'camera-absent');
  });
});

it('says that the camera is not allowed', async () => {
  await withPage(site.address, { video: videos.alex, allowCamera: false }, async (page) => {
    await page.ready();
    await turnOnCamera(page);
    assert.equal(await page.cameraTrouble(), 'camera-refused');
  });
});

it('notices a camera that goes away', async () => {
  await withPage(site.address, { video: videos.alex }, async (page) => {
    await page.ready();
    await turnOnCamera(page);
    await page.guidance(/./);
    await page.page.evaluate(() => {
      const video = /** @type {HTMLVideoElement} */ (document.querySelector('video'));
      const [track] = /** @type {MediaStream} */ (video.srcObject).getVideoTracks();
      track.dispatchEvent(new Event('ended'));
    });
    assert.equal(await page.cameraTrouble(), 'camera-lost');
  });
});

it('asks for a face where there is none, and gives up without a decision', async () => {
  await withPage(site.address, { video: videos.nobody }, async (page) => {
    await page.ready();
    await page.enrolFromPhotos('Alex', photos);
    await page.choose('Verify');
    await page.page.getByRole('button', { name: 'Verify with the camera' }).click();
    await page.guidance(/No face in view/);
    const result = await page.result();
    assert.deepEqual([result.verdict, result.reason], ['undecided', 'poor-image']);
    assert.match(result.text, /No face in view/);
  });
});

it('asks for one person at a time', async () => {
  await withPage(site.address, { video: videos.both }, async (page) => {
    await page.ready();
    await turnOnCamera(page);
    await page.guidance(/Several faces/);
  });
});

it('says that the weights are missing', async () => {
  const prepare = (/** @type {import('playwright-core').BrowserContext} */ context) =>
    context.route('**/*.bpk', (route) => route.fulfill({ status: 404 }));
  await withPage(site.address, { prepare }, async (page) => {
    assert.equal(await page.told(), 'weights-missing');
    await page.page.locator('#engine[data-phase="failed"]').waitFor();
  });
});

it('refuses weights that are cut short, in plain words', async () => {
  const whole = await readFile(join(WWW, 'models', 'facenet.bpk'));
  const prepare = (/** @type {import('playwright-core').BrowserContext} */ context) =>
    context.route('**/*.bpk', (route) => route.fulfill({ body: whole.subarray(0, whole.length / 2) }));
  await withPage(site.address, { prepare }, async (page) => {
    assert.match(String(await page.told()), /^weights-/);
    assert.match(await page.page.locator('#toast').innerText(), /face model is damaged/);
  });
});

it('starts the engine again when its worker dies, and says so', async () => {
  await withPage(site.address, {}, async (page) => {
    await page.ready();
    const [worker] = page.page.workers();
    await worker.evaluate(() => void setTimeout(() => reportError(new WebAssembly.RuntimeError('unreachable'))));
    assert.equal(await page.told(), 'engine-restarted');
    await page.ready('cpu');
    assert.equal(await page.enrolFromPhotos('Alex', photos), 'enrolled');
  });
});

it('keeps the CPU engine where WebGPU is not worth it, and says why', async () => {
  await withPage(site.address, {}, async ({ page }) => {
    await page.goto(site.address);
    await page.locator('#engine[data-phase="ready"][data-backend="cpu"]:not([data-why="webgpu-pending"])').waitFor();
    await page.locator('#engine summary').click();
    assert.match(await page.locator('#engine-facts').innerText(), /WebGPU/);
  });
});
