/** The page in Firefox, with WebDriver BiDi: enrolment, verification, the gallery, and use without a network. */

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { photoFiles } from './support/files.js';
import { require, serveFor } from './support/tools.js';

/** @typedef {import('puppeteer-core').Page} Page */

const FIREFOX = process.env.FIREFOX ?? ['/usr/bin/firefox-esr', '/usr/bin/firefox'].find(existsSync);
const absent = FIREFOX ? false : 'there is no Firefox; FIREFOX says where';

/** An attribute of a visible element. @param {Page} page @param {string} selector @param {string} attribute */
async function says(page, selector, attribute) {
  const element = await page.waitForSelector(selector, { visible: true });
  return element?.evaluate((it, name) => it.getAttribute(name), attribute);
}

/** @param {Page} page @param {string} selector @param {string[]} paths */
async function give(page, selector, paths) {
  const field = /** @type {import('puppeteer-core').ElementHandle<HTMLInputElement>} */ (await page.$(selector));
  await field.uploadFile(...paths);
}

/** @param {Page} page @param {string} task */
const choose = (page, task) => page.$eval(`input[name=task][value=${task}]`, (it) => /** @type {HTMLInputElement} */ (it).click());

/** The decision about a photo. The rate is the most lenient one, because the page is tested and not the model. @param {Page} page @param {string} path */
async function verify(page, path) {
  await choose(page, 'verify');
  await page.$eval('#strictness', (it) => {
    const select = /** @type {HTMLSelectElement} */ (it);
    select.selectedIndex = 0;
    select.dispatchEvent(new Event('change', { bubbles: true }));
  });
  await give(page, '#verify-file', [path]);
  return says(page, '#result', 'data-verdict');
}

/** @param {Page} page */
const names = (page) => page.$$eval('#people strong', (all) => all.map((it) => it.textContent));

it('the page enrols, verifies and stores people in Firefox, also without a network', { skip: absent }, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'facekey-firefox-'));
  t.after(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  const { alex, kim } = await photoFiles();
  const save = async (/** @type {string} */ name, /** @type {Buffer} */ bytes) => {
    await writeFile(join(folder, name), bytes);
    return join(folder, name);
  };
  const enrolled = await Promise.all(alex.enrol.map(({ buffer }, index) => save(`alex-${index}.jpg`, buffer)));
  const [again, other] = await Promise.all([save('again.jpg', alex.again.buffer), save('kim.jpg', kim.again.buffer)]);

  const site = await serveFor(t);
  const browser = await require('puppeteer-core').launch({ browser: 'firefox', executablePath: FIREFOX, headless: true });
  t.after(() => browser.close());
  const page = /** @type {Page} */ (await browser.newPage());
  page.setDefaultTimeout(120_000);
  /** @type {unknown[]} */
  const errors = [];
  page.on('pageerror', (error) => errors.push(error));
  const ready = () => page.waitForSelector('#engine[data-phase="ready"]');

  await page.goto(site.address);
  await ready();
  await choose(page, 'enrol');
  await page.type('#name', 'Alex');
  await page.click('#consent');
  await give(page, '#enrol-files', enrolled);
  assert.equal(await says(page, '#toast:not([hidden])', 'data-code'), 'enrolled');
  assert.equal(await verify(page, again), 'accepted');
  await page.evaluate(async () => void (await navigator.serviceWorker.ready));

  await site.close();
  await page.reload();
  await ready();
  assert.deepEqual(await names(page), ['Alex']);
  assert.equal(await verify(page, again), 'accepted');
  await page.reload();
  await ready();
  assert.equal(await verify(page, other), 'refused');
  assert.deepEqual(errors, []);
});
