/** Enrolment from photo files, and the list of enrolled people. */

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { withPage } from './support/browser.js';
import { files, site, withAlex } from './support/fixtures.js';

it('enrols people from photo files and recognises them', async () => {
  await withAlex(async (page) => {
    assert.equal(await page.enrolFromPhotos('Kim', files.kim.enrol), 'enrolled');
    const found = await page.verifyPhoto(files.kim.again);
    assert.equal(found.headline, 'This is Kim', found.text);
    assert.match(found.text, /Compared with 2 people/);
    const other = await page.verifyPhoto(files.kim.again, 'Alex');
    assert.equal(other.verdict, 'refused', other.text);
  });
});

it('says what is wrong with a photo and uses the others', async () => {
  await withPage(site.address, {}, async (page) => {
    await page.ready();
    const broken = { name: 'broken.jpg', mimeType: 'image/jpeg', buffer: files.alex.again.buffer.subarray(0, 600) };
    const text = { name: 'notes.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('not a picture') };
    const huge = { name: 'huge.png', mimeType: 'image/png', buffer: pngHeader(30_000, 30_000) };
    assert.equal(await page.enrolFromPhotos('Alex', [broken, text, huge]), 'no-samples');
    assert.deepEqual(await page.photoReports(), ['photo-unreadable', 'photo-unreadable', 'photo-too-large']);
    assert.deepEqual(await page.people(), []);
    assert.equal(await page.enrolFromPhotos('Alex', [text, ...files.alex.enrol]), 'enrolled');
    assert.deepEqual(await page.photoReports(), ['photo-unreadable', ...files.alex.enrol.map(() => 'used')]);
  });
});

it('uses no photo twice, and not more photos than the model is calibrated for', async () => {
  await withPage(site.address, {}, async (page) => {
    await page.ready();
    const [photo, ...others] = files.alex.enrol;
    assert.equal(await page.enrolFromPhotos('Alex', [photo, photo, ...others]), 'enrolled');
    assert.deepEqual(await page.photoReports(), ['used', 'repeat', ...others.map(() => 'used')]);
    await page.page.getByText(`${1 + others.length} sample`).first().waitFor();
  });
});

it('renames and deletes a person', async () => {
  await withAlex(async ({ page }) => {
    await page.getByRole('button', { name: 'Rename Alex' }).click();
    await page.getByRole('dialog').getByLabel('Name').fill('  Alexander ');
    await page.getByRole('dialog').getByRole('button', { name: 'Rename' }).click();
    await page.getByRole('button', { name: 'Delete Alexander' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    assert.deepEqual(await page.locator('#people strong').allInnerTexts(), ['Alexander']);
    await page.getByRole('button', { name: 'Delete Alexander' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByText('Nobody is enrolled yet.').waitFor();
  });
});

it('refuses a name that is taken', async () => {
  await withAlex(async (page) => {
    assert.equal(await page.enrolFromPhotos('alex', files.kim.enrol), 'name-taken');
    assert.deepEqual(await page.photoReports(), [], 'before any photo is read');
    assert.deepEqual(await page.people(), ['Alex']);
  });
});

it('says that storage is full and saves nothing', async () => {
  await withPage(site.address, {}, async (page) => {
    await page.ready();
    const session = await page.page.context().newCDPSession(page.page);
    await session.send('Storage.overrideQuotaForOrigin', { origin: new URL(site.address).origin, quotaSize: 1 });
    assert.equal(await page.enrolFromPhotos('Alex', files.alex.enrol), 'storage-full');
    assert.deepEqual(await page.people(), []);
  });
});

/**
 * The header of a PNG with this size.
 * @param {number} width
 * @param {number} height
 */
function pngHeader(width, height) {
  const header = Buffer.alloc(33);
  header.write('\x89PNG\r\n\x1a\n\0\0\0\rIHDR', 'latin1');
  header.writeUInt32BE(width, 16);
  header.writeUInt32BE(height, 20);
  header.set([8, 2], 24);
  return header;
}
