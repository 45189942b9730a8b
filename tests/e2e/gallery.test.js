/** Photo files, and what the list of people is for. */

import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { withPage } from './support/browser.js';
import { Studio } from './support/media.js';
import { alex, kim } from './support/people.js';
import { servePage } from './support/tools.js';

/** @typedef {Awaited<ReturnType<Studio['photo']>>} File */

/** @type {Awaited<ReturnType<typeof servePage>>} */
let site;
/** @type {Record<'alex' | 'kim', {enrol: File[], again: File}>} */
let files;

before(async () => {
  site = await servePage();
  const studio = await Studio.open();
  const shoot = async (/** @type {import('./support/people.js').Subject} */ { enrol, again }) => ({
    enrol: await Promise.all(enrol.map((photo) => studio.photo(photo))),
    again: await studio.photo(again[0]),
  });
  files = { alex: await shoot(alex), kim: await shoot(kim) };
  await studio.close();
});

after(() => site?.close());

/** @param {(page: import('./support/page.js').FacekeyPage) => Promise<void>} use */
const withPeople = (use) =>
  withPage(site.address, {}, async (page) => {
    await page.ready();
    assert.equal(await page.enrolFromPhotos('Alex', files.alex.enrol), 'enrolled');
    await use(page);
  });

it('enrols from photo files and finds who it is', async () => {
  await withPeople(async (page) => {
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

it('keeps embeddings and never a picture', async () => {
  await withPeople(async (page) => {
    const [record] = await readRecords(page);
    assert.deepEqual(
      Object.keys(record).sort(),
      ['createdAt', 'id', 'modelId', 'name', 'samples', 'schema', 'updatedAt'],
    );
    assert.equal(record.samples, 128 * files.alex.enrol.length);
  });
});

it('renames and deletes', async () => {
  await withPeople(async ({ page }) => {
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
  await withPeople(async (page) => {
    assert.equal(await page.enrolFromPhotos('alex', files.kim.enrol), 'name-taken');
    assert.deepEqual(await page.people(), ['Alex']);
  });
});

it('deletes everyone', async () => {
  await withPeople(async (page) => {
    await page.enrolFromPhotos('Kim', files.kim.enrol);
    await page.page.getByRole('button', { name: 'Delete all' }).click();
    await page.page.getByRole('dialog').getByRole('button', { name: 'Delete all' }).click();
    await page.page.getByText('Nobody is enrolled yet.').waitFor();
    await page.reload();
    await page.ready();
    assert.deepEqual(await readRecords(page), []);
  });
});

it('never compares a template of another model and offers to enrol again', async () => {
  await withPeople(async (page) => {
    await changeRecords(page, { modelId: 'of another model' });
    await page.reload();
    await page.ready();
    await page.page.getByText('enrol again to compare').waitFor();
    assert.deepEqual(await page.page.locator('#whom option').allInnerTexts(), ['Anyone who is enrolled']);
    await page.page.locator('#verify-file').setInputFiles(files.alex.again);
    assert.equal(await page.told(), 'nobody-enrolled');

    await page.page.getByRole('button', { name: 'Enrol Alex again' }).click();
    await page.page.locator('#enrol-files').setInputFiles(files.alex.enrol);
    await page.page.locator('#people li[data-state="ready"]').waitFor();
    const result = await page.verifyPhoto(files.alex.again, 'Alex');
    assert.equal(result.verdict, 'accepted', result.text);
  });
});

it('sets a damaged template aside', async () => {
  await withPeople(async (page) => {
    await changeRecords(page, { samples: new Array(5).fill(0) });
    await page.reload();
    await page.ready();
    await page.page.locator('#people li[data-state="unreadable"]').waitFor();
    await page.page.locator('#verify-file').setInputFiles(files.alex.again);
    assert.equal(await page.told(), 'nobody-enrolled');
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
 * The start of a PNG that claims this size.
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

/**
 * What is stored, with the samples as their count.
 * @param {import('./support/page.js').FacekeyPage} page
 * @returns {Promise<Record<string, unknown>[]>}
 */
function readRecords({ page }) {
  return page.evaluate(
    () =>
      new Promise((resolve, reject) => {
        const open = indexedDB.open('facekey');
        open.onerror = () => reject(open.error);
        open.onsuccess = () => {
          const all = open.result.transaction('people').objectStore('people').getAll();
          all.onsuccess = () => {
            open.result.close();
            resolve(all.result.map((record) => ({ ...record, samples: record.samples.length })));
          };
        };
      }),
  );
}

/**
 * Changes every stored record behind the page's back.
 * @param {import('./support/page.js').FacekeyPage} page
 * @param {object} change
 */
async function changeRecords({ page }, change) {
  await page.evaluate(
    (change) =>
      new Promise((resolve, reject) => {
        const open = indexedDB.open('facekey');
        open.onerror = () => reject(open.error);
        open.onsuccess = () => {
          const transaction = open.result.transaction('people', 'readwrite');
          const store = transaction.objectStore('people');
          store.getAll().onsuccess = (event) => {
            const records = /** @type {IDBRequest<object[]>} */ (event.target).result;
            for (const record of records) store.put({ ...record, ...change });
          };
          transaction.oncomplete = () => {
            open.result.close();
            resolve(undefined);
          };
        };
      }),
    change,
  );
}
