/** The data in the browser's storage: encryption, damage, several tabs, and deletion. */

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { importFile } from '../../www/package/gallery/transfer.js';
import { keptForOffline, newProfile, withPage } from './support/browser.js';
import { files, site, withAlex, withAlexAndKim } from './support/fixtures.js';
import { FacekeyPage } from './support/page.js';
import { blockingTab, copyKeys, heldRows, putBackKeys, readRows, writeRows, writeSchema1 } from './support/storage.js';

const PASSPHRASE = 'correct horse battery';
const OTHER_PASSPHRASE = 'a different staple';

/** @param {FacekeyPage} page */
async function secondTab({ page }) {
  const tab = new FacekeyPage(await page.context().newPage(), 'cpu');
  await tab.page.goto(`${site.address}?backend=cpu`);
  await tab.ready();
  return tab;
}

/** @param {FacekeyPage} page */
async function exported(page) {
  const downloading = page.page.waitForEvent('download');
  await page.answerSecret('Export to a file', [PASSPHRASE, PASSPHRASE]);
  const download = await downloading;
  assert.match(download.suggestedFilename(), /^facekey-\d{4}-\d\d-\d\d\.facekey$/);
  return readFile(await download.path());
}

describe('a stored template', () => {
  it('is encrypted: it reveals no name, no numbers and no picture', async () => {
    await withAlexAndKim(async (page) => {
      const rows = await readRows(page, 'people');
      assert.equal(rows.length, 2);
      for (const row of rows) {
        assert.deepEqual(Object.keys(row).sort(), ['id', 'iv', 'modelId', 'schema', 'sealed']);
        assert.ok(!Buffer.from(row.sealed).toString('latin1').includes('Alex'));
      }
      const [{ key }, ...more] = await readRows(page, 'keys');
      assert.deepEqual(key, { kind: 'AES-GCM', extractable: false });
      assert.deepEqual(more, []);
    });
  });

  it('is listed as damaged if it was changed, truncated or swapped, and the others still work', async () => {
    await withAlexAndKim(async (page) => {
      const rows = await readRows(page, 'people');
      const [first, second] = rows;
      const damaged = {
        changed: { ...first, sealed: first.sealed.with(7, first.sealed[7] ^ 1) },
        truncated: { ...first, sealed: first.sealed.slice(0, 40) },
        swapped: { ...first, iv: second.iv, sealed: second.sealed },
        'of another model': { ...first, modelId: 'another' },
        'not encrypted': { id: first.id, schema: 1, name: 'Mallory', modelId: first.modelId, samples: [1] },
      };
      for (const [how, row] of Object.entries(damaged)) {
        await writeRows(page, [row]);
        await page.reload();
        await page.ready();
        await page.page.locator('#people li[data-state="record-damaged"]').waitFor();
        assert.equal((await page.people()).length, 2, how);
        assert.equal(await page.page.locator('#people li[data-state="ready"]').count(), 1, how);
        assert.equal(await page.page.locator('#whom option').count(), 1, `the other one: ${how}`);
      }
      await page.page.getByRole('button', { name: 'Delete Damaged entry' }).click();
      await page.page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
      await page.page.locator('#people li[data-state="record-damaged"]').waitFor({ state: 'detached' });
      assert.equal((await page.people()).length, 1);
    });
  });

  it('cannot be used for another person', async () => {
    await withAlexAndKim(async (page) => {
      const [first, second] = await readRows(page, 'people');
      await writeRows(page, [
        { ...first, iv: second.iv, sealed: second.sealed },
        { ...second, iv: first.iv, sealed: first.sealed },
      ]);
      await page.reload();
      await page.ready();
      await page.page.locator('#people li[data-state="record-damaged"]').nth(1).waitFor();
      await page.choose('Verify');
      await page.page.locator('#verify-file').setInputFiles(files.alex.again);
      assert.equal(await page.noticeCode(), 'nobody-enrolled');
    });
  });

  it('of the first schema is converted, encrypted, and still matches', async () => {
    await withAlex(async (page) => {
      const [person] = await importFile(new Uint8Array(await exported(page)), PASSPHRASE);
      const { consentedAt: _, expiresAt: __, ...old } = person;
      const whole = { ...old, schema: 1, samples: [...person.samples] };
      const damaged = { ...whole, id: 'damaged', name: 'Damaged', samples: [0, 0, 0] };
      await writeSchema1(page, [whole, damaged]);
      await page.reload();
      await page.ready();
      await page.page.locator('#people li[data-state="ready"]').waitFor();
      assert.deepEqual(await page.people(), ['Alex', 'Damaged entry']);
      const rows = await readRows(page, 'people');
      assert.deepEqual(rows.find(({ id }) => id === person.id).schema, 2);
      assert.equal(rows.find(({ id }) => id === person.id).samples, undefined);
      await page.reload();
      await page.ready();
      const result = await page.verifyPhoto(files.alex.again, 'Alex');
      assert.equal(result.verdict, 'accepted', result.text);
    });
  });
});

