/**
 * The time from a camera frame to its result in the page: with the package, whose engine runs in a worker, and with
 * the same engine on the page's main thread, without a worker and copies. All read the same video. DIR is another
 * version of the package, such as `www/dist-package` of an earlier commit.
 *   scripts/package && scripts/bench frame [FRAMES] [DIR]
 */

import { withBrowser } from '../e2e/support/browser.js';
import { Studio } from '../e2e/support/media.js';
import { alex } from '../e2e/support/people.js';
import { decimals, spread, table } from './support/report.js';
import { OTHER_PATH, serve } from './support/server.js';
import { median } from './support/statistics.js';

const FRAMES = Number(process.argv[2] ?? 100);
const OTHER = process.argv[3];
const TASKS = /** @type {const} */ ({ detect: 'faces and their quality', embed: 'faces, and an embedding' });

/** @param {number[]} values @param {number} digits */
const shown = (values, digits) => spread(median(values), decimals(digits));

/** @param {number[]} times @param {number[]} others */
const ratio = (times, others) => shown(times.map((time, i) => time / others[i]), 2);

const studio = await Studio.open();
const video = await studio.video('alex', [alex.enrol]);
const server = await serve(OTHER);

await withBrowser({ video }, async (context) => {
  const page = context.pages()[0];
  page.setDefaultTimeout(0);
  await page.goto(`${server.address}tests/bench/page/index.html`);
  /** @type {Record<keyof typeof TASKS, Record<'inWorker' | 'inPage' | 'other', number[]>>} */
  const times = await page.evaluate(
    async ([module, frames, other]) => (await import(/** @type {string} */ (module))).run(frames, other),
    /** @type {const} */ (['/tests/bench/page/frame.js', FRAMES, OTHER && `${OTHER_PATH}dist/facekey.js`]),
  );
  const rows = Object.entries(TASKS).map(([task, what]) => {
    const { inWorker, inPage, other } = times[/** @type {keyof typeof TASKS} */ (task)];
    const compared = other ? [shown(other, 1), ratio(inWorker, other)] : [];
    return [what, shown(inWorker, 1), shown(inPage, 1), ratio(inWorker, inPage), ...compared];
  });
  const compared = OTHER ? ['in the worker of the other version, ms', 'ratio'] : [];
  console.log(table([`${FRAMES} frames of 640x480`, 'in a worker, ms', 'in the page, ms', 'ratio', ...compared], rows));
});
await studio.close();
server.close();
