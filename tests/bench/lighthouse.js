/**
 * Lighthouse on the built page, on its phone with its slow line and on its desktop; fails where a score is
 * below 95. Lighthouse is large and used here alone, so npx fetches it when it is asked for.
 *   scripts/bench lighthouse
 */

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { BASIC_FLAGS, EXECUTABLE } from '../e2e/support/browser.js';
import { Host } from './support/host.js';
import { table } from './support/report.js';

/** The last one that runs on the oldest node that the page is built with. */
const LIGHTHOUSE = 'lighthouse@12.8.2';

const CATEGORIES = ['performance', 'accessibility', 'best-practices'];
const LEAST = 95;

/** Lighthouse at times does not see the page's navigation in its own recording. */
const MISSED = /NO_NAVSTART/;

/** @type {Record<string, string[]>} */
const DEVICES = { phone: [], desktop: ['--preset=desktop'] };

/**
 * @param {string} address
 * @param {string[]} options
 * @returns {Promise<{categories: Record<string, {score: number}>, audits: Record<string, {title: string, score: number | null, displayValue?: string}>}>}
 */
async function audit(address, options) {
  const flags = `--chrome-flags=--headless=new ${BASIC_FLAGS.join(' ')}`;
  const args = ['--yes', LIGHTHOUSE, address, '--quiet', '--output=json', `--only-categories=${CATEGORIES}`, flags, ...options];
  const run = () => promisify(execFile)('npx', args, { env: { ...process.env, CHROME_PATH: EXECUTABLE }, maxBuffer: 1e8 });
  const { stdout } = await run().catch((error) => (MISSED.test(error.stderr) ? run() : Promise.reject(error)));
  return JSON.parse(stdout);
}

const host = new Host({ name: 'this machine', bytesPerSecond: Infinity, latency: 0 });
await host.open();
const rows = [];
for (const [device, options] of Object.entries(DEVICES)) {
  const { categories, audits } = await audit(host.address, options);
  const scores = CATEGORIES.map((category) => Math.round(100 * categories[category].score));
  rows.push([device, ...scores, String(audits['largest-contentful-paint'].displayValue), String(audits['total-blocking-time'].displayValue)]);
  if (scores.every((score) => score >= LEAST)) continue;
  process.exitCode = 1;
  for (const { title, score, displayValue } of Object.values(audits)) if (score !== null && score < 0.9) console.error(`${device}: ${title}: ${displayValue ?? score}`);
}
host.close();
console.log(table(['', ...CATEGORIES, 'largest paint', 'blocked'], rows));