describe('two tabs', () => {
  it('lose nothing and see each other’s changes', async () => {
    await withPage(site.address, {}, async (page) => {
      await page.ready();
      const other = await secondTab(page);
      const told = await Promise.all([
        page.enrolFromPhotos('Alex', files.alex.enrol),
        other.enrolFromPhotos('Kim', files.kim.enrol),
      ]);
      assert.deepEqual(told, ['enrolled', 'enrolled']);
      for (const tab of [page, other]) {
        await tab.page.locator('#people li').nth(1).waitFor();
        assert.deepEqual(await tab.people(), ['Alex', 'Kim']);
        assert.equal(await tab.page.locator('#people li[data-state="ready"]').count(), 2);
      }
      assert.equal((await readRows(page, 'keys')).length, 1);
    });
  });

  it('do not give one name to two people', async () => {
    await withPage(site.address, {}, async (page) => {
      await page.ready();
      const other = await secondTab(page);
      const told = await Promise.all([
        page.enrolFromPhotos('Alex', files.alex.enrol),
        other.enrolFromPhotos('Alex', files.kim.enrol),
      ]);
      assert.deepEqual(told.sort(), ['enrolled', 'name-taken']);
      assert.equal((await readRows(page, 'people')).length, 1);
    });
  });

  it('are both locked when one sets a passphrase', async () => {
    await withAlex(async (page) => {
      const other = await secondTab(page);
      await page.answerSecret('Set a passphrase', [PASSPHRASE, PASSPHRASE]);
      await other.page.locator('#locked').waitFor();
      assert.deepEqual(await other.people(), []);
    });
  });

  it('say that one of them blocks an upgrade, and continue after it', async () => {
    await withPage(site.address, {}, async (page) => {
      await page.ready();
      await writeSchema1(page, []);
      const blocking = await blockingTab(page, 1);
      await page.reload();
      assert.equal(await page.noticeCode(), 'storage-blocked');
      await blocking.close();
      await page.ready();
      assert.equal(await page.enrolFromPhotos('Alex', files.alex.enrol), 'enrolled');
    });
  });

  it('ask for a reload when a newer version has upgraded the database', async () => {
    await withAlex(async (page) => {
      await blockingTab(page, 99);
      await page.page.locator('#toast[data-code="storage-newer"]').waitFor();
      await page.fillIn('Kim');
      await page.page.locator('#enrol-files').setInputFiles(files.kim.enrol);
      await page.page.locator('#toast[data-code="storage-newer"]').waitFor();
      assert.match(await page.page.locator('#toast').innerText(), /Reload/);
    });
  });
});

