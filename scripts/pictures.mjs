// Takes the screenshots in docs/pictures from the build in www/dist, with the public-domain portrait and a
// drawn face:
//   node scripts/pictures.mjs
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { simulatedCamera } from '../tests/e2e/support/simulated-camera.js';
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
const prepare = simulatedCamera({ straight: await studio.takes(astronaut) });

/** @param {import('playwright-core').Page} page @param {string} name */
const shoot = (page, name) =>
  page.screenshot({ path: `${FOLDER}${name}.jpg`, type: 'jpeg', quality: 85, animations: 'disabled' });

/** Runs in the page: whether the head is moving to a target far from the middle. */
function onTheWay() {
  const ring = /** @type {HTMLElement | null} */ (document.querySelector('.camera-step .ring[data-target][data-pointer]'));
  const [x, y, px, py] = ['target-x', 'target-y', 'pointer-x', 'pointer-y'].map((name) => Number(ring?.style.getPropertyValue(`--${name}`)));
  const way = Math.hypot(x - px, y - py);
  return Math.hypot(x, y) > 0.6 && way > 0.35 && way < 0.8;
}

await withPage(site.address, { size: DESKTOP }, async (facekey) => {
  await facekey.ready();
  await shoot(facekey.page, 'first-visit');
});

await withPage(site.address, { size: PHONE, theme: 'dark' }, async (facekey) => {
  await facekey.page.getByRole('button', { name: 'Try it with a drawn face' }).click();
  await facekey.noticeCode();
  await shoot(facekey.page, 'compare');
});

await withPage(site.address, { size: PHONE, prepare }, async (facekey) => {
  const { page } = facekey;
  await facekey.ready();
  await facekey.fillIn('Eileen');
  await page.locator('#enrol-camera').click();
  await page.waitForFunction(() => Number(document.getElementById('cue')?.style.getPropertyValue('--reach')) > 0.5 && document.querySelector('#cue[data-instruction="left"]'));
  await shoot(page, 'enrolling');
  await page.locator('#notice').getByRole('button', { name: 'Try it now' }).click();
  await page.waitForFunction(onTheWay);
  await shoot(page, 'checking');
  await page.locator('#result[data-liveness="live"]').waitFor();
  await page.locator('#result').evaluate((card) => card.scrollIntoView({ block: 'end' }));
  await shoot(page, 'recognised');
});

await studio.close();
await site.close();
