/**
 * The time from a camera frame to its result in the page: with the package, whose engine runs in a worker, and with
 * the same engine on the page's main thread, without a worker and copies. Both read the same video.
 *   scripts/package && scripts/bench frame [FRAMES]
 */

import { withBrowser } from '../e2e/support/browser.js';
import { Studio } from '../e2e/support/media.js';
import { alex } from '../e2e/support/people.js';
import { decimals, spread, table } from './support/report.js';
import { serve } from './support/server.js';
import { median } from './support/statistics.js';

const FRAMES = Number(process.argv[2] ?? 100);
const TASKS = /** @type {const} */ ({ detect: 'faces and their quality', embed: 'faces, and an embedding' });

/** @param {number[]} values @param {number} digits */
const shown = (values, digits) => spread(median(values), decimals(digits));

const studio = await Studio.open();
const video = await studio.video('alex', [alex.enrol]);
const server = await serve();

await withBrowser({ video }, async (context) => {
  const page = context.pages()[0];
  page.setDefaultTimeout(0);
  await page.goto(`${server.address}tests/bench/page/index.html`);
  const times = await page.evaluate(
    async ([module, frames]) => (await import(/** @type {string} */ (module))).run(frames),
    /** @type {const} */ (['/tests/bench/page/frame.js', FRAMES]),
  );
  const rows = Object.entries(TASKS).map(([task, what]) => {
    /** @type {{inWorker: number[], inPage: number[]}} */
    const { inWorker, inPage } = times[task];
    const ratios = inWorker.map((time, i) => time / inPage[i]);
    return [what, shown(inWorker, 1), shown(inPage, 1), shown(ratios, 2)];
  });
  console.log(table([`${FRAMES} frames of 640x480`, 'in a worker, ms', 'in the page, ms', 'ratio'], rows));
});
await studio.close();
server.close();