describe('a passphrase', () => {
  it('locks the gallery until it is entered', async () => {
    await withAlex(async (page) => {
      const dialog = await page.answerSecret('Set a passphrase', ['short', 'short']);
      await dialog.getByText('at least 15 characters').waitFor();
      await page.fillSecret([PASSPHRASE, OTHER_PASSPHRASE]);
      await dialog.getByText('The two passphrases differ').waitFor();
      const [before] = await readRows(page, 'people');
      await page.fillSecret([PASSPHRASE, PASSPHRASE]);
      await page.page.locator('#toast[data-kind="success"]').getByText('The passphrase is set.').waitFor();

      const [row] = await readRows(page, 'keys');
      assert.equal(row.key, undefined, 'no usable key is stored');
      assert.ok(row.wrapped.iterations >= 600_000);
      const [sealedAgain] = await readRows(page, 'people');
      assert.notDeepEqual(sealedAgain.sealed, before.sealed, 'under a new key');

      await page.reload();
      await page.ready();
      await page.page.locator('#locked').waitFor();
      assert.deepEqual(await page.people(), []);
      assert.equal(await page.page.getByRole('button', { name: 'Verify with the camera' }).isVisible(), false);
      await page.unlock('not the passphrase');
      await page.page.getByText('That is not the passphrase').waitFor();
      await page.unlock(PASSPHRASE);
      const result = await page.verifyPhoto(files.alex.again, 'Alex');
      assert.equal(result.verdict, 'accepted', result.text);
    });
  });

  it('is not set if entries of a newer version would be lost', async () => {
    await withAlexAndKim(async (page) => {
      const [row] = await readRows(page, 'people');
      await writeRows(page, [{ ...row, schema: 99 }]);
      const before = await readRows(page, 'people');
      const dialog = await page.answerSecret('Set a passphrase', [PASSPHRASE, PASSPHRASE]);
      await dialog.getByText('Some entries are of a newer version').waitFor();
      assert.deepEqual(await readRows(page, 'people'), before);
      assert.equal((await readRows(page, 'keys'))[0].wrapped, undefined);
    });
  });

  it('is not set, and nobody is lost, if the browser cannot store the new key', async () => {
    await withAlex(async (page) => {
      const before = await readRows(page, 'people');
      await page.page.evaluate(() => {
        const { put } = IDBObjectStore.prototype;
        IDBObjectStore.prototype.put = function (...row) {
          if (this.name === 'keys') throw new DOMException('not this', 'DataCloneError');
          return put.apply(this, row);
        };
      });
      const dialog = await page.answerSecret('Set a passphrase', [PASSPHRASE, PASSPHRASE]);
      await dialog.locator('.problem:not(:empty)').waitFor();
      assert.deepEqual(await readRows(page, 'people'), before);
      await page.reload();
      await page.ready();
      const result = await page.verifyPhoto(files.alex.again, 'Alex');
      assert.equal(result.verdict, 'accepted', result.text);
    });
  });

  it('can be changed and removed only by entering it', async () => {
    await withAlex(async (page) => {
      await page.answerSecret('Set a passphrase', [PASSPHRASE, PASSPHRASE]);
      await page.page.getByText('The passphrase is set.').waitFor();
      const dialog = await page.answerSecret('Change the passphrase', ['a guess', OTHER_PASSPHRASE, OTHER_PASSPHRASE]);
      await dialog.getByText('That is not the passphrase').waitFor();
      await page.fillSecret([PASSPHRASE, OTHER_PASSPHRASE, OTHER_PASSPHRASE]);
      await page.page.getByText('The passphrase is changed.').waitFor();

      const again = await page.answerSecret('Remove the passphrase', [PASSPHRASE]);
      await again.getByText('That is not the passphrase').waitFor();
      await page.fillSecret([OTHER_PASSPHRASE]);
      await page.page.getByText('The passphrase is removed.').waitFor();
      const [row] = await readRows(page, 'keys');
      assert.deepEqual(row.key, { kind: 'AES-GCM', extractable: false });
      assert.equal(row.wrapped, undefined);
      await page.reload();
      await page.ready();
      const result = await page.verifyPhoto(files.alex.again, 'Alex');
      assert.equal(result.verdict, 'accepted', result.text);
    });
  });
});

