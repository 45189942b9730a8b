/** The full-screen camera step, on a phone and on a desktop. */

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { withPage } from './support/browser.js';
import { Studio } from './support/media.js';
import { alex } from './support/people.js';
import { servePage } from './support/tools.js';

const SIZES = { phone: { width: 390, height: 844 }, desktop: { width: 1280, height: 800 } };

/** @typedef {import('./support/page.js').FacekeyPage} FacekeyPage */

/** @type {Awaited<ReturnType<typeof servePage>>} */
let site;
/** @type {Studio} */
let studio;
/** @type {Record<'alex' | 'nobody', string>} */
let videos;
/** @type {Awaited<ReturnType<Studio['photo']>>[]} */
let photos;

before(async () => {
  site = await servePage();
  studio = await Studio.open();
  videos = { alex: await studio.video('alex', [alex.enrol]), nobody: await studio.video('nobody', []) };
  photos = await Promise.all(alex.enrol.map((photo) => studio.photo(photo)));
});

after(async () => {
  await studio?.close();
  await site?.close();
});

/** Asserts that the whole element is on the screen. @param {import('playwright-core').Locator} part */
async function assertOnScreen(part) {
  const box = await part.boundingBox();
  const size = part.page().viewportSize();
  assert.ok(box && size, String(part));
  const inside = box.x >= 0 && box.y >= 0 && box.x + box.width <= size.width && box.y + box.height <= size.height;
  assert.ok(inside, `${part}: ${JSON.stringify(box)}`);
}

/** Runs in the page: what is shown at one moment of the instruction to turn left. */
function look() {
  const ring = document.querySelector('#cue[data-instruction="left"]');
  const prompt = document.querySelector('#prompt')?.textContent;
  if (!ring || !prompt) return null;
  const outside = ['#video', '#prompt', '#cue', '#camera-cancel', '.counter'].filter((part) => {
    const { left, top, right, bottom } = /** @type {Element} */ (document.querySelector(part)).getBoundingClientRect();
    return left < 0 || top < 0 || right > innerWidth || bottom > innerHeight;
  });
  return { prompt, count: document.querySelector('.counter')?.textContent, done: ring.getAttribute('aria-valuenow'), outside };
}

/** Whether the browser still uses the camera. @param {FacekeyPage} page */
const isCameraOn = ({ page }) => page.evaluate(() => document.querySelector('video')?.srcObject !== null);

for (const [device, size] of Object.entries(SIZES)) {
  describe(`on a ${device}`, () => {
    it('shows the face, one instruction and the progress, and then offers a verification', async () => {
      await withPage(site.address, { video: videos.alex, size }, async (facekey) => {
        const { page } = facekey;
        await facekey.ready();
        await facekey.fillIn('Alex');
        await page.locator('#enrol-camera').click();
        const seen = await (await page.waitForFunction(look)).jsonValue();
        assert.deepEqual(seen && { ...seen, outside: [] }, { prompt: 'Turn a little to the left.', count: '1 of 5 done', done: '20', outside: [] });
        assert.deepEqual(seen && seen.outside, [], 'all of it is on the screen');
        await page.locator('#viewfinder[data-state="good"]').waitFor();
        assert.equal(await isCameraOn(facekey), false, 'the camera is off as soon as it is not needed');
        await page.locator('#notice').getByRole('button', { name: 'Try it now' }).click();
        await page.getByRole('dialog', { name: 'Verify with the camera' }).waitFor();
        await page.keyboard.press('Escape');
        await page.locator('#viewfinder').waitFor({ state: 'hidden' });
        assert.equal(await page.locator('#whom option:checked').innerText(), 'Alex');
        assert.equal(await isCameraOn(facekey), false);
      });
    });

    it('says what went wrong, and offers to try again, to skip the check or to use a photo', async () => {
      await withPage(site.address, { video: videos.nobody, size }, async (facekey) => {
        const { page } = facekey;
        await facekey.ready();
        await facekey.enrolFromPhotos('Alex', photos);
        await facekey.choose('Verify');
        await page.locator('#verify-camera').click();
        await facekey.guidance(/No face in view/);
        assert.equal(await facekey.stepTrouble(), 'capture-timeout');
        const notice = page.locator('#notice');
        assert.match(await notice.innerText(), /No face in view.*Nothing was compared/s);
        const choices = ['Try again', 'Skip the movement check', 'Use a photo'];
        assert.deepEqual(await notice.getByRole('button').allInnerTexts(), choices);
        for (const name of choices) await assertOnScreen(notice.getByRole('button', { name }));
        assert.equal(await isCameraOn(facekey), false);

        await notice.getByRole('button', { name: 'Try again' }).click();
        await page.locator('#viewfinder[data-state="live"]').waitFor();
        assert.equal(await facekey.stepTrouble(), 'capture-timeout');
        const choosing = page.waitForEvent('filechooser');
        await notice.getByRole('button', { name: 'Use a photo' }).click();
        await (await choosing).setFiles(photos[0]);
        assert.equal((await facekey.result()).verdict, 'accepted');
      });
    });
  });
}
