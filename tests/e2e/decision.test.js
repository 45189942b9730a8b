/** Decisions, the reasons if there is none, and the checks of an enrolment. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { exportFile } from '../../www/package/gallery/transfer.js';
import { withPage } from './support/browser.js';
import { files, site, withAlex } from './support/fixtures.js';
import { readRows } from './support/storage.js';

const DAY = 24 * 3600 * 1000;

describe('a decision', () => {
  it('is made at a stated rate that the model’s calibration supports', async () => {
    await withAlex(async ({ page }) => {
      const options = await page.locator('#strictness option').allInnerTexts();
      assert.deepEqual(options.map((text) => text.split(':')[0]), ['1 in 1,000', '1 in 10,000', '1 in 100,000']);
      const supported = await page.locator('#engine-facts').textContent();
      for (const option of await page.locator('#strictness option').all()) {
        const [rate] = (await option.innerText()).split(':');
        assert.equal(await option.isEnabled(), String(supported).includes(`${rate},`) || String(supported).endsWith(rate));
      }
      assert.match(await page.locator('#strictness option:checked').innerText(), /^1 in 1,000:/);
    });
  });

  it('has a reason: a match, no match, or a poor picture', async () => {
    await withAlex(async (page) => {
      const rate = await page.page.locator('#strictness option').first().innerText();
      assert.equal((await page.verifyPhoto(files.alex.again)).reason, 'match');
      const near = await scale(page);
      assert.ok(near.match <= near.limit, JSON.stringify(near));
      assert.equal((await page.verifyPhoto(files.kim.again)).reason, 'no-match');
      const far = await scale(page);
      assert.ok(far.match > far.limit, JSON.stringify(far));
      for (const { limit, tick, named } of [near, far]) {
        assert.equal(tick, limit, 'the limit is marked with its rate');
        assert.ok(named && rate.startsWith(`${named}:`), `${named} of ${rate}`);
      }
      const empty = await emptyPicture(page);
      const poor = await page.verifyPhoto(empty);
      assert.deepEqual([poor.verdict, poor.reason], ['undecided', 'poor-image']);
      assert.match(poor.text, /No face was found/);
    });
  });

  it('is not made with a template of another model, until the person enrols again', async () => {
    const samples = new Float32Array(128).fill(1);
    const stranger = { id: 'a', modelId: 'another', name: 'Alex', samples, createdAt: 1, updatedAt: 1, consentedAt: 1, expiresAt: null };
    const file = await exportFile([stranger], 'correct horse battery');
    await withPage(site.address, {}, async (page) => {
      await page.ready();
      await page.importFile(Buffer.from(file), 'correct horse battery');
      await page.page.getByText('enrol again to compare').waitFor();
      const result = await page.verifyPhoto(files.alex.again, 'Alex');
      assert.deepEqual([result.verdict, result.reason], ['undecided', 'other-model']);
      const anyone = await page.verifyPhoto(files.alex.again);
      assert.equal(anyone.reason, 'other-model');

      await page.page.getByRole('button', { name: 'Enrol again: Alex' }).click();
      await page.page.locator('#consent').check();
      await page.page.locator('#enrol-files').setInputFiles(files.alex.enrol);
      await page.page.locator('#people li[data-state="ready"]').waitFor();
      assert.equal((await page.verifyPhoto(files.alex.again, 'Alex')).verdict, 'accepted');
    });
  });

  it('is delayed after five failures, and a reload does not shorten the wait', async () => {
    await withAlex(async (page) => {
      const now = Date.now();
      await page.page.clock.setFixedTime(now); // so that no wait runs out meanwhile
      for (let failure = 1; failure <= 5; failure++) {
        assert.equal((await page.verifyPhoto(files.kim.again, 'Alex')).verdict, 'refused', `failure ${failure}`);
      }
      await page.page.getByText(/The next one is possible in \d+ seconds/).waitFor();
      for (const reload of [false, true]) {
        if (reload) {
          await page.reload();
          await page.ready();
          await page.page.getByText(/The next one is possible in \d+ seconds/).waitFor();
        }
        await page.choose('Verify');
        await page.page.locator('#verify-file').setInputFiles(files.alex.again);
        assert.equal(await page.noticeCode(), 'too-many-tries', 'even for the right person');
        assert.equal(await page.page.locator('#result').isVisible(), false);
      }

      await page.page.clock.setFixedTime(now + 31_000);
      await page.reload();
      await page.ready();
      assert.equal((await page.verifyPhoto(files.kim.again, 'Alex')).verdict, 'refused');
      await page.page.getByText(/The next one is possible in 60 seconds/).waitFor();

      await page.page.clock.setFixedTime(now + 120_000);
      await page.reload();
      await page.ready();
      assert.equal((await page.verifyPhoto(files.alex.again, 'Alex')).verdict, 'accepted');
      assert.equal(await page.page.locator('#verify-wait').isVisible(), false);
      const rows = await readRows(page, 'settings');
      assert.deepEqual(rows.filter(({ name }) => name.startsWith('attempts')), [], 'a match resets the count');
    });
  });
});

describe('enrolment', () => {
  it('asks for consent, and says what is stored and for how long', async () => {
    await withPage(site.address, {}, async (page) => {
      await page.ready();
      await page.page.getByLabel('Name', { exact: true }).first().fill('Alex');
      await page.page.locator('#enrol-files').setInputFiles(files.alex.enrol);
      assert.equal(await page.noticeCode(), 'consent-missing');
      await page.page.locator('#consent:focus').waitFor();
      assert.deepEqual(await page.people(), []);
      assert.match(await page.page.locator('#kept').innerText(), /Photos are never kept.*/s);
      await page.page.getByLabel('Keep for').selectOption({ label: 'Until it is deleted' });
      assert.match(await page.page.locator('#kept').innerText(), /until you delete them/);
      assert.equal(await page.enrolFromPhotos('Alex', files.alex.enrol), 'enrolled');
      assert.equal(await page.page.locator('#consent').isChecked(), false, 'the next person must agree again');
    });
  });

  it('makes a template that is used no longer than agreed', async () => {
    await withPage(site.address, {}, async (page) => {
      await page.ready();
      await page.page.getByLabel('Keep for').selectOption({ label: '30 days' });
      assert.equal(await page.enrolFromPhotos('Alex', files.alex.enrol), 'enrolled');
      await page.page.clock.setFixedTime(Date.now() + 29 * DAY);
      await page.reload();
      await page.ready();
      assert.equal((await page.verifyPhoto(files.alex.again, 'Alex')).verdict, 'accepted');

      await page.page.clock.setFixedTime(Date.now() + 31 * DAY);
      await page.reload();
      await page.ready();
      await page.page.locator('#people li[data-state="expired"]').waitFor();
      const result = await page.verifyPhoto(files.alex.again, 'Alex');
      assert.deepEqual([result.verdict, result.reason], ['undecided', 'expired']);
      await page.page.getByRole('button', { name: 'Delete 1 expired' }).click();
      await page.page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
      await page.page.getByText('Nobody is enrolled yet.').waitFor();
    });
  });

  it('refuses samples of two people', async () => {
    await withPage(site.address, {}, async (page) => {
      await page.ready();
      const mixed = [...files.alex.enrol, files.kim.again];
      assert.equal(await page.enrolFromPhotos('Alex', mixed), 'samples-disagree');
      assert.deepEqual(await page.people(), []);
    });
  });

  it('asks before another face replaces an enrolled one', async () => {
    await withAlex(async (page) => {
      const again = async () => {
        await page.page.getByRole('button', { name: 'Enrol again: Alex' }).click();
        await page.page.locator('#consent').check();
        await page.page.locator('#enrol-files').setInputFiles(files.kim.enrol);
        return page.page.getByRole('dialog').filter({ hasText: 'Is this really Alex?' });
      };
      await (await again()).getByRole('button', { name: 'Cancel' }).click();
      assert.equal((await page.verifyPhoto(files.alex.again, 'Alex')).verdict, 'accepted');
      await (await again()).getByRole('button', { name: 'Replace the samples of Alex' }).click();
      assert.equal(await page.noticeCode(), 'enrolled');
      assert.equal((await page.verifyPhoto(files.alex.again, 'Alex')).verdict, 'refused');
    });
  });

  it('asks if the face is already enrolled under another name', async () => {
    await withAlex(async (page) => {
      for (const [button, people] of /** @type {const} */ ([
        ['Cancel', ['Alex']],
        ['Enrol under this name too', ['Alex', 'Sandy']],
      ])) {
        await page.fillIn('Sandy');
        await page.page.locator('#enrol-files').setInputFiles(files.alex.enrol);
        const dialog = page.page.getByRole('dialog');
        await dialog.getByText('Is this Alex?').waitFor();
        await dialog.getByRole('button', { name: button }).click();
        await page.page.locator('body:not([data-busy])').waitFor();
        assert.deepEqual(await page.people(), people);
      }
    });
  });
});

/**
 * The positions of the match and the limit on the result's scale, in percent, and the rate at the limit.
 * @param {import('./support/page.js').FacekeyPage} page
 */
function scale({ page }) {
  return page.locator('#result .scale').evaluate((scale) => {
    const part = (/** @type {string} */ name) => /** @type {HTMLElement} */ (scale.querySelector(name));
    const place = (/** @type {string} */ name, property = '--at') => parseFloat(part(name).style.getPropertyValue(property));
    return {
      match: place('.match'),
      limit: place('.track', '--limit'),
      tick: place('.tick.chosen'),
      named: part('.tick.chosen').textContent,
    };
  });
}

/**
 * A photo without a face.
 * @param {import('./support/page.js').FacekeyPage} page
 */
async function emptyPicture({ page }) {
  const base64 = await page.evaluate(() => {
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [640, 480];
    return canvas.toDataURL('image/jpeg').split(',')[1];
  });
  return { name: 'wall.jpg', mimeType: 'image/jpeg', buffer: Buffer.from(base64, 'base64') };
}
