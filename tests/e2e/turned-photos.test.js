/** Photos that are rotated, or show a small or a covered face. */

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { withPage } from './support/browser.js';
import { servePage } from './support/tools.js';

/**
 * @typedef {object} Change
 * @property {number} [turns] quarter turns
 * @property {number} [side] the portrait's side in pixels
 * @property {number} [within] the side of the picture around the portrait, in pixels
 * @property {boolean} [barred] whether a black bar covers the eyes
 */

const PORTRAIT = new URL('../fixtures/astronaut.jpg', import.meta.url);

/** @type {Awaited<ReturnType<typeof servePage>>} */
let site;
/** @type {string} */
let portrait;

before(async () => {
  site = await servePage();
  portrait = (await readFile(PORTRAIT)).toString('base64');
});

after(() => site?.close());

/**
 * The portrait, redrawn by the browser and saved without metadata.
 * @param {import('playwright-core').Page} page
 * @param {Change} change
 */
async function photo(page, { turns = 0, side = 256, within = side, barred = false }) {
  const drawn = await page.evaluate(
    async ({ portrait, turns, side, within, barred }) => {
      const bytes = Uint8Array.from(atob(portrait), (char) => char.charCodeAt(0));
      const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/jpeg' }));
      const canvas = new OffscreenCanvas(within, within);
      const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d'));
      context.fillStyle = 'grey';
      context.fillRect(0, 0, within, within);
      context.translate(within / 2, within / 2);
      context.rotate((turns * Math.PI) / 2);
      context.drawImage(bitmap, -side / 2, -side / 2, side, side);
      context.fillStyle = 'black';
      if (barred) context.fillRect(-0.17 * side, -0.14 * side, 0.31 * side, 0.07 * side);
      const blob = await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.95 });
      const url = new FileReader();
      await new Promise((resolve) => {
        url.onload = resolve;
        url.readAsDataURL(blob);
      });
      return String(url.result).split(',')[1];
    },
    { portrait, turns, side, within, barred },
  );
  return { name: 'portrait.jpg', mimeType: 'image/jpeg', buffer: Buffer.from(drawn, 'base64') };
}

describe('a photo of a covered face', () => {
  it('is refused at enrolment and at verification, with an explanation', async () => {
    await withPage(site.address, {}, async (facekey) => {
      const { page } = facekey;
      await facekey.ready();
      const barred = await photo(page, { barred: true });
      assert.notEqual(await facekey.enrolFromPhotos('Eileen', [barred]), 'enrolled');
      await page.getByText('Something covers the face.').waitFor();
      assert.equal(await facekey.enrolFromPhotos('Eileen', [await photo(page, {})]), 'enrolled');
      const { verdict, reason, text } = await facekey.verifyPhoto(barred, 'Eileen');
      assert.deepEqual({ verdict, reason }, { verdict: 'undecided', reason: 'poor-image' });
      assert.match(text, /covers/);
    });
  });
});

describe('a person who is enrolled from an upright photo', () => {
  /** @param {(verify: (change: Change) => ReturnType<import('./support/page.js').FacekeyPage['verifyPhoto']>) => Promise<void>} use */
  const enrolled = (use) =>
    withPage(site.address, {}, async (facekey) => {
      const { page } = facekey;
      await facekey.ready();
      assert.equal(await facekey.enrolFromPhotos('Eileen', [await photo(page, {})]), 'enrolled');
      await use(async (change) => facekey.verifyPhoto(await photo(page, change), 'Eileen'));
    });

  it('is recognised in a rotated photo', async () => {
    await enrolled(async (verify) => {
      for (const turns of [1, 2, 3]) {
        const { verdict, text } = await verify({ turns });
        assert.equal(verdict, 'accepted', `${turns} quarter turns: ${text}`);
      }
    });
  });

  it('is recognised if the face is small in a large photo', async () => {
    await enrolled(async (verify) => {
      const { verdict, text } = await verify({ side: 640, within: 4000 });
      assert.equal(verdict, 'accepted', text);
    });
  });

  it('is not compared, and no failure is counted, if the face is too small', async () => {
    await enrolled(async (verify) => {
      for (let tries = 0; tries < 6; tries++) {
        const { verdict, reason } = await verify({ side: 160, within: 4000 });
        assert.deepEqual({ verdict, reason }, { verdict: 'undecided', reason: 'poor-image' });
      }
      const { verdict, text } = await verify({});
      assert.equal(verdict, 'accepted', text);
    });
  });
});
