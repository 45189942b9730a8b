/** Enrolment and verification from the camera, on both engines. */

import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { newProfile, withPage } from './support/browser.js';
import { Studio } from './support/media.js';
import { alex, kim } from './support/people.js';
import { servePage } from './support/tools.js';

/** @type {Awaited<ReturnType<typeof servePage>>} */
let site;
/** @type {Record<'alex' | 'alexAgain' | 'kim', string>} */
let videos;
/** @type {Studio} */
let studio;

before(async () => {
  site = await servePage();
  studio = await Studio.open();
  videos = {
    alex: await studio.video('alex', [alex.enrol]),
    alexAgain: await studio.video('alex-again', [alex.again]),
    kim: await studio.video('kim', [kim.again]),
  };
});

after(async () => {
  await studio?.close();
  await site?.close();
});

for (const backend of /** @type {const} */ (['cpu', 'webgpu'])) {
  describe(`on the ${backend} engine`, () => {
    /** @type {string} */
    let profile;
    before(async () => void (profile = await newProfile()));
    after(() => rm(profile, { recursive: true, force: true, maxRetries: 5 }));

    it('enrols a person from the camera and accepts the same person after a reload', async () => {
      await withPage(site.address, { video: videos.alex, profile, backend }, async (page) => {
        await page.ready(backend);
        assert.equal(await page.enrolFromCamera('Alex'), 'enrolled');
        assert.deepEqual(await page.people(), ['Alex']);
        await page.reload();
        await page.ready(backend);
        const result = await page.verifyWithCamera('Alex');
        assert.equal(result.verdict, 'accepted', result.text);
        assert.match(result.text, /strangers would come this close to Alex/);
      });
    });

    it('accepts the person in other photos, after a restart of the browser', async () => {
      await withPage(site.address, { video: videos.alexAgain, profile, backend }, async (page) => {
        await page.ready(backend);
        const result = await page.verifyWithCamera('Alex');
        assert.equal(result.verdict, 'accepted', result.text);
      });
    });

    it('refuses another person', async () => {
      await withPage(site.address, { video: videos.kim, profile, backend }, async (page) => {
        await page.ready(backend);
        const result = await page.verifyWithCamera('Alex');
        assert.equal(result.verdict, 'refused', result.text);
        assert.equal(result.headline, 'Not recognised as Alex');
      });
    });
  });
}
