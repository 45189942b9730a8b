/** Every state for axe, in every look; and the whole way by keyboard. */

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { withPage } from './support/browser.js';
import { Studio } from './support/media.js';
import { alex, kim } from './support/people.js';
import { require, servePage } from './support/tools.js';

/** @type {typeof import('axe-core')} */
const axe = require('axe-core');

const PASSPHRASE = 'correct horse battery';

const LOOKS = [
  { colorScheme: 'light', width: 1280, height: 860 },
  { colorScheme: 'dark', width: 1280, height: 860 },
  { colorScheme: 'light', width: 360, height: 780 },
  { colorScheme: 'dark', width: 360, height: 780 },
];

/** @typedef {import('playwright-core').Page} Page */

/** @type {Awaited<ReturnType<typeof servePage>>} */
let site;
/** @type {Studio} */
let studio;
/** @type {Record<'alex' | 'nobody', string>} */
let videos;
/** @type {Record<'alex' | 'kim', Awaited<ReturnType<Studio['photo']>>>} */
let photos;

before(async () => {
  site = await servePage();
  studio = await Studio.open();
  videos = { alex: await studio.video('alex', [alex.enrol]), nobody: await studio.video('nobody', []) };
  photos = { alex: await studio.photo(alex.enrol[0]), kim: await studio.photo(kim.again[0]) };
});

after(async () => {
  await studio?.close();
  await site?.close();
});

/**
 * Has axe look at the page as it is, in every look.
 * @param {Page} page
 * @param {string} state what it is in, for the report
 */
async function inspect(page, state) {
  for (const { colorScheme, width, height } of LOOKS) {
    await page.setViewportSize({ width, height });
    await page.emulateMedia({ colorScheme: /** @type {'light' | 'dark'} */ (colorScheme), reducedMotion: 'reduce' });
    const { violations, passes } = await page.evaluate(() => /** @type {any} */ (globalThis).axe.run());
    const found = violations.flatMap((/** @type {import('axe-core').Result} */ { id, help, nodes }) =>
      nodes.map(({ target }) => `${id}: ${help}: ${target}`),
    );
    assert.deepEqual(found, [], `${state}, ${colorScheme}, ${width} pixels wide`);
    assert.ok(passes.length > 10, 'axe has looked');
  }
}

/** @param {import('./support/page.js').FacekeyPage} facekey */
async function withAxe({ page }) {
  await page.evaluate(axe.source);
}

describe('axe finds nothing', () => {
  it('while someone enrols, is verified and looks at what is kept', async () => {
    await withPage(site.address, { video: videos.alex }, async (facekey) => {
      const { page } = facekey;
      const press = (/** @type {string} */ name) => page.getByRole('button', { name }).click();
      const cancel = () => page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
      await facekey.ready();
      await withAxe(facekey);
      await inspect(page, 'nobody enrolled');
      await press('Enrol with the camera');
      await facekey.told();
      await inspect(page, 'name missing');
      await press('Turn on the camera');
      await facekey.guidance(/./);
      await inspect(page, 'camera on');
      await facekey.enrolFromCamera('Alex');
      await inspect(page, 'enrolled');
      await facekey.verifyWithCamera('Alex');
      await inspect(page, 'accepted');
      await facekey.verifyPhoto(photos.kim);
      await inspect(page, 'refused');
      await press('Rename Alex');
      await inspect(page, 'renaming');
      await cancel();
      await press('Delete Alex');
      await inspect(page, 'deleting');
      await cancel();
      await press('Enrol Alex again');
      await inspect(page, 'enrolling again');
      await press('Cancel');
      await page.locator('#engine summary').click();
      await facekey.openKeeping();
      await inspect(page, 'keeping and engine open');
      await press('Export to a file');
      await inspect(page, 'exporting');
      await cancel();
      await press('Set a passphrase');
      await facekey.fillSecret(['short', 'short']);
      await page.getByText('at least 8 characters').waitFor();
      await inspect(page, 'passphrase too short');
      await facekey.fillSecret([PASSPHRASE, PASSPHRASE]);
      await page.getByText('The passphrase is set.').waitFor();
      await facekey.reload();
      await facekey.ready();
      await withAxe(facekey);
      await page.locator('#locked').waitFor();
      await inspect(page, 'locked');
      await facekey.openKeeping();
      await press('Delete everything');
      await inspect(page, 'deleting everything');
      await page.getByRole('dialog').getByRole('button', { name: 'Delete everything' }).click();
      await page.getByText('Looked again: nothing is left.').waitFor();
      await inspect(page, 'everything deleted');
    });
  });

  it('while the page waits for a face, and when there is none', async () => {
    await withPage(site.address, { video: videos.nobody }, async (facekey) => {
      await facekey.ready();
      await withAxe(facekey);
      await facekey.enrolFromPhotos('Alex', [photos.alex]);
      await inspect(facekey.page, 'enrolled from a photo');
      await facekey.choose('Verify');
      await facekey.page.getByRole('button', { name: 'Verify with the camera' }).click();
      await facekey.guidance(/No face in view/);
      await inspect(facekey.page, 'no face in view');
      await facekey.result();
      await inspect(facekey.page, 'undecided');
    });
  });

  it('when there is no camera, and no model', async () => {
    const prepare = (/** @type {import('playwright-core').BrowserContext} */ context) =>
      context.route('**/*.bpk', (route) => route.fulfill({ status: 404 }));
    await withPage(site.address, { prepare }, async (facekey) => {
      await facekey.told();
      await withAxe(facekey);
      await inspect(facekey.page, 'no model');
      await facekey.page.getByRole('button', { name: 'Turn on the camera' }).click();
      await facekey.cameraTrouble();
      await inspect(facekey.page, 'no camera');
    });
  });
});

