/** Inspects every state with axe, and uses the page with the keyboard alone. */

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { exportFile } from '../../www/package/gallery/transfer.js';
import { person } from '../unit/people.js';
import { keptForOffline, withPage } from './support/browser.js';
import { Studio } from './support/media.js';
import { alex, kim } from './support/people.js';
import { readRows, writeRows } from './support/storage.js';
import { require, servePage } from './support/tools.js';
import { changedBuild } from './support/versions.js';

/** @type {typeof import('axe-core')} */
const axe = require('axe-core');

const PASSPHRASE = 'correct horse battery';

const VIEWPORTS = /** @type {const} */ ([
  { colorScheme: 'light', width: 1280, height: 860 },
  { colorScheme: 'dark', width: 1280, height: 860 },
  { colorScheme: 'light', width: 360, height: 780 },
  { colorScheme: 'dark', width: 360, height: 780 },
]);

/** @typedef {import('playwright-core').Page} Page */

/** @type {Awaited<ReturnType<typeof servePage>>} */
let site;
/** @type {Studio} */
let studio;
/** @type {Record<'alex' | 'photo' | 'nobody', string>} */
let videos;
/** @type {Record<'alex' | 'kim', Awaited<ReturnType<Studio['photo']>>>} */
let photos;

before(async () => {
  site = await servePage();
  studio = await Studio.open();
  videos = {
    alex: await studio.video('alex', [alex.enrol]),
    photo: await studio.video('photo', [alex.again]),
    nobody: await studio.video('nobody', []),
  };
  photos = { alex: await studio.photo(alex.enrol[0]), kim: await studio.photo(kim.again[0]) };
});

after(async () => {
  await studio?.close();
  await site?.close();
});

/**
 * Opens the page, and lets axe inspect each state at every size and in every theme.
 * @param {import('./support/browser.js').Options} options
 * @param {(facekey: import('./support/page.js').FacekeyPage, inspect: (state: string) => Promise<void>) => Promise<void>} visit
 * @param {string} [address]
 */
async function inspectAll(options, visit, address = site.address) {
  /** @type {string[]} */
  const found = [];
  await withPage(address, options, async (facekey) => {
    const { page } = facekey;
    await visit(facekey, async (state) => {
      for (const { colorScheme, ...size } of VIEWPORTS) {
        await page.setViewportSize(size);
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        found.push(...(await violations(page)).map((it) => `${state}, ${colorScheme}, ${size.width} pixels wide: ${it}`));
      }
    });
  });
  assert.deepEqual(found, []);
}

/** @param {Page} page */
async function violations(page) {
  if (await page.evaluate(() => !('axe' in globalThis))) await page.evaluate(axe.source);
  /** @type {import('axe-core').AxeResults} */
  const { violations, passes } = await page.evaluate(() => /** @type {any} */ (globalThis).axe.run());
  assert.ok(passes.length > 10, 'axe has inspected the page');
  return violations.flatMap(({ id, help, nodes }) => nodes.map(({ target }) => `${id}: ${help}: ${target}`));
}

/**
 * Stops the camera's picture, as in a hidden page, so that the instruction does not change.
 * @param {Page} page
 * @param {() => Promise<void>} act
 */
async function onHold(page, act) {
  const hide = (/** @type {boolean} */ hidden) =>
    page.evaluate((hidden) => Object.defineProperty(document, 'hidden', { value: hidden, configurable: true }), hidden);
  await hide(true);
  await act();
  await hide(false);
}

