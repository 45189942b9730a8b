/** The page in a language other than English: all its texts, its speech, and its use without a network. */

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { exportFile } from '../../www/package/gallery/transfer.js';
import { readLanguage, wordings } from '../unit/locales.js';
import { person } from '../unit/people.js';
import { keptForOffline, withPage } from './support/browser.js';
import { files, site } from './support/fixtures.js';
import { Studio } from './support/media.js';
import { alex } from './support/people.js';
import { readRows, writeRows } from './support/storage.js';
import { serveFor } from './support/tools.js';

const PASSPHRASE = 'correct horse battery';

/** @typedef {import('./support/page.js').FacekeyPage} FacekeyPage */

/** @type {Studio} */
let studio;
/** @type {string} */
let video;

before(async () => {
  studio = await Studio.open();
  video = await studio.video('alex', [alex.enrol]);
});

after(() => studio?.close());

/** English texts that are not German as well. Texts of three words or more are also found inside longer texts. */
const ENGLISH = (() => {
  const all = (/** @type {string} */ code) => new Set([...readLanguage(code).patterns.values()].flatMap(wordings));
  const german = all('de');
  return [...all('en')]
    .filter((wording) => !german.has(wording))
    .map((wording) => new RegExp(wording.match(/\p{L}+/gu)?.[2] ? wording : `^${wording}$`));
})();

/** All texts of the page, visible or not. */
function words() {
  const texts = [document.title];
  const walker = document.createTreeWalker(document, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (node instanceof Element) {
      for (const name of ['aria-label', 'aria-description', 'placeholder', 'title', 'alt', 'label', 'content']) {
        texts.push(node.getAttribute(name) ?? '');
      }
    } else if (!node.parentElement?.closest('noscript, script, style')) {
      texts.push(String(node.nodeValue));
    }
  }
  return texts.map((text) => text.trim().replace(/\s+/g, ' ')).filter((text) => text !== '');
}

/**
 * Asserts that no text is in English and no placeholder is left.
 * @param {FacekeyPage} facekey
 * @param {string} state what the page shows
 */
async function assertGerman({ page }, state) {
  const said = await page.evaluate(words);
  assert.ok(said.length > 50 && said.includes('Kamera'), state);
  assert.deepEqual(said.filter((text) => text.includes('{') || ENGLISH.some((wording) => wording.test(text))), [], state);
}

/**
 * @param {Partial<import('./support/browser.js').Options>} options
 * @param {(facekey: FacekeyPage, inspect: (state: string) => Promise<void>) => Promise<void>} use
 */
const inGerman = (options, use) =>
  withPage(site.address, { locale: 'de-DE', ...options }, (facekey) => use(facekey, (state) => assertGerman(facekey, state)));

