/** Tables in Markdown, so that a measurement can be kept as it was printed. */

/**
 * @param {string[]} head
 * @param {(string | number)[][]} rows the first column is text, the others numbers
 */
export function printTable(head, rows) {
  const lines = [head, head.map((_, column) => (column === 0 ? '---' : '--:')), ...rows];
  const widths = head.map((_, column) => Math.max(...lines.map((line) => String(line[column]).length)));
  for (const line of lines) {
    const cells = line.map((cell, column) => (column === 0 ? String(cell).padEnd(widths[column]) : String(cell).padStart(widths[column])));
    console.log(`| ${cells.join(' | ')} |`);
  }
  console.log();
}

/** @param {number} bytes */
export const kilobytes = (bytes) => (bytes / 1000).toLocaleString('en', { maximumFractionDigits: bytes < 1e4 ? 1 : 0 });

/** @param {number[]} values */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}
