/** What a benchmark prints: Markdown that can stand in docs/benchmarks.md as it is. */

import { cpus, loadavg, totalmem, type } from 'node:os';

/** @typedef {import('./statistics.js').Estimate} Estimate */

/**
 * @param {string[]} head
 * @param {(string | number)[][]} rows
 */
export function table(head, rows) {
  const line = (/** @type {(string | number)[]} */ cells) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, i) => (i === 0 ? '---' : '--:'))), ...rows.map(line)].join('\n');
}

/**
 * A number with the ends of its spread or interval.
 * @param {Estimate | undefined} estimate
 * @param {(value: number) => string} show
 */
export function spread(estimate, show) {
  if (!estimate) return '–';
  return `${show(estimate.value)} (${show(estimate.lower)} to ${show(estimate.upper)})`;
}

export const percent = (/** @type {number} */ share) => `${(100 * share).toFixed(1)} %`;
export const decimals = (/** @type {number} */ count) => (/** @type {number} */ value) => value.toFixed(count);
export const kilobytes = (/** @type {number} */ bytes) =>
  (bytes / 1000).toLocaleString('en', { maximumFractionDigits: bytes < 1e4 ? 1 : 0 });
export const megabytes = (/** @type {number} */ bytes) => `${(bytes / 1e6).toFixed(2)} MB`;

/**
 * The conditions of a run.
 * @param {{command: string, browser: string}} run
 */
export function conditions({ command, browser }) {
  const [{ model }] = cpus();
  const load = loadavg()[0].toFixed(1);
  return (
    `\`${command}\` on ${new Date().toISOString().slice(0, 10)}: ${cpus().length} cores of ${model.trim()}, ` +
    `${Math.round(totalmem() / 2 ** 30)} GiB, ${type()}, Chromium ${browser} without a GPU; ` +
    `load average at the end ${load}.`
  );
}