describe('the page in a German browser', () => {
  it('is in German while a person enrols, is verified and opens the stored data', async () => {
    await inGerman({ video }, async (facekey, inspect) => {
      const { page } = facekey;
      const press = (/** @type {string} */ name) => page.getByRole('button', { name, exact: true }).click();
      const cancel = () => page.getByRole('dialog').getByRole('button', { name: 'Abbrechen' }).click();
      await page.getByText('Gesichtsprüfung, die auf diesem Gerät bleibt').waitFor();
      assert.equal(await page.locator('html').getAttribute('lang'), 'de');
      await inspect('while it loads');
      await facekey.ready();
      await page.locator('#engine summary').click();
      await facekey.openKeeping();
      await inspect('nobody enrolled');
      await press('Mit der Kamera erfassen');
      await facekey.noticeCode();
      await inspect('name missing');
      await facekey.fillIn('Alex');
      await press('Mit der Kamera erfassen');
      await page.locator('#cue[data-instruction]').waitFor();
      await inspect('a pose requested');
      assert.equal(await facekey.noticeCode(), 'enrolled');
      await inspect('enrolled');
      assert.match(await page.locator('#people li').innerText(), /[2-5] Aufnahmen, \d+\.\d+\.\d{4}, bis \d+\.\d+\.\d{4}/);
      assert.equal((await facekey.verifyWithCamera('Alex')).headline, 'Das ist Alex');
      assert.match(await page.locator('#result').innerText(), /1 von 1\.000/);
      await inspect('accepted');
      assert.equal((await facekey.verifyPhoto(files.kim.again)).headline, 'Nicht als Alex erkannt');
      await inspect('refused');
      assert.match(await page.locator('#strictness').innerText(), /1 von 100\.000/);
      const file = { name: 'notes.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('not a picture') };
      await page.locator('#verify-file').setInputFiles(file);
      await facekey.noticeCode();
      await inspect('a file that is no photo');
      await facekey.enrolFromPhotos('Kim', [file, files.kim.again, files.kim.again]);
      await inspect('reports on photos');
      await press('Alex umbenennen');
      await inspect('renaming');
      await cancel();
      await press('Alex löschen');
      await inspect('deleting');
      await cancel();
      await press('Erneut erfassen: Alex');
      await inspect('enrolling again');
      await page.locator('#consent').check();
      await page.locator('#enrol-files').setInputFiles([files.kim.again]);
      await page.locator('#dialog[open]').waitFor();
      await inspect('a stranger');
      await cancel();
      await press('In Datei exportieren');
      await inspect('exporting');
      await cancel();
      await press('Passphrase setzen');
      await facekey.fillSecret(['kurz', 'kurz']);
      await page.getByText('mindestens 15 Zeichen').waitFor();
      await inspect('passphrase too short');
      await facekey.fillSecret([PASSPHRASE, PASSPHRASE]);
      await page.getByText('Die Passphrase ist gesetzt.').waitFor();
      await press('Passphrase ändern');
      await inspect('changing the passphrase');
      await cancel();
      await press('Passphrase entfernen');
      await inspect('removing the passphrase');
      await cancel();
      await facekey.reload();
      await facekey.ready();
      await page.locator('#locked').waitFor();
      await facekey.unlock('a guess');
      await page.getByText('Das ist nicht die Passphrase').waitFor();
      await inspect('locked');
      await facekey.openKeeping();
      await press('Alles löschen');
      await inspect('deleting everything');
      await page.getByRole('dialog').getByRole('button', { name: 'Alles löschen' }).click();
      await page.getByText('Eine zweite Prüfung fand nichts mehr.').waitFor();
      await inspect('everything deleted');
    });
  });

  it('is in German when something goes wrong', async () => {
    const people = [person({ name: 'Alex' }), person({ name: 'Kim', expiresAt: 2 }), person({ name: 'Sandy', id: 'damaged' })];
    const file = Buffer.from(await exportFile(people, PASSPHRASE));
    await inGerman({}, async (facekey, inspect) => {
      const { page } = facekey;
      await facekey.ready();
      await facekey.fillIn('Alex');
      await page.locator('#enrol-camera').click();
      await facekey.stepTrouble();
      await inspect('no camera');
      await facekey.leaveStep();
      await facekey.importFile(file, 'a guess');
      await page.getByRole('dialog').getByText('Das ist nicht die Passphrase').waitFor();
      await inspect('a wrong passphrase');
      await facekey.fillSecret([PASSPHRASE]);
      assert.equal(await facekey.noticeCode(), 'imported');
      await inspect('imported');
      const rows = await readRows(facekey, 'people');
      await writeRows(facekey, rows.filter(({ id }) => id === 'damaged').map((row) => ({ ...row, iv: row.iv.toReversed() })));
      await facekey.reload();
      await facekey.ready();
      for (const state of ['other-model', 'expired', 'record-damaged']) {
        await page.locator(`#people li[data-state="${state}"]`).waitFor();
      }
      await inspect('entries that cannot be used');
      await page.getByRole('button', { name: '1 abgelaufene löschen' }).click();
      await inspect('deleting the expired');
      await page.getByRole('dialog').getByRole('button', { name: 'Abbrechen' }).click();
      await facekey.enrolFromPhotos('Sandy', files.alex.enrol);
      for (let failure = 1; failure <= 5; failure++) await facekey.verifyPhoto(files.kim.again, 'Sandy');
      await page.locator('#verify-wait').waitFor();
      await inspect('a wait after five failures');
      await facekey.crashEngine();
      await inspect('an engine that was started again');
    });
  });

  it('speaks German, with a voice of the device', async () => {
    await inGerman({ video, prepare: (context) => context.addInitScript(listen) }, async (facekey) => {
      await facekey.ready();
      await facekey.enrolFromPhotos('Alex', files.alex.enrol);
      await facekey.page.evaluate(() => localStorage.setItem('facekey-speak', 'true'));
      await facekey.verifyWithCamera('Alex');
      const heard = await facekey.page.evaluate(() => /** @type {any} */ (globalThis).heard);
      assert.deepEqual(heard, [{ text: 'Schauen Sie gerade in die Kamera', lang: 'de', voice: 'of the device' }]);
    });
  });

  it('is in German without the server', async (t) => {
    const own = await serveFor(t);
    await withPage(own.address, { locale: 'de-DE' }, async (facekey) => {
      await facekey.ready();
      await keptForOffline(facekey.page);
      await own.close();
      await facekey.reload();
      await facekey.ready();
      await assertGerman(facekey, 'without a network');
    });
  });

  it('is in English if the visitor chooses it, until everything is deleted', async () => {
    await inGerman({}, async (facekey) => {
      const { page } = facekey;
      const language = async () => page.locator('html').getAttribute('lang');
      await facekey.ready();
      await page.getByLabel('Sprache').selectOption('English');
      await page.getByText('Face verification that stays on this device').waitFor();
      await facekey.reload();
      await facekey.ready();
      assert.equal(await language(), 'en');
      await facekey.openKeeping();
      await page.getByRole('button', { name: 'Delete everything' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Delete everything' }).click();
      await page.getByText(/1 setting\b.*found nothing left/).waitFor();
      await facekey.reload();
      await page.getByText('Gesichtsprüfung, die auf diesem Gerät bleibt').waitFor();
      assert.equal(await language(), 'de');
    });
  });
});

describe('the page in a browser of another language', () => {
  it('is in English, and fetches no other language', async () => {
    /** @type {string[]} */
    const fetched = [];
    const prepare = async (/** @type {import('playwright-core').BrowserContext} */ context) =>
      void context.on('request', (request) => request.serviceWorker() ?? fetched.push(request.url()));
    await withPage(site.address, { locale: 'fr-FR', prepare }, async ({ page }) => {
      await page.locator('#engine[data-phase="ready"]').waitFor();
      assert.equal(await page.locator('html').getAttribute('lang'), 'en');
      await page.getByText('Face verification that stays on this device').waitFor();
      assert.ok(fetched.some((address) => /\/index-.*\.js$/.test(address)));
      assert.deepEqual(fetched.filter((address) => /\/de-.*\.js$/.test(address)), []);
    });
  });

  it('is in English if the file of the preferred language cannot be fetched', async () => {
    const prepare = (/** @type {import('playwright-core').BrowserContext} */ context) =>
      context.route(/\/de-.*\.js$/, (route) => route.abort());
    await withPage(site.address, { locale: 'de-DE', prepare }, async (facekey) => {
      await facekey.ready();
      assert.equal(await facekey.page.locator('html').getAttribute('lang'), 'en');
      await facekey.page.getByText('Face verification that stays on this device').waitFor();
    });
  });
});

/** Runs in the page before its own code: records the spoken texts and their voices. */
function listen() {
  const heard = /** @type {unknown[]} */ ([]);
  const voices = [
    { name: 'English', lang: 'en-US', localService: true },
    { name: 'of a server', lang: 'de-DE', localService: false },
    { name: 'of the device', lang: 'de_AT', localService: true },
  ];
  class Utterance {
    /** @type {string} */
    lang = '';
    /** @type {{name: string} | undefined} */
    voice = undefined;
    /** @param {string} text */
    constructor(text) {
      this.text = text;
    }
  }
  const speak = (/** @type {Utterance} */ { text, lang, voice }) => heard.push({ text, lang, voice: voice?.name });
  Object.assign(globalThis, { heard, SpeechSynthesisUtterance: Utterance });
  Object.assign(speechSynthesis, { getVoices: () => voices, speak, cancel: () => {} });
}
