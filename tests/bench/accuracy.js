/**
 * Accuracy of facekey and other libraries: the same pairs of whole photos go through each complete pipeline in the
 * browser, each with its own default threshold.
 */

import { parseArgs } from 'node:util';
import { Arena } from './support/arena.js';
import { contenders } from './support/contenders.js';
import { alignedCrop, lfwPairs } from './support/photos.js';
import { conditions, decimals, percent, spread, table } from './support/report.js';
import { estimates, proportion } from './support/statistics.js';

/** Photos embedded between two lines of progress. */
const CHUNK = 50;

const { values } = parseArgs({ options: { pairs: { type: 'string' } } });
const pairs = chosen(lfwPairs(), values.pairs && Number(values.pairs));
if (pairs.length === 0) {
  console.error('skipped: the LFW photos are not beside the repository (../shared/data/lfw-photos)');
  process.exit();
}

const arena = await Arena.open();
try {
  const rows = [];
  for (const entry of contenders()) rows.push(await measure(entry));
  console.log(`${conditions({ command: 'scripts/bench accuracy', browser: arena.browserVersion })}\n`);
  const count = (/** @type {boolean} */ same) => pairs.filter((pair) => pair.same === same).length;
  console.log(`${count(true)} genuine and ${count(false)} impostor pairs; 95 % intervals in brackets.\n`);
  const head = ['', 'Photos without a face', 'AUC', 'Equal error rate', 'Best accuracy'];
  console.log(table([...head, 'Own threshold', 'Genuine accepted', 'Impostors accepted'], rows));
} finally {
  await arena.close();
}

/**
 * The first so many of either kind; all of them without a number.
 * @param {import('./support/photos.js').Pair[]} pairs
 * @param {number | '' | undefined} count
 */
function chosen(pairs, count) {
  if (!count) return pairs;
  return [true, false].flatMap((same) => pairs.filter((pair) => pair.same === same).slice(0, count));
}

/** @param {import('./support/contenders.js').Entry} entry */
async function measure(entry) {
  const crops = entry.takes === 'crop';
  const path = (/** @type {string} */ photo) => (crops ? alignedCrop(photo) : photo);
  const listed = pairs.map(({ a, b, same }) => ({ a: path(a), b: path(b), same }));
  const photos = [...new Set(listed.flatMap(({ a, b }) => [a, b]))];
  const { seat } = await arena.seat(entry, { address: photos[0] });
  let failures = 0;
  for (let i = 0; i < photos.length; i += CHUNK) {
    console.error(`${entry.title}: ${i} of ${photos.length} photos`);
    failures += (await seat.call('embed', photos.slice(i, i + CHUNK))).length;
  }
  const compared = await seat.call('compare', listed.map(({ a, b }) => /** @type {[string, string]} */ ([a, b])));
  const threshold = await seat.call('threshold');
  await seat.close();

  const results = (/** @type {boolean} */ same) => compared.filter((_, i) => listed[i].same === same);
  const distances = (/** @type {boolean} */ same) => results(same).flatMap((it) => (it ? [it.distance] : []));
  const { auc, eer, accuracy } = estimates({ genuine: distances(true), impostor: distances(false) });
  // A photo in which no face is found counts as no match.
  const accepted = (/** @type {boolean} */ same) =>
    threshold ? proportion(results(same).filter((it) => it?.accepted).length, results(same).length) : undefined;
  return [
    crops ? `${entry.title}, on crops aligned beforehand` : entry.title,
    crops ? '–' : `${failures} of ${photos.length}`,
    spread(auc, decimals(3)),
    spread(eer, percent),
    spread(accuracy, percent),
    threshold ?? 'none',
    spread(accepted(true), percent),
    spread(accepted(false), percent),
  ];
}
