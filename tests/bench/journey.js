/**
 * The shortest way from opening the page to "This is …", for a new visitor who enrols with the camera and one who
 * enrols with a photo: the number of taps, and the seconds without any hesitation. The camera shows a portrait on the
 * shape of a head, which follows the instructions.
 *   scripts/bench journey
 */

import { simulatedCamera } from '../e2e/support/simulated-camera.js';
import { withPage } from '../e2e/support/browser.js';
import { Studio } from '../e2e/support/media.js';
import { astronaut } from '../e2e/support/people.js';
import { servePage } from '../e2e/support/tools.js';
import { table } from './support/report.js';

const PHONE = { width: 390, height: 844 };

const site = await servePage();
const studio = await Studio.open();
const takes = await studio.takes(astronaut);
const photo = await studio.photo(astronaut.photo);

/** Runs in the page before its own code: counts the visitor's taps, not the page's own clicks. */
function countTaps() {
  Object.assign(globalThis, { taps: 0 });
  addEventListener('pointerdown', () => void (/** @type {any} */ (globalThis).taps += 1), true);
}

/** @type {Record<string, (page: import('playwright-core').Page) => Promise<void>>} */
const WAYS = {
  'with the camera, checked for movement': async (page) => {
    await begin(page);
    await page.locator('#enrol-camera').click();
    await page.locator('#notice').getByRole('button', { name: 'Try it now' }).click();
  },
  'with a photo each time': async (page) => {
    await begin(page);
    await choose(page, 'Use photos');
    await page.locator('#toast[data-code="enrolled"]').waitFor();
    await page.locator('.switch label', { hasText: 'Verify' }).click();
    await choose(page, 'Use a photo');
  },
};

/** Opens the form and fills it in. @param {import('playwright-core').Page} page */
async function begin(page) {
  await page.locator('#welcome-start').click();
  await page.keyboard.type('Eileen'); // the field has the focus
  await page.locator('#consent').click();
}

/**
 * @param {import('playwright-core').Page} page
 * @param {string} button
 */
async function choose(page, button) {
  const choosing = page.waitForEvent('filechooser');
  await page.locator('form:not([hidden]) label.button', { hasText: button }).click();
  await (await choosing).setFiles([photo]);
}

/** @type {(string | number)[][]} */
const rows = [];
for (const [name, go] of Object.entries(WAYS)) {
  const prepare = async (/** @type {import('playwright-core').BrowserContext} */ context) => {
    await simulatedCamera({ straight: takes })(context);
    await context.addInitScript(countTaps);
  };
  await withPage(site.address, { prepare, size: PHONE }, async ({ page }) => {
    await go(page);
    await page.locator('#result[data-verdict="accepted"]').waitFor();
    const [taps, time] = await page.evaluate(() => [/** @type {any} */ (globalThis).taps, performance.now()]);
    const liveness = await page.locator('#result').getAttribute('data-liveness');
    rows.push([name, taps, (time / 1000).toFixed(1), String(liveness)]);
  });
}
console.log(`${table(['enrol and verify', 'taps', 'seconds', 'liveness'], rows)}`);
await studio.close();
await site.close();
