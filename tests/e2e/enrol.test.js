/** An enrolment from the camera, which leads the person through five looks. */

import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { withPage } from './support/browser.js';
import { Studio } from './support/media.js';
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

it('asks for five looks, follows the head, and keeps a sample of each', async () => {
  const video = await studio.video('turning', [turning]);
  await withPage(site.address, { video }, async (page) => {
    await page.ready();
    await page.page.evaluate(() => {
      const seen = Object.assign(globalThis, { prompts: [''], places: new Set() });
      const prompt = /** @type {HTMLElement} */ (document.getElementById('prompt'));
      const head = /** @type {SVGElement} */ (document.querySelector('#dial .head'));
      const note = () => {
        const text = prompt.textContent ?? '';
        if (!prompt.hidden && text !== seen.prompts.at(-1)) seen.prompts.push(text);
        seen.places.add(head.style.translate);
      };
      new MutationObserver(note).observe(prompt, { attributes: true, childList: true });
      new MutationObserver(note).observe(head, { attributes: true });
    });
    assert.equal(await page.enrolFromCamera('Alex'), 'enrolled');
    const { prompts, places } = await page.page.evaluate(() => {
      const { prompts, places } = /** @type {any} */ (globalThis);
      return { prompts, places: places.size };
    });
    assert.deepEqual(prompts.slice(1), [
      'Look straight at the camera.',
      'Turn a little to the left.',
      'Turn a little to the right.',
      'Lift your chin a little.',
      'Lower your chin a little.',
    ]);
    assert.ok(places > 5, `the dot was in ${places} places`);
    assert.equal(await page.page.locator('#dial').isVisible(), false);
    // Two looks that nobody takes here may end in the same picture, which is then kept once.
    assert.match(await page.page.locator('#people li').innerText(), /[45] samples/);
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

it('keeps nothing of an enrolment that is called off', async () => {
  const video = await studio.video('alex', [alex.enrol]);
  await withPage(site.address, { video }, async (page) => {
    await page.ready();
    await page.fillIn('Alex');
    await page.page.getByRole('button', { name: 'Enrol with the camera' }).click();
    await page.page.locator('#prompt').getByText('Turn a little to the left.').waitFor();
    await page.choose('Verify');
    await page.page.locator('body:not([data-busy])').waitFor();
    assert.equal(await page.page.locator('#prompt').isVisible(), false);
    assert.deepEqual(await page.people(), []);
  });
});
