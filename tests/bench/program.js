/**
 * The same small program (enrol two photos, verify a third) with facekey and with other libraries: lines, bytes
 * downloaded, and the time to the first answer in a new page.
 *   scripts/package && scripts/bench program [RUNS]
 *
 * transformers.js is left out: it has neither a face detector nor a face embedder, so its program would depend on the
 * choice of two models and the code between them.
 */

import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { BASIC_FLAGS, EXECUTABLE } from '../e2e/support/browser.js';
import { photoFiles } from '../e2e/support/files.js';
import { chromium } from '../e2e/support/tools.js';
import { kilobytes, table } from './support/report.js';
import { fileOf, ROOT, serve } from './support/server.js';
import { quantile } from './support/statistics.js';

const RUNS = Number(process.argv[2] ?? 3);
const PROGRAMS = ['facekey', 'face-api', 'human'];

const { alex } = await photoFiles();
const address = (/** @type {{buffer: Buffer}} */ { buffer }) => `data:image/jpeg;base64,${buffer.toString('base64')}`;
const [photos, probe] = [alex.enrol.map(address), address(alex.again)];

const server = await serve();
const browser = await chromium.launch({ executablePath: EXECUTABLE, args: BASIC_FLAGS });

/** Runs a program in a page with nothing cached. @param {string} name */
async function visit(name) {
  const context = await browser.newContext();
  const page = await context.newPage();
  page.setDefaultTimeout(0);
  await page.goto(`${server.address}tests/bench/page/index.html`);
  /** @type {Set<string>} */
  const files = new Set();
  context.on('request', (request) => request.url().startsWith('http') && files.add(fileOf(new URL(request.url()).pathname)));
  const answer = await page.evaluate(
    async ([module, photos, probe]) => {
      const begin = performance.now();
      const { run } = await import(/** @type {string} */ (module));
      const same = await run(photos, probe);
      return { same, milliseconds: performance.now() - begin };
    },
    /** @type {const} */ ([`/tests/bench/page/programs/${name}.js`, photos, probe]),
  );
  await context.close();
  const sizes = await Promise.all([...files].map(async (file) => (await stat(file)).size));
  return { ...answer, bytes: sizes.reduce((sum, size) => sum + size, 0) };
}

const rows = [];
for (const name of PROGRAMS) {
  const text = await readFile(join(ROOT, 'tests/bench/page/programs', `${name}.js`), 'utf8');
  const visits = [];
  for (let run = 0; run < RUNS; run++) visits.push(await visit(name));
  const time = quantile(visits.map(({ milliseconds }) => milliseconds), 0.5);
  rows.push([name, text.split('\n').filter((line) => line.trim()).length, kilobytes(visits[0].bytes), Math.round(time), visits.every(({ same }) => same) ? 'yes' : 'no']);
}
console.log(table(['', 'lines', 'kB downloaded, uncompressed', `first answer, ms (median of ${RUNS})`, 'same person'], rows));
await browser.close();
server.close();
