// Makes the pictures of the page in docs/pictures, from the build in www/dist, with the portrait that may
// be shown and a drawn face:
//   node scripts/pictures.mjs
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { onStage } from '../tests/e2e/support/actor.js';
import { withPage } from '../tests/e2e/support/browser.js';
import { Studio } from '../tests/e2e/support/media.js';
import { astronaut } from '../tests/e2e/support/people.js';
import { servePage } from '../tests/e2e/support/tools.js';

const FOLDER = fileURLToPath(new URL('../docs/pictures/', import.meta.url));
const PHONE = { width: 390, height: 844 };
const DESKTOP = { width: 1280, height: 800 };

await mkdir(FOLDER, { recursive: true });
const site = await servePage();
const studio = await Studio.open();
const prepare = onStage({ straight: await studio.takes(astronaut) });

/** @param {import('playwright-core').Page} page @param {string} name */
const shoot = (page, name) =>
  page.screenshot({ path: `${FOLDER}${name}.jpg`, type: 'jpeg', quality: 85, animations: 'disabled' });

await withPage(site.address, { size: DESKTOP }, async (facekey) => {
  await facekey.ready();
  await shoot(facekey.page, 'first-visit');
});

await withPage(site.address, { size: PHONE, theme: 'dark' }, async (facekey) => {
  await facekey.page.getByRole('button', { name: 'See it with a drawn face' }).click();
  await facekey.told();
  await shoot(facekey.page, 'compare');
});

await withPage(site.address, { size: PHONE, prepare }, async (facekey) => {
  const { page } = facekey;
  await facekey.ready();
  await facekey.fillIn('Eileen');
  await page.locator('#enrol-camera').click();
  await page.waitForFunction(() => Number(document.getElementById('cue')?.style.getPropertyValue('--reach')) > 0.5 && document.querySelector('#cue[data-ask="left"]'));
  await shoot(page, 'enrolling');
  await page.locator('#notice').getByRole('button', { name: 'Try it now' }).click();
  await page.locator('#result[data-liveness="live"]').waitFor();
  await page.locator('#result').evaluate((card) => card.scrollIntoView({ block: 'end' }));
  await shoot(page, 'recognised');
  await facekey.openKeeping();
  await page.locator('#keeping').evaluate((card) => card.scrollIntoView());
  await shoot(page, 'kept');
});

await studio.close();
await site.close();