describe('axe finds no fault', () => {
  it('while a person enrols, is verified and opens the stored data', async () => {
    await inspectAll({ video: videos.alex }, async (facekey, inspect) => {
      const { page } = facekey;
      const press = (/** @type {string} */ name) => page.getByRole('button', { name }).click();
      const cancel = () => page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
      await facekey.ready();
      await inspect('nobody enrolled');
      await press('Enrol with the camera');
      await facekey.noticeCode();
      await inspect('name missing');
      await facekey.fillIn('Alex');
      await press('Enrol with the camera');
      await page.locator('#cue[data-instruction]').waitFor();
      await onHold(page, () => inspect('a pose requested'));
      assert.equal(await facekey.noticeCode(), 'enrolled');
      await inspect('enrolled');
      await facekey.verifyWithCamera('Alex');
      await inspect('accepted');
      await facekey.verifyPhoto(photos.kim);
      await inspect('refused');
      await press('Rename Alex');
      await inspect('renaming');
      await cancel();
      await press('Delete Alex');
      await inspect('deleting');
      await cancel();
      await press('Enrol again: Alex');
      await inspect('enrolling again');
      await press('Cancel');
      await page.locator('#engine summary').click();
      await facekey.openKeeping();
      await inspect('keeping and engine open');
      await press('Export to a file');
      await inspect('exporting');
      await cancel();
      await press('Set a passphrase');
      await facekey.fillSecret(['short', 'short']);
      await page.getByText('at least 15 characters').waitFor();
      await inspect('passphrase too short');
      await facekey.fillSecret([PASSPHRASE, PASSPHRASE]);
      await page.getByText('The passphrase is set.').waitFor();
      await facekey.reload();
      await facekey.ready();
      await page.locator('#locked').waitFor();
      await inspect('locked');
      await facekey.openKeeping();
      await press('Delete everything');
      await inspect('deleting everything');
      await page.getByRole('dialog').getByRole('button', { name: 'Delete everything' }).click();
      await page.getByText('A second check found nothing left.').waitFor();
      await inspect('everything deleted');
    });
  });

  it('while the page waits for a face, and when there is none', async () => {
    await inspectAll({ video: videos.nobody }, async (facekey, inspect) => {
      await facekey.ready();
      await facekey.enrolFromPhotos('Alex', [photos.alex]);
      await inspect('enrolled from a photo');
      await facekey.choose('Verify');
      await facekey.page.getByRole('button', { name: 'Verify with the camera' }).click();
      await facekey.guidance(/No face in view/);
      await inspect('no face in view');
      await facekey.result();
      await inspect('undecided');
    });
  });

  it('during a movement check, after five failures, and in the question about a duplicate', async () => {
    await inspectAll({ video: videos.photo }, async (facekey, inspect) => {
      const { page } = facekey;
      await facekey.ready();
      await facekey.enrolFromPhotos('Alex', [photos.alex]);
      await facekey.choose('Verify');
      await page.locator('#verify-camera').click();
      await page.locator('#cue[data-instruction]:not([data-instruction="neutral"])').waitFor();
      await onHold(page, () => inspect('a target shown'));
      assert.equal((await facekey.result()).reason, 'no-live-face');
      for (let failure = 2; failure <= 5; failure++) await facekey.verifyPhoto(photos.kim, 'Alex');
      await page.locator('#verify-wait').waitFor();
      await inspect('a wait after five failures');
      await facekey.fillIn('Sandy');
      await page.locator('#enrol-files').setInputFiles([photos.alex]);
      await page.locator('#dialog[open]').waitFor();
      await inspect('a face that is enrolled already');
    });
  });

  it('when entries cannot be used, and when a new version is ready', async (t) => {
    const old = await servePage();
    const outDir = await changedBuild(t, [[/^index\.html$/, (html) => Buffer.concat([html, Buffer.from('<!-- next -->')])]]);
    const people = [
      person({ name: 'Alex' }),
      person({ name: 'Kim', expiresAt: 2 }),
      person({ name: 'Sandy', id: 'damaged' }),
    ];
    const file = Buffer.from(await exportFile(people, PASSPHRASE));
    const visit = async (/** @type {import('./support/page.js').FacekeyPage} */ facekey, /** @type {(state: string) => Promise<void>} */ inspect) => {
      const { page } = facekey;
      await facekey.ready();
      await facekey.importFile(file, PASSPHRASE);
      assert.equal(await facekey.noticeCode(), 'imported');
      const rows = await readRows(facekey, 'people');
      await writeRows(facekey, rows.filter(({ id }) => id === 'damaged').map((row) => ({ ...row, iv: row.iv.toReversed() })));
      await keptForOffline(page);
      await old.close();
      const next = await servePage({ outDir, port: Number(new URL(old.address).port) });
      t.after(next.close);
      await facekey.reload();
      for (const state of ['other-model', 'expired', 'record-damaged']) {
        await page.locator(`#people li[data-state="${state}"]`).waitFor();
      }
      await page.locator('#update').waitFor();
      await inspect('entries that cannot be used, and a new version');
    };
    await inspectAll({}, visit, old.address);
  });

  it('when there is no camera, and no model', async () => {
    const prepare = (/** @type {import('playwright-core').BrowserContext} */ context) =>
      context.route('**/*.bpk', (route) => route.fulfill({ status: 404 }));
    await inspectAll({ prepare }, async (facekey, inspect) => {
      await facekey.noticeCode();
      await inspect('no model');
      await facekey.fillIn('Alex');
      await facekey.page.getByRole('button', { name: 'Enrol with the camera' }).click();
      await facekey.stepTrouble();
      await inspect('no camera');
    });
  });
});

/** The role and the name of the focused element, as for a screen reader. @param {Page} page */
const focused = async (page) => (await page.locator(':focus').ariaSnapshot()).split('\n')[0].replace(/^- /, '');

/**
 * Presses a key until the focus is on this element, and checks that the focus is visible.
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

/** Asserts that the focus is visible, on the element or on its label. @param {Page} page */
async function assertVisible(page) {
  const shown = await page.evaluate(() => {
    const element = /** @type {HTMLInputElement} */ (document.activeElement);
    const places = [element, ...(element.labels ?? []), ...[...(element.labels ?? [])].flatMap((label) => [...label.children])];
    return places.some((place) => getComputedStyle(place).outlineStyle === 'solid');
  });
  assert.ok(shown, `the focus shows on ${await focused(page)}`);
}

describe('with the keyboard alone', () => {
  it('a person can be enrolled, verified, renamed and deleted', async () => {
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
      assert.equal(await facekey.noticeCode(), 'enrolled');

      await moveTo(page, /^radio "Enrol"/, 'Shift+Tab');
      await keyboard.press('ArrowLeft');
      await moveTo(page, /^combobox "Compare with"/);
      await keyboard.type('Alex');
      await moveTo(page, /^checkbox "Skip the movement check/);
      await keyboard.press('Space');
      await moveTo(page, /^button "Verify with the camera"/);
      await keyboard.press('Enter');
      await facekey.result();
      assert.match(await focused(page), /^region "Result"/, 'the result has the focus, so screen readers read it');

      await moveTo(page, /^button "Rename Alex"/);
      await keyboard.press('Enter');
      await keyboard.type('Alexander');
      await keyboard.press('Enter');
      await page.locator('#people strong', { hasText: /^Alexander$/ }).waitFor();
      await moveTo(page, /^button "Delete Alexander"/);
      await keyboard.press('Enter');
      assert.match(await focused(page), /^button "Cancel"/, 'the harmless button has the focus');
      await keyboard.press('Escape');
      assert.match(await focused(page), /^button "Delete Alexander"/, 'the focus returns');
      await keyboard.press('Enter');
      await moveTo(page, /^button "Delete"/, 'Shift+Tab');
      await keyboard.press('Enter');
      await page.getByText('Nobody is enrolled yet.').waitFor();
    });
  });

  it('the photos, the stored data and the engine can be reached', async () => {
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
