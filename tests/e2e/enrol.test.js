/** An enrolment from the camera, in five poses. */

import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { withPage } from './support/browser.js';
import { Studio } from './support/media.js';
import { FacekeyPage } from './support/page.js';
import { alex, turning } from './support/people.js';
import { servePage } from './support/tools.js';

/** @type {Awaited<ReturnType<typeof servePage>>} */
let site;
/** @type {Studio} */
let studio;

before(async () => {
  site = await servePage();
  studio = await Studio.open();
});

after(async () => {
  await studio?.close();
  await site?.close();
});

it('asks for five poses, shows how far the head has turned, and keeps a sample of each', async () => {
  const video = await studio.video('turning', [turning]);
  await withPage(site.address, { video }, async (page) => {
    await page.ready();
    await page.page.evaluate(() => {
      const seen = Object.assign(globalThis, { prompts: [''], reaches: new Set() });
      const prompt = /** @type {HTMLElement} */ (document.getElementById('prompt'));
      const ring = /** @type {HTMLElement} */ (document.getElementById('cue'));
      const note = () => {
        const text = prompt.textContent ?? '';
        if (text !== '' && text !== seen.prompts.at(-1)) seen.prompts.push(text);
        seen.reaches.add(Number(ring.style.getPropertyValue('--reach')));
      };
      new MutationObserver(note).observe(prompt, { attributes: true, childList: true });
      new MutationObserver(note).observe(ring, { attributes: true });
    });
    assert.equal(await page.enrolFromCamera('Alex'), 'enrolled');
    const { prompts, reaches } = await page.page.evaluate(() => {
      const { prompts, reaches } = /** @type {any} */ (globalThis);
      return { prompts, reaches: [...reaches] };
    });
    assert.deepEqual(prompts.slice(1), [
      'Look straight at the camera.',
      'Turn a little to the left.',
      'Turn a little to the right.',
      'Lift your chin a little.',
      'Lower your chin a little.',
    ]);
    assert.ok([0, 1].every((end) => reaches.includes(end)), `the arc was empty and full: ${reaches}`);
    assert.ok(reaches.some((/** @type {number} */ reach) => reach > 0 && reach < 1), `and something between: ${reaches}`);
    assert.equal(await page.page.locator('#viewfinder').isVisible(), false);
    // The video does not follow the instructions, so two poses may get the same picture, which is stored once.
    assert.match(await page.page.locator('#people li').innerText(), /[2-5] samples/);
    assert.equal((await page.verifyPhoto(await studio.photo(turning[0]), 'Alex')).verdict, 'accepted');
  });
});

it('refuses a camera whose picture is frozen', async () => {
  const video = await studio.video('frozen', [alex.enrol.slice(0, 1)], { moves: false });
  await withPage(site.address, { video }, async (page) => {
    await page.ready();
    assert.equal(await page.enrolFromCamera('Alex'), 'picture-frozen');
    assert.deepEqual(await page.people(), []);
  });
});

for (const way of /** @type {const} */ (['Cancel', 'Escape'])) {
  it(`stores nothing if the enrolment is cancelled with ${way}`, async () => {
    const video = await studio.video('alex', [alex.enrol]);
    await withPage(site.address, { video }, async ({ page }) => {
      const facekey = new FacekeyPage(page, 'cpu');
      await facekey.ready();
      await facekey.fillIn('Alex');
      await page.getByRole('button', { name: 'Enrol with the camera' }).click();
      await page.locator('#prompt').getByText('Turn a little to the left.').waitFor();
      if (way === 'Escape') await page.keyboard.press('Escape');
      else await page.locator('#camera-cancel').click();
      await page.locator('body:not([data-busy])').waitFor();
      assert.equal(await page.locator('#viewfinder').isVisible(), false);
      assert.equal(await page.evaluate(() => document.querySelector('video')?.srcObject), null, 'the camera is off');
      assert.equal(await page.locator('#toast').isVisible(), false);
      assert.deepEqual(await facekey.people(), []);
      assert.equal(await page.locator('#name').inputValue(), 'Alex', 'the name is still there');
    });
  });
}
