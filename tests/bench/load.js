/**
 * What a visitor waits for and pays: bytes over the wire and time to the first usable screen, to
 * the running engine and to the first embedding of a photo; at the first visit and from the cache.
 *   scripts/bench load [RUNS]
 */

import { rm } from 'node:fs/promises';
import { newProfile, withBrowser } from '../e2e/support/browser.js';
import { photoFiles } from '../e2e/support/files.js';
import { Host } from './support/host.js';
import { kilobytes, table } from './support/report.js';
import { quantile } from './support/statistics.js';

const RUNS = Number(process.argv[2] ?? 5);

/** The second is Lighthouse's phone: slow 4G. @type {import('./support/host.js').Line[]} */
const LINES = [
  { name: 'this machine', bytesPerSecond: Infinity, latency: 0 },
  { name: '1.6 Mbit/s, 150 ms', bytesPerSecond: (1.6 * 1024 * 1024) / 8, latency: 150 },
];

const median = (/** @type {number[]} */ values) => quantile(values, 0.5);

/** Moments of a visit, in order. */
const MOMENTS = /** @type {const} */ (['painted', 'usable', 'ready', 'embedded']);

/** @typedef {Record<typeof MOMENTS[number], number> & {origin: number}} Visit milliseconds since `origin` */

/**
 * Runs in the page before its own scripts: notes the moments.
 * - usable: the controls answer;
 * - ready: the engine has computed the golden embeddings and they agree;
 * - embedded: a photo was read, its face found and embedded (from the choice of the file on).
 */
function watchMoments() {
  const moments = /** @type {Record<string, number>} */ (Object.assign(globalThis, { moments: {} }).moments);
  const note = (/** @type {string} */ name) => void (moments[name] ??= performance.now());
  addEventListener('change', (event) => /** @type {Element} */ (event.target).id === 'enrol-files' && note('chosen'), true);
  new MutationObserver(() => {
    if (document.querySelector('#engine[data-why]')) note('usable');
    if (document.querySelector('#engine[data-phase="ready"]')) note('ready');
    if (document.querySelector('#photo-reports [data-code="used"]')) note('embedded');
  }).observe(document, { subtree: true, childList: true, attributes: true });
}

const { alex, kim } = await photoFiles();

/**
 * @param {import('playwright-core').BrowserContext} context
 * @param {string} address
 * @param {typeof alex.enrol[0]} photo of somebody who is not enrolled yet, as the page asks about doubles
 * @returns {Promise<Visit>}
 */
async function visit(context, address, photo) {
  const page = await context.newPage();
  await page.goto(`${address}?backend=cpu`);
  await page.locator('#engine[data-phase="ready"]').waitFor({ timeout: 120_000 });
  await page.getByRole('radio', { name: 'Enrol' }).check({ force: true });
  await page.getByLabel('Name', { exact: true }).first().fill(crypto.randomUUID()); // names are not given twice
  await page.locator('#consent').check();
  await page.locator('#engine-facts').getByText('CPU time').waitFor({ state: 'attached' }); // its own timing is over
  await page.locator('#enrol-files').setInputFiles([photo]);
  await page.locator('#photo-reports [data-code="used"]').waitFor();
  const visit = await page.evaluate(() => {
    const { usable, ready, chosen, embedded } = /** @type {any} */ (globalThis).moments;
    const [paint] = performance.getEntriesByName('first-contentful-paint');
    return { origin: performance.timeOrigin, painted: paint.startTime, usable, ready, embedded: ready + embedded - chosen };
  });
  await page.evaluate(() => navigator.serviceWorker.ready);
  await page.close();
  return visit;
}

/**
 * A first visit and one from the cache, in a fresh browser.
 * @param {Host} host
 */
async function visitTwice(host) {
  const profile = await newProfile();
  /** @type {{visit: Visit, deliveries: import('./support/host.js').Delivery[]}[]} */
  const visits = [];
  await withBrowser({ profile }, async (context) => {
    await context.addInitScript(watchMoments);
    for (const person of [alex, kim]) {
      host.deliveries.length = 0;
      visits.push({ visit: await visit(context, host.address, person.enrol[0]), deliveries: [...host.deliveries] });
    }
  });
  await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  return visits;
}

for (const line of LINES) {
  const host = new Host(line);
  await host.open();
  const runs = [];
  for (let run = 0; run < RUNS; run++) runs.push(await visitTwice(host));
  host.close();
  console.log(`${line.name}, median of ${RUNS}:\n`);
  const rows = ['first visit', 'from the cache'].map((name, index) => {
    const those = runs.map((run) => run[index]);
    const times = MOMENTS.map((moment) => median(those.map(({ visit }) => visit[moment])));
    const bytesUntil = (/** @type {(visit: Visit) => number} */ end) =>
      median(those.map(({ visit, deliveries }) =>
        deliveries.filter((it) => it.end <= visit.origin + end(visit)).reduce((sum, { bytes }) => sum + bytes, 0)));
    const bytes = [bytesUntil(({ usable }) => usable), bytesUntil(({ ready }) => ready), bytesUntil(() => Infinity)];
    return [name, ...times.map((time) => Math.round(time)), ...bytes.map(kilobytes)];
  });
  console.log(`${table(['', 'painted, ms', 'usable, ms', 'engine ready, ms', 'photo embedded, ms', 'kB to usable', 'kB to ready', 'kB in all'], rows)}\n`);
}
