/** The movement check: what a person sees, and the outcome of attacks. */

import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { simulatedCamera } from './support/simulated-camera.js';
import { withPage } from './support/browser.js';
import { Studio } from './support/media.js';
import { alex, kim, noKimHead } from './support/people.js';
import { readRows } from './support/storage.js';
import { ARTIFACTS, servePage } from './support/tools.js';

/** @typedef {import('./support/head.js').Takes} Takes */

/** @type {Awaited<ReturnType<typeof servePage>>} */
let site;
/** @type {Record<'alex' | 'kim' | 'alexOnPaper' | 'alexOnScreen', Takes>} */
let takes;
/** @type {Awaited<ReturnType<Studio['photo']>>[]} */
let photos;
/** A still photo, as Chromium's own fake camera shows it. @type {string} */
let video;
/** @type {Studio} */
let studio;

before(async () => {
  await mkdir(ARTIFACTS, { recursive: true });
  site = await servePage();
  studio = await Studio.open();
  photos = await Promise.all(alex.enrol.map((photo) => studio.photo(photo)));
  video = await studio.video('alex-again', [alex.again]);
  takes = {
    alex: await studio.takes(alex.live),
    kim: await studio.takes(kim.live),
    alexOnPaper: await studio.takes(alex.live, 'paper'),
    alexOnScreen: await studio.takes(alex.live, 'screen'),
  };
});

after(async () => {
  await studio?.close();
  await site?.close();
});

/**
 * Enrols Alex from photos and verifies with the camera.
 * @param {Partial<import('./support/browser.js').Options>} options
 * @param {(page: import('./support/page.js').FacekeyPage) => Promise<void>} use
 */
const withAlex = (options, use) =>
  withPage(site.address, options, async (page) => {
    await page.ready(options.backend);
    assert.equal(await page.enrolFromPhotos('Alex', photos), 'enrolled');
    await use(page);
  });

/** A photo that does not follow the instructions. @param {Takes} takes @returns {Takes} */
const still = ([straight]) => [straight];

/** Matches while there is a target to turn to. */
const TARGET_SHOWN = '#cue[data-target]:not([data-instruction="neutral"])';

/** Movements of a photo in its plane, and distortions of its picture. @type {import('./support/simulated-camera.js').Transform[]} */
const TRANSFORMS = [
  [1, 0, 0, 1, 70, 0], // translated
  [1.3, 0, 0, 1.3, 0, 0], // closer
  [0.87, 0.5, -0.5, 0.87, 0, 0], // rotated by 30 degrees
  [1, 0, 0.35, 1, 0, 0], // sheared
  [0.7, 0, 0, 1, 0, 0], // squeezed
];

describe('a person who follows the instructions', () => {
  it('sees targets, hears the instructions, and is accepted as live', async (t) => {
    const prepare = async (/** @type {import('playwright-core').BrowserContext} */ context) => {
      await simulatedCamera({ straight: takes.alex })(context);
      await context.addInitScript(listen);
      await context.addInitScript(time);
    };
    await withAlex({ prepare }, async (facekey) => {
      const { page } = facekey;
      const verifying = facekey.verifyLiveInTries('Alex');
      await page.getByLabel('Speak the instructions').check();
      await page.locator(TARGET_SHOWN).waitFor();
      assert.equal(await page.locator('#prompt').getAttribute('role'), 'status', 'announced by screen readers');
      await page.locator('#viewfinder').screenshot({ path: join(ARTIFACTS, 'movement-check.png') });
      const result = await verifying;
      assert.deepEqual([result.verdict, result.liveness], ['accepted', 'live'], result.text);
      assert.equal(await page.locator('#viewfinder').isVisible(), false);

      const { heard } = await page.evaluate(() => ({ heard: /** @type {any} */ (window).heard }));
      const turns = heard.filter((/** @type {string} */ words) => words !== 'Look straight at the camera');
      assert.ok(turns.filter((/** @type {string} */ words) => /slowly/.test(words)).length >= 3, heard.join(', '));
      assert.ok(turns.includes('Good'), heard.join(', '));
      const { frames, seconds } = await page.evaluate(() => /** @type {any} */ (window).timed());
      t.diagnostic(`the check took ${seconds.toFixed(1)} s, at ${(frames / seconds).toFixed(1)} frames a second`);
    });
  });

  it('is not accepted as another person', { skip: noKimHead }, async () => {
    await withAlex({ prepare: simulatedCamera({ straight: takes.kim }) }, async (page) => {
      const result = await page.verifyLiveInTries('Alex');
      assert.deepEqual([result.verdict, result.liveness], ['refused', 'live'], result.text);
    });
  });

  it('sees a pointer without animation if reduced motion is preferred', async () => {
    await withAlex({ prepare: simulatedCamera({ straight: takes.alex }) }, async ({ page }) => {
      await page.emulateMedia({ reducedMotion: 'reduce' });
      await page.getByRole('radio', { name: 'Verify' }).check({ force: true });
      await page.getByRole('button', { name: 'Verify with the camera' }).click();
      await page.locator(TARGET_SHOWN).waitFor();
      const pointer = page.locator('#cue .pointer');
      assert.ok(await pointer.isVisible());
      assert.equal(await pointer.evaluate((it) => getComputedStyle(it).transitionProperty), 'none');
    });
  });
});