describe('an old copy of the key', () => {
  it('decrypts nothing after a passphrase has been set', async () => {
    await withAlex(async (page) => {
      await copyKeys(page);
      await page.answerSecret('Set a passphrase', [PASSPHRASE, PASSPHRASE]);
      await page.page.locator('#toast[data-code="protected"]').waitFor();
      await putBackKeys(page);
      await page.reload();
      await page.ready();
      await page.page.locator('#people li[data-state="record-damaged"]').waitFor();
      assert.equal(await page.page.locator('#people li').count(), 1);
      assert.equal(await page.page.locator('#whom option').count(), 1, 'only the choice of anyone');
    });
  });

  it('decrypts nothing with the old passphrase after it has been changed', async () => {
    await withAlex(async (page) => {
      await page.answerSecret('Set a passphrase', [PASSPHRASE, PASSPHRASE]);
      await page.page.locator('#toast[data-code="protected"]').waitFor();
      await copyKeys(page);
      const before = await readRows(page, 'keys');
      const dialog = await page.answerSecret('Change the passphrase', [PASSPHRASE, OTHER_PASSPHRASE, OTHER_PASSPHRASE]);
      await dialog.waitFor({ state: 'detached' });
      assert.notDeepEqual(await readRows(page, 'keys'), before);
      await putBackKeys(page);
      assert.deepEqual(await readRows(page, 'keys'), before);

      await page.reload();
      await page.ready();
      await page.unlock(OTHER_PASSPHRASE);
      await page.page.locator('#locked-problem:not(:empty)').waitFor();
      await page.unlock(PASSPHRASE);
      await page.page.locator('#people li[data-state="record-damaged"]').waitFor();
      assert.equal(await page.page.locator('#people li').count(), 1);
      assert.equal(await page.page.locator('#whom option').count(), 1, 'only the choice of anyone');
    });
  });
});

describe('a gallery file', () => {
  it('transfers all people to another browser', async () => {
    /** @type {Buffer | undefined} */
    let buffer;
    await withAlexAndKim(async (page) => {
      buffer = await exported(page);
      await page.page.locator('#toast[data-code="exported"]').getByText('0 requests have gone to other websites').waitFor();
    });
    await withPage(site.address, {}, async (page) => {
      await page.ready();
      const dialog = await page.importFile(/** @type {Buffer} */ (buffer), 'not the passphrase');
      await dialog.getByText('That is not the passphrase').waitFor();
      await page.fillSecret([PASSPHRASE]);
      assert.equal(await page.noticeCode(), 'imported');
      assert.deepEqual(await page.people(), ['Alex', 'Kim']);
      const found = await page.verifyPhoto(files.kim.again, 'Kim');
      assert.equal(found.verdict, 'accepted', found.text);
      await page.importFile(/** @type {Buffer} */ (buffer), PASSPHRASE);
      await page.page.getByText('0 people imported, 2 already here.').waitFor();
      assert.equal((await readRows(page, 'people')).length, 2);
    });
  });

  it('is refused if it is damaged or another kind of file', async () => {
    await withAlex(async (page) => {
      const whole = await exported(page);
      const changed = Buffer.from(whole);
      changed[100] ^= 1;
      for (const [file, code] of /** @type {const} */ ([
        [changed, 'file-damaged'],
        [Buffer.from('{"people": []}'), 'file-foreign'],
        [whole.subarray(0, whole.length - 1), 'file-damaged'],
      ])) {
        await page.chooseImport(file);
        await page.page.locator(`#toast[data-code="${code}"]`).waitFor();
        assert.equal(await page.page.getByRole('dialog').count(), 0, 'before a passphrase is asked for');
      }
      assert.deepEqual(await page.people(), ['Alex']);
    });
  });
});

