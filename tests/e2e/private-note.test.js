/** The private note, under a passkey or a passphrase. */

import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { withPage } from './support/browser.js';
import { servePage } from './support/tools.js';

const PASSPHRASE = 'correct horse battery';

/** The address with `localhost`, because passkeys need a host name. @type {string} */
let address;
/** @type {Awaited<ReturnType<typeof servePage>>} */
let site;

before(async () => {
  site = await servePage();
  address = site.address.replace('127.0.0.1', 'localhost');
});

after(() => site?.close());

/** Adds a virtual authenticator, like that of a phone, which always agrees. @param {import('playwright-core').Page} page */
async function addAuthenticator(page) {
  const session = await page.context().newCDPSession(page);
  await session.send('WebAuthn.enable');
  const options = /** @type {const} */ ({ protocol: 'ctap2', ctap2Version: 'ctap2_1', transport: 'internal', hasResidentKey: true, hasUserVerification: true, hasPrf: true, isUserVerified: true });
  await session.send('WebAuthn.addVirtualAuthenticator', { options });
}

it('the private note is encrypted under a passkey, and opens with it after a reload', async () => {
  await withPage(address, {}, async ({ page }) => {
    await addAuthenticator(page);
    await page.locator('#vault summary').click();
    await page.getByRole('button', { name: 'Protect with a passkey' }).click();
    await page.getByLabel('Note', { exact: true }).fill('the code is 4711');
    await page.locator('#vault-add').setInputFiles({ name: 'plan.txt', mimeType: 'text/plain', buffer: Buffer.from('hello') });
    await page.locator('#toast[data-code="vault-saved"]').waitFor();
    await page.getByRole('button', { name: 'Hide it' }).click();
    assert.equal(await page.locator('#vault-note').inputValue(), '', 'the page no longer contains the note');

    await page.reload();
    await page.locator('#vault summary').click();
    await page.locator('#vault-open').click();
    await page.locator('#vault[data-state="open"]').waitFor();
    assert.equal(await page.locator('#vault-note').inputValue(), 'the code is 4711');
    const downloading = page.waitForEvent('download');
    await page.getByRole('button', { name: 'plan.txt', exact: true }).click();
    assert.equal((await downloading).suggestedFilename(), 'plan.txt');
  });
});

it('the private note opens with its passphrase and with no other', async () => {
  await withPage(address, {}, async (facekey) => {
    const { page } = facekey;
    await page.locator('#vault summary').click();
    await page.getByRole('button', { name: 'Protect with a passphrase' }).click();
    await facekey.fillSecret([PASSPHRASE, PASSPHRASE]);
    await page.getByLabel('Note', { exact: true }).fill('the code is 4711');
    await page.locator('#vault-save').click();
    await page.locator('#toast[data-code="vault-saved"]').waitFor();
    await page.reload();
    await page.locator('#vault summary').click();
    await page.locator('#vault-open').click();
    const dialog = await facekey.fillSecret(['another horse battery']);
    await dialog.getByText('That is not the passphrase').waitFor();
    await facekey.fillSecret([PASSPHRASE]);
    await page.locator('#vault[data-state="open"]').waitFor();
    assert.equal(await page.locator('#vault-note').inputValue(), 'the code is 4711');
  });
});