describe('an attack', () => {
  it('with a photo in front of the camera is not accepted as live, and counts as a try', async () => {
    await withAlex({ video }, async (page) => {
      assert.deepEqual(await readRows(page, 'settings'), []);
      const result = await page.verifyLive('Alex');
      assert.deepEqual([result.verdict, result.reason], ['undecided', 'no-live-face'], result.text);
      assert.match(result.text, /not reached in time/);
      const [attempts] = await readRows(page, 'settings');
      assert.equal(attempts.failures, 1);
    });
  });

  it('with a photo that is tilted as instructed is not accepted as live', async () => {
    await withAlex({ prepare: simulatedCamera({ straight: takes.alexOnPaper }) }, async (page) => {
      const result = await page.verifyLive('Alex');
      assert.equal(result.reason, 'no-live-face', result.text);
    });
  });

  it('with a photo that is moved, scaled, rotated and warped is not accepted as live', async () => {
    const act = { straight: still(takes.alex), transforms: TRANSFORMS };
    await withAlex({ prepare: simulatedCamera(act) }, async (page) => {
      const result = await page.verifyLive('Alex');
      assert.equal(result.reason, 'no-live-face', result.text);
      // A slow machine may fail the check for another reason.
      assert.match(result.text, /not reached in time|too slowly/);
    });
  });

  it('with a photo on a screen that is tilted as instructed is not accepted as live', async () => {
    await withAlex({ prepare: simulatedCamera({ straight: takes.alexOnScreen }) }, async (page) => {
      const result = await page.verifyLive('Alex');
      assert.equal(result.reason, 'no-live-face', result.text);
    });
  });

  it('with photos of two people that are swapped is not accepted as live', async () => {
    const act = { straight: still(takes.alex), turning: still(takes.kim) };
    await withAlex({ prepare: simulatedCamera(act) }, async (page) => {
      const result = await page.verifyLive('Alex');
      assert.equal(result.reason, 'no-live-face', result.text);
    });
  });

  it('with photos of the requested poses, one after the other, is not accepted as live', async () => {
    await withAlex({ prepare: simulatedCamera({ straight: takes.alex, speed: 1e5, blind: true }) }, async (page) => {
      const result = await page.verifyLive('Alex');
      assert.equal(result.reason, 'no-live-face', result.text);
    });
  });

  it('with a photo and another person who turns is not accepted as live', async () => {
    const act = { straight: takes.alex, turning: takes.kim };
    await withAlex({ prepare: simulatedCamera(act) }, async (page) => {
      const result = await page.verifyLive('Alex');
      assert.equal(result.reason, 'no-live-face', result.text);
    });
  });

  it('with a recording of other targets is not accepted as live', async () => {
    await withAlex({ prepare: simulatedCamera({ straight: takes.alex, beside: 120 }) }, async (page) => {
      const result = await page.verifyLive('Alex');
      assert.equal(result.reason, 'no-live-face', result.text);
    });
  });
});