/** What has the focus, by role and name as a screen reader tells. @param {Page} page */
const focused = async (page) => (await page.locator(':focus').ariaSnapshot()).split('\n')[0].replace(/^- /, '');

/**
 * Presses a key until the focus is where it says, and checks that it can be seen there.
 * @param {Page} page
 * @param {RegExp} where
 * @param {'Tab' | 'Shift+Tab'} [key]
 */
async function moveTo(page, where, key = 'Tab') {
  const passed = [];
  for (let step = 0; step < 40; step++) {
    await page.keyboard.press(key);
    passed.push(await focused(page).catch(() => 'nothing'));
    if (where.test(String(passed.at(-1)))) return assertVisible(page);
  }
  assert.fail(`${where} is not reached, only ${passed.join(', ')}`);
}

/** Whether the focus shows, on the element or on what stands for it. @param {Page} page */
async function assertVisible(page) {
  const shown = await page.evaluate(() => {
    const element = /** @type {HTMLInputElement} */ (document.activeElement);
    const places = [element, ...(element.labels ?? []), ...[...(element.labels ?? [])].flatMap((label) => [...label.children])];
    return places.some((place) => getComputedStyle(place).outlineStyle === 'solid');
  });
  assert.ok(shown, `the focus shows on ${await focused(page)}`);
}

describe('the keyboard', () => {
  it('enrols, verifies, renames and deletes', async () => {
    await withPage(site.address, { video: videos.alex }, async (facekey) => {
      const { page } = facekey;
      const { keyboard } = page;
      await facekey.ready();

      await moveTo(page, /^link "Skip to the tasks"/);
      await keyboard.press('Enter');
      await moveTo(page, /^radio "Enrol"/);
      await moveTo(page, /^textbox "Name"/);
      await keyboard.type('Alex');
      await moveTo(page, /^checkbox "This is my face/);
      await keyboard.press('Space');
      await moveTo(page, /^button "Enrol with the camera"/);
      await keyboard.press('Enter');
      assert.equal(await facekey.told(), 'enrolled');

      await moveTo(page, /^radio "Enrol"/, 'Shift+Tab');
      await keyboard.press('ArrowLeft');
      await moveTo(page, /^combobox "Compare with"/);
      await keyboard.type('Alex');
      await moveTo(page, /^checkbox "Skip the movement check/);
      await keyboard.press('Space');
      await moveTo(page, /^button "Verify with the camera"/);
      await keyboard.press('Enter');
      await facekey.result();
      assert.match(await focused(page), /This is Alex|Not recognised as Alex/, 'the result is read');

      await moveTo(page, /^button "Rename Alex"/);
      await keyboard.press('Enter');
      await keyboard.type('Alexander');
      await keyboard.press('Enter');
      await page.getByText('Alexander', { exact: true }).first().waitFor();
      await moveTo(page, /^button "Delete Alexander"/);
      await keyboard.press('Enter');
      assert.match(await focused(page), /^button "Cancel"/, 'what does no harm has the focus');
      await keyboard.press('Escape');
      assert.match(await focused(page), /^button "Delete Alexander"/, 'the focus comes back');
      await keyboard.press('Enter');
      await moveTo(page, /^button "Delete"/, 'Shift+Tab');
      await keyboard.press('Enter');
      await page.getByText('Nobody is enrolled yet.').waitFor();
    });
  });

  it('reaches the photos, what is kept and the engine', async () => {
    await withPage(site.address, {}, async (facekey) => {
      const { page } = facekey;
      await facekey.ready();
      await moveTo(page, /^button "Use photos"|"Use photos"/);
      await moveTo(page, /What is kept here/);
      await page.keyboard.press('Enter');
      await moveTo(page, /^button "Set a passphrase"/);
      await page.keyboard.press('Enter');
      assert.match(await focused(page), /^textbox "New passphrase"/);
      await page.keyboard.press('Escape');
      assert.match(await focused(page), /^button "Set a passphrase"/);
      await moveTo(page, /"Import from a file"/);
      await moveTo(page, /^button "Delete everything"/);
      await moveTo(page, /Computed on the/);
      await page.keyboard.press('Enter');
      await page.locator('#engine-facts').getByText('Self-test').waitFor();
    });
  });
});