describe('storage', () => {
  it('is requested to be persistent, and the answer is shown', async () => {
    for (const granted of [false, true]) {
      const prepare = async (/** @type {import('playwright-core').BrowserContext} */ context) => {
        const session = await context.newCDPSession(context.pages()[0]);
        const permissions = granted ? ['videoCapture', 'durableStorage'] : ['videoCapture'];
        await session.send('Browser.grantPermissions', { permissions: /** @type {any} */ (permissions) });
      };
      await withPage(site.address, { prepare }, async (page) => {
        await page.ready();
        await page.enrolFromPhotos('Alex', files.alex.enrol);
        const keeping = await page.openKeeping();
        const answer = granted ? 'until you delete it, as the browser promises' : 'the browser may delete it';
        await keeping.getByText(answer).waitFor();
      });
    }
  });

  it('is reported as unavailable in a private window, and nobody is listed as enrolled', async () => {
    const prepare = (/** @type {import('playwright-core').BrowserContext} */ context) =>
      context.addInitScript(() => {
        IDBFactory.prototype.open = () => {
          throw new DOMException('not here', 'SecurityError');
        };
      });
    await withPage(site.address, { prepare }, async (page) => {
      assert.equal(await page.noticeCode(), 'storage-unavailable');
      await page.ready();
      assert.equal(await page.enrolFromPhotos('Alex', files.alex.enrol), 'storage-unavailable');
      assert.deepEqual(await page.people(), []);
    });
  });

  it('is emptied completely, and a second check confirms it', async () => {
    const profile = await newProfile();
    await withPage(site.address, { profile }, async (page) => {
      await page.ready();
      await page.enrolFromPhotos('Alex', files.alex.enrol);
      const other = await secondTab(page);
      await keptForOffline(page.page);
      await page.page.evaluate(() => localStorage.setItem('facekey-language', 'en'));
      await deleteEverything(page);
      const deleted = page.page.locator('#deleted');
      await deleted.locator('[data-left="false"]').waitFor();
      assert.match(await deleted.innerText(), /1 database/);
      assert.match(await deleted.innerText(), /[1-9]\d* cache/);
      assert.deepEqual(await leftHere(page), { databases: 0, caches: 0, settings: 0, workers: 0 });
      await other.page.getByText('Nobody is enrolled yet.').waitFor();
      await page.page.getByText('Nobody is enrolled yet.').waitFor();
    });
    await withPage(site.address, { profile }, async (page) => {
      await page.ready();
      assert.deepEqual(await page.people(), []);
      assert.deepEqual(await page.page.evaluate(() => indexedDB.databases()), []);
      assert.equal(await page.enrolFromPhotos('Alex', files.alex.enrol), 'enrolled');
    });
  });

  it('is empty until somebody is enrolled: reading creates no database', async () => {
    await withPage(site.address, {}, async (page) => {
      await page.ready();
      await page.page.locator('#nobody').waitFor();
      assert.deepEqual(await page.page.evaluate(() => indexedDB.databases()), []);
      assert.equal(await page.enrolFromPhotos('Alex', files.alex.enrol), 'enrolled');
      assert.equal((await page.page.evaluate(() => indexedDB.databases())).length, 1);
    });
  });

  it('keeps the data of other pages of the same host', async () => {
    await withPage(site.address, {}, async (page) => {
      await page.ready();
      await page.enrolFromPhotos('Alex', files.alex.enrol);
      await keptForOffline(page.page);
      await page.page.evaluate(async () => {
        const open = indexedDB.open('notes', 1);
        open.onupgradeneeded = () => open.result.createObjectStore('pages').put('a note', 1);
        await new Promise((resolve) => (open.onsuccess = resolve));
        open.result.close();
        await (await caches.open('notes-v1')).put('/notes', new Response('a page'));
        await caches.open('workbox-precache-v2-https://example.org/notes/');
        localStorage.setItem('notes', 'yes');
        sessionStorage.setItem('notes', 'yes');
        await navigator.serviceWorker.register('./sw.js', { scope: './assets/' }); // a copy of this page at another path
        const copy = `facekey-precache-v2-${location.href.split('?')[0]}assets/`;
        while (!(await caches.has(copy))) await new Promise((resolve) => setTimeout(resolve, 50));
      });
      await deleteEverything(page);
      await page.page.locator('#deleted [data-left="false"]').waitFor();
      const left = await page.page.evaluate(async () => {
        const open = indexedDB.open('notes');
        await new Promise((resolve) => (open.onsuccess = resolve));
        const note = open.result.transaction('pages').objectStore('pages').get(1);
        await new Promise((resolve) => (note.onsuccess = resolve));
        open.result.close();
        return {
          databases: (await indexedDB.databases()).map(({ name }) => name),
          note: note.result,
          caches: (await caches.keys()).sort(),
          page: await (await caches.match('/notes'))?.text(),
          settings: [localStorage.getItem('notes'), sessionStorage.getItem('notes'), localStorage.length],
          workers: (await navigator.serviceWorker.getRegistrations()).map(({ scope }) => new URL(scope).pathname),
        };
      });
      assert.deepEqual(left, {
        databases: ['notes'],
        note: 'a note',
        caches: [`facekey-precache-v2-${site.address}assets/`, 'notes-v1', 'workbox-precache-v2-https://example.org/notes/'],
        page: 'a page',
        settings: ['yes', 'yes', 1],
        workers: ['/assets/'],
      });
    });
  });

  it('stays empty if another tab was about to store a person', async () => {
    await withAlex(async (page) => {
      const other = await secondTab(page);
      await other.fillIn('Sandy');
      await other.page.locator('#enrol-files').setInputFiles(files.alex.enrol);
      const question = other.page.getByRole('dialog').filter({ hasText: 'Is this Alex?' });
      await question.waitFor();
      await deleteEverything(page);
      await page.page.locator('#deleted [data-left="false"]').waitFor();
      await question.getByRole('button', { name: 'Enrol under this name too' }).click();
      await other.page.locator('body:not([data-busy])').waitFor();
      assert.deepEqual(await page.page.evaluate(() => indexedDB.databases()), []);
    });
  });

  it('is emptied except for a database that another tab holds open, which is deleted later', async () => {
    await withAlex(async (page) => {
      const other = await secondTab(page);
      await other.page.locator('#people li').waitFor();
      const blocking = await blockingTab(page);
      await page.page.evaluate(() => localStorage.setItem('facekey-language', 'en'));
      await deleteEverything(page);
      await page.page.locator('#deleted [data-left="true"]').waitFor();
      assert.deepEqual(await heldRows(blocking), { people: 0, keys: 0, settings: 0 });
      assert.deepEqual(await leftHere(page), { databases: 1, caches: 0, settings: 0, workers: 0 });
      for (const tab of [page, other]) {
        await tab.page.locator('#nobody').waitFor();
        assert.deepEqual(await tab.people(), []);
      }

      await blocking.close();
      await page.page.locator('#deleted [data-left="false"]').waitFor();
      assert.deepEqual(await leftHere(page), { databases: 0, caches: 0, settings: 0, workers: 0 });
      assert.equal(await other.enrolFromPhotos('Alex', files.alex.enrol), 'enrolled');
      await page.page.locator('#people li').waitFor();
    });
  });

  it('is deleted later if another tab blocks it, and every tab shows that', async () => {
    await withAlex(async (page) => {
      const other = await secondTab(page);
      await other.page.locator('#people li').waitFor();
      await writeSchema1(page, []);
      const blocking = await blockingTab(page, 1);
      await page.page.evaluate(() => localStorage.setItem('facekey-language', 'en'));
      await page.reload();
      assert.equal(await page.noticeCode(), 'storage-blocked');
      await page.ready();
      await deleteEverything(page);
      await page.page.locator('#deleted [data-left="true"]').waitFor();
      assert.deepEqual(await leftHere(page), { databases: 1, caches: 0, settings: 0, workers: 0 });
      assert.deepEqual(await other.people(), ['Alex'], 'people who may still be stored are still listed');

      await blocking.close();
      await page.page.locator('#deleted [data-left="false"]').waitFor();
      assert.deepEqual(await leftHere(page), { databases: 0, caches: 0, settings: 0, workers: 0 });
      await other.page.locator('#nobody').waitFor();
    });
  });
});

/** @param {FacekeyPage} page */
async function deleteEverything(page) {
  await page.openKeeping();
  await page.page.locator('#delete-all').click();
  await page.page.locator('#dialog-yes').click();
}

/** How much the browser stores for the page, counted without the page's code. @param {FacekeyPage} page */
const leftHere = ({ page }) =>
  page.evaluate(async () => ({
    databases: (await indexedDB.databases()).length,
    caches: (await caches.keys()).length,
    settings: localStorage.length,
    workers: (await navigator.serviceWorker.getRegistrations()).length,
  }));