describe('a movement check that is started again', () => {
  it('replaces the previous one, even while the GPU processes a frame', async () => {
    await withAlex({ video, backend: 'webgpu' }, async (facekey) => {
      await facekey.choose('Verify');
      for (let press = 0; press < 3; press++) {
        await facekey.page.getByRole('button', { name: 'Verify with the camera' }).click();
        await facekey.page.locator('#cue[data-instruction]').waitFor();
        if (press < 2) await facekey.page.keyboard.press('Escape');
      }
      const { verdict, text } = await facekey.result(); // the camera shows a photo
      assert.equal(verdict, 'undecided', text);
    });
  });
});

describe('without the movement check', () => {
  it('the result says that it was skipped', async () => {
    await withAlex({ video }, async (page) => {
      const result = await page.verifyWithCamera('Alex');
      assert.deepEqual([result.verdict, result.liveness], ['accepted', 'unchecked'], result.text);
      assert.match(result.text, /Lower assurance: the movement check was skipped/);
    });
  });

  it('a photo file never counts as live', async () => {
    await withAlex({}, async (page) => {
      const result = await page.verifyPhoto(await studio.photo(alex.again[0]), 'Alex');
      assert.deepEqual([result.verdict, result.liveness], ['accepted', 'photo'], result.text);
      assert.match(result.text, /It does not show that the person is here/);
    });
  });
});

describe('an owner who does not allow skipping the movement check', () => {
  it('has no message or button that offers to skip it, even on a device that is too slow for it', async () => {
    const prepare = (/** @type {import('playwright-core').BrowserContext} */ context) => context.addInitScript(stallAtTarget);
    await withAlex({ video, prepare }, async (facekey) => {
      const { page } = facekey;
      await page.locator('#settings summary').click();
      await page.locator('#owner-skip').uncheck();
      await page.locator('#owner').getByRole('button', { name: 'Save' }).click();
      await page.locator('#toast[data-code="owner-saved"]').waitFor();
      await facekey.choose('Verify');
      assert.equal(await page.locator('#skip-choice').isVisible(), false);
      await page.locator('#verify-camera').click();
      assert.equal(await facekey.stepTrouble(), 'no-live-face');
      const notice = page.locator('#notice');
      const text = await notice.innerText();
      assert.match(text, /too slowly/);
      assert.doesNotMatch(text, /skip|photo/i);
      assert.deepEqual(await notice.getByRole('button').allInnerTexts(), ['Try again']);
      assert.doesNotMatch((await facekey.result()).text, /skip|photo/i);
    });
  });
});

/** Runs in the page before its own code: the video shows no new frame while there is a target to turn to. */
function stallAtTarget() {
  const { requestVideoFrameCallback } = HTMLVideoElement.prototype;
  HTMLVideoElement.prototype.requestVideoFrameCallback = function (callback) {
    const hasTarget = document.querySelector('#cue[data-target]:not([data-instruction="neutral"])');
    return hasTarget ? 0 : requestVideoFrameCallback.call(this, callback);
  };
}

/** Runs in the page before its own code: counts the frames of a movement check, from the first target on. */
function time() {
  let [frames, first, last] = [0, 0, 0];
  Object.assign(window, { timed: () => ({ frames, seconds: (last - first) / 1000 }) });
  new MutationObserver(([{ target }]) => {
    if (!(target instanceof HTMLElement) || !target.hasAttribute('data-pointer')) return;
    last = performance.now();
    first ||= last;
    frames += 1;
  }).observe(document, { subtree: true, attributeFilter: ['style'] });
}

/** Runs in the page before its own code: records the spoken texts. */
function listen() {
  /** @type {string[]} */
  const heard = [];
  Object.assign(window, { heard });
  speechSynthesis.speak = ({ text }) => void heard.push(text);
}
