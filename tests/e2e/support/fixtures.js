/** What most tests of a file share: the served page, photos of two people, and the page with people enrolled. */

import assert from 'node:assert/strict';
import { after } from 'node:test';
import { withPage } from './browser.js';
import { photoFiles } from './files.js';
import { servePage } from './tools.js';

/** @typedef {import('./page.js').FacekeyPage} FacekeyPage */

export const site = await servePage();
after(() => site.close());

export const files = await photoFiles();

/** @param {(page: FacekeyPage) => Promise<void>} use */
export const withAlex = (use) =>
  withPage(site.address, {}, async (page) => {
    await page.ready();
    assert.equal(await page.enrolFromPhotos('Alex', files.alex.enrol), 'enrolled');
    await use(page);
  });

/** @param {(page: FacekeyPage) => Promise<void>} use */
export const withAlexAndKim = (use) =>
  withAlex(async (page) => {
    assert.equal(await page.enrolFromPhotos('Kim', files.kim.enrol), 'enrolled');
    await use(page);
  });
