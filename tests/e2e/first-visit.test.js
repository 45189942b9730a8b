/** The introduction for first visitors, and what can be tried without an enrolment. */

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { withBrowser, withPage } from './support/browser.js';
import { files, site } from './support/fixtures.js';

for (const size of [{ width: 390, height: 844 }, { width: 1280, height: 800 }]) {
  it(`shows the introduction on the first screen, ${size.width} pixels wide`, async () => {
    await withPage(site.address, { size }, async ({ page }) => {
      const start = page.getByRole('button', { name: 'Enrol your face' });
      for (const part of [page.locator('#welcome h2'), start, ...(await page.locator('.steps li').all())]) {
        const box = await part.boundingBox();
        assert.ok(box && box.y + box.height <= size.height, `${part} is above the fold`);
      }
      await page.getByText('What you can use it for').waitFor();
      await start.click();
      assert.equal(await page.evaluate(() => document.activeElement?.id), 'name');
    });
  });
}

it('shows the introduction with the first paint, before the modules are loaded', async () => {
  for (const [locale, isShown] of /** @type {const} */ ([['en-GB', true], ['de-DE', false]])) {
    await withBrowser({ locale }, async (context) => {
      /** @type {() => void} */
      let arrive = () => {};
      const arrived = new Promise((resolve) => (arrive = () => resolve(undefined)));
      await context.route('**/assets/index-*.js', async (route) => {
        await arrived;
        await route.continue();
      });
      const page = context.pages()[0];
      await page.goto(site.address, { waitUntil: 'commit' });
      await page.waitForFunction(() => {
        const main = document.querySelector('main');
        return main && getComputedStyle(main).visibility === 'hidden';
      });
      const welcome = page.locator('#welcome');
      assert.equal(await welcome.isVisible(), isShown, `the English introduction, in a browser of ${locale}`);
      assert.equal(await welcome.evaluate((it) => /** @type {HTMLElement} */ (it).inert), true, 'its buttons do not work yet');
      assert.equal(await page.locator('#tasks').isVisible(), false);
      const place = await welcome.boundingBox();
      arrive();
      await page.locator('#tasks').waitFor();
      assert.equal(await welcome.evaluate((it) => /** @type {HTMLElement} */ (it).inert), false);
      if (isShown) assert.deepEqual(await welcome.boundingBox(), place, 'the layout does not change');
    });
  }
});

it('accepts a task before the engine is loaded, and continues when it is', async () => {
  /** @type {() => void} */
  let arrive = () => {};
  const arrived = new Promise((resolve) => (arrive = () => resolve(undefined)));
  const prepare = (/** @type {import('playwright-core').BrowserContext} */ context) =>
    context.route('**/*.bpk', async (route) => {
      await arrived;
      await route.continue();
    });
  await withPage(site.address, { prepare }, async (facekey) => {
    const { page } = facekey;
    await page.locator('#loading').getByText(/Loading the face model/).waitFor();
    await facekey.fillIn('Alex');
    await page.locator('#enrol-files').setInputFiles(files.alex.enrol);
    await page.locator('#working').waitFor();
    assert.equal(await page.locator('#name').isDisabled(), true, 'the form is locked');
    arrive();
    assert.equal(await facekey.noticeCode(), 'enrolled');
    assert.equal(await page.locator('#name').isDisabled(), false);
    assert.equal(await page.locator('#loading').isVisible(), false);
  });
});

it('compares two pictures of a drawn face with one click', async () => {
  await withPage(site.address, {}, async (facekey) => {
    await facekey.page.getByRole('button', { name: 'Try it with a drawn face' }).click();
    assert.equal(await facekey.noticeCode(), 'same');
  });
});

it('tells whether two photos show the same person, and stores nothing', async () => {
  await withPage(site.address, {}, async (facekey) => {
    const { page } = facekey;
    await facekey.choose('Compare');
    await page.locator('#compare-first').setInputFiles(files.alex.enrol[0]);
    await page.locator('#compare-second').setInputFiles(files.kim.again);
    assert.equal(await facekey.noticeCode(), 'different');
    await page.locator('#compare-second').setInputFiles(files.alex.again);
    await page.locator('#toast[data-code="same"]').waitFor();
    assert.deepEqual(await facekey.people(), []);
  });
});

it('keeps photos that were chosen before the form was complete', async () => {
  await withPage(site.address, {}, async (facekey) => {
    const { page } = facekey;
    await facekey.ready();
    await page.locator('#enrol-files').setInputFiles(files.alex.enrol);
    assert.equal(await facekey.noticeCode(), 'name-missing');
    await page.locator('#name:focus').waitFor();
    await facekey.fillIn('Alex');
    await page.getByRole('button', { name: /^Go on with the/ }).click();
    await page.locator('#toast[data-code="enrolled"]').waitFor();
    assert.deepEqual(await facekey.people(), ['Alex']);
  });
});

it('accepts photos that are dropped or pasted, and never navigates to one', async () => {
  await withPage(site.address, {}, async (facekey) => {
    const { page } = facekey;
    await facekey.ready();
    await facekey.enrolFromPhotos('Alex', files.alex.enrol);
    await facekey.choose('Verify');
    for (const kind of /** @type {const} */ (['drop', 'paste'])) {
      await page.evaluate(give, { kind, base64: files.alex.again.buffer.toString('base64') });
      await page.locator('#result[data-verdict]').waitFor();
      assert.equal((await facekey.result()).verdict, 'accepted', kind);
      await facekey.choose('Enrol');
      await facekey.choose('Verify');
    }
  });
});

/** Runs in the page. @param {{kind: 'drop' | 'paste', base64: string}} options */
function give({ kind, base64 }) {
  const bytes = Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0));
  const data = new DataTransfer();
  data.items.add(new File([bytes], 'photo.jpg', { type: 'image/jpeg' }));
  const event =
    kind === 'drop'
      ? new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true })
      : new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true });
  document.body.dispatchEvent(event);
}
