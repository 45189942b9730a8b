/** What the page says when something is missing or fails. */

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { withPage } from './support/browser.js';
import { Studio } from './support/media.js';
import { alex, kim } from './support/people.js';
import { servePage, WWW } from './support/tools.js';
import { changedBuild } from './support/versions.js';

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
async function beginEnrolment(page) {
  await page.fillIn('Alex');
  await page.page.getByRole('button', { name: 'Enrol with the camera' }).click();
}

it('says that there is no camera, and accepts photos instead', async () => {
  await withPage(site.address, {}, async (page) => {
    await page.ready();
    await beginEnrolment(page);
    assert.equal(await page.stepTrouble(), 'camera-absent');
    const choosing = page.page.waitForEvent('filechooser');
    await page.page.locator('#notice').getByRole('button', { name: 'Use photos' }).click();
    await (await choosing).setFiles(photos);
    await page.page.locator('#toast[data-code="enrolled"]').waitFor();
  });
});

it('says that the camera is not allowed', async () => {
  await withPage(site.address, { video: videos.alex, allowCamera: false }, async (page) => {
    await page.ready();
    await beginEnrolment(page);
    assert.equal(await page.stepTrouble(), 'camera-refused');
  });
});

it('says that the camera was disconnected', async () => {
  await withPage(site.address, { video: videos.alex }, async (page) => {
    await page.ready();
    await beginEnrolment(page);
    await page.page.locator('#cue[data-instruction]').waitFor();
    await page.page.evaluate(() => {
      const video = /** @type {HTMLVideoElement} */ (document.querySelector('video'));
      const [track] = /** @type {MediaStream} */ (video.srcObject).getVideoTracks();
      track.dispatchEvent(new Event('ended'));
    });
    assert.equal(await page.stepTrouble(), 'camera-lost');
  });
});

it('asks for a face if there is none, and ends without a decision', async () => {
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
    await beginEnrolment(page);
    await page.guidance(/Several faces/);
  });
});

it('says that the weights are missing', async () => {
  const prepare = (/** @type {import('playwright-core').BrowserContext} */ context) =>
    context.route('**/*.bpk', (route) => route.fulfill({ status: 404 }));
  await withPage(site.address, { prepare }, async (page) => {
    assert.equal(await page.noticeCode(), 'weights-missing');
    await page.page.locator('#engine[data-phase="failed"]').waitFor();
  });
});

it('refuses truncated weights, with a plain message', async () => {
  const whole = await readFile(join(WWW, 'models', 'facenet.bpk'));
  const prepare = (/** @type {import('playwright-core').BrowserContext} */ context) =>
    context.route('**/*.bpk', (route) => route.fulfill({ body: whole.subarray(0, whole.length / 2) }));
  await withPage(site.address, { prepare }, async (page) => {
    assert.match(String(await page.noticeCode()), /^weights-/);
    assert.match(await page.page.locator('#toast').innerText(), /face model is damaged/);
  });
});

it('refuses an engine that computes wrong results', async (t) => {
  const address = await serveBuild(t, [[/\.wasm$/, miscompute]]);
  await withPage(address, {}, async (page) => {
    assert.equal(await page.noticeCode(), 'self-test-failed');
    await page.page.locator('#engine[data-phase="failed"]').waitFor();
    assert.equal(await page.enrolFromPhotos('Alex', photos), 'self-test-failed', 'and nothing is computed with it');
    assert.deepEqual(await page.people(), []);
  });
});

it('keeps the CPU engine if WebGPU computes wrong results, even if WebGPU was requested', async (t) => {
  const address = await serveBuild(t, [[/webgpu\.worker-.*\.js$/, misread]]);
  const prepare = (/** @type {import('playwright-core').BrowserContext} */ context) =>
    context.addInitScript(() => Object.defineProperty(GPUAdapterInfo.prototype, 'isFallbackAdapter', { value: false }));
  await withPage(address, { backend: 'webgpu', prepare }, async ({ page }) => {
    const kept = page.locator('#engine[data-phase="ready"][data-backend="cpu"][data-why="webgpu-disagrees"]');
    await kept.waitFor();
    await page.goto(address);
    await kept.waitFor();
  });
});

it('starts the engine again when its worker crashes, and says so', async () => {
  await withPage(site.address, {}, async (page) => {
    await page.ready();
    await page.crashEngine();
    assert.equal(await page.enrolFromPhotos('Alex', photos), 'enrolled');
  });
});

it('keeps the CPU engine if WebGPU is missing or slower, and says why', async () => {
  await withPage(site.address, {}, async ({ page }) => {
    await page.goto(site.address);
    await page.locator('#engine[data-phase="ready"][data-backend="cpu"]:not([data-why="webgpu-pending"])').waitFor();
    await page.locator('#engine summary').click();
    assert.match(await page.locator('#engine-facts').innerText(), /WebGPU/);
  });
});

/**
 * Serves the build with some files changed, until the end of the test.
 * @param {import('node:test').TestContext} t
 * @param {Parameters<typeof changedBuild>[1]} changes
 */
async function serveBuild(t, changes) {
  const { address, close } = await servePage({ outDir: await changedBuild(t, changes) });
  t.after(close);
  return address;
}

/**
 * Simulates an engine that divides pixels by 255 instead of 127.5.
 * @param {Buffer} wasm
 */
function miscompute(wasm) {
  const [right, wrong] = [127.5, 255].map((number) => Buffer.from(Float32Array.of(number).buffer).toString('latin1'));
  const text = wasm.toString('latin1');
  assert.ok(text.includes(right));
  return Buffer.from(text.replaceAll(right, wrong), 'latin1');
}

/**
 * Simulates a graphics card that computes wrong signs for every other number.
 * @param {Buffer} worker
 */
function misread(worker) {
  const wrong = `
    const { getMappedRange } = GPUBuffer.prototype;
    GPUBuffer.prototype.getMappedRange = function (...part) {
      const range = getMappedRange.apply(this, part);
      const numbers = new Float32Array(range);
      for (let index = 0; index < numbers.length; index += 2) numbers[index] *= -1;
      return range;
    };
  `;
  return Buffer.concat([Buffer.from(wrong), worker]);
}
