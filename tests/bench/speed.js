/**
 * The time for a face and the bytes downloaded, for facekey and other libraries. In every round each library gets each
 * photo, so that other load on the machine affects all of them equally.
 */

import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { Arena } from './support/arena.js';
import { contenders } from './support/contenders.js';
import { photos } from './support/photos.js';
import { conditions, decimals, megabytes, spread, table } from './support/report.js';
import { fileOf } from './support/server.js';
import { median } from './support/statistics.js';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '9' },
    photos: { type: 'string', default: '8' },
    starts: { type: 'string', default: '5' },
  },
});
const [rounds, starts, wanted] = [values.rounds, values.starts, values.photos].map(Number);

/** A camera's frame, and an aligned crop. */
const SIZES = { photo: { width: 640, height: 480 }, crop: { width: 112, height: 112 } };

/** What the harness itself fetches, and photos: no contender's download. */
const OURS = /^\/(tests\/bench\/page|shared\/data)\//;

/**
 * @typedef {object} Measured
 * @property {import('./support/contenders.js').Entry} entry
 * @property {import('./page/harness.js').Times[]} times
 * @property {number[]} first milliseconds to the first embedding
 * @property {{runtime: number, models: number}} bytes gzipped
 */

const arena = await Arena.open();
try {
  const measured = await measure();
  console.log(`${conditions({ command: 'scripts/bench speed', browser: arena.browserVersion })}\n`);
  console.log(`${times(measured)}\n\n${starting(measured)}`);
} finally {
  await arena.close();
}

async function measure() {
  /** @type {Measured[]} */
  const measured = contenders().map((entry) => ({ entry, times: [], first: [], bytes: { runtime: 0, models: 0 } }));
  const chosen = await timeEach(measured);
  for (let start = 1; start <= starts; start++) {
    console.error(`start ${start} of ${starts}`);
    for (const one of measured) {
      const { seat, milliseconds } = await arena.seat(one.entry, frame(one, chosen[0]));
      one.first.push(milliseconds);
      one.bytes = downloaded(seat.files);
      await seat.close();
    }
  }
  return measured;
}

/**
 * Fills in the times.
 * @param {Measured[]} measured
 * @returns {Promise<string[]>} the photos that were used
 */
async function timeEach(measured) {
  const candidates = photos(2 * wanted);
  console.error('warming up');
  /** @type {import('./support/arena.js').Seat[]} */
  const seats = [];
  for (const one of measured) seats.push((await arena.seat(one.entry, frame(one, candidates[0]))).seat);
  const timeAll = async (/** @type {string} */ file) => {
    const taken = [];
    for (const [i, one] of measured.entries()) {
      taken.push(await seats[i].call('time', frame(one, file)));
    }
    return taken;
  };
  // A library that finds no face computes no embedding, and would look fast.
  const usable = [];
  for (const file of candidates) if (!(await timeAll(file)).includes(undefined)) usable.push(file);
  const chosen = usable.slice(0, wanted);
  for (let round = 1; round <= rounds; round++) {
    console.error(`round ${round} of ${rounds}, ${chosen.length} photos`);
    for (const file of chosen) {
      for (const [i, taken] of (await timeAll(file)).entries()) if (taken) measured[i].times.push(taken);
    }
  }
  for (const seat of seats) await seat.close();
  return chosen;
}

/**
 * @param {Measured} one
 * @param {string} address
 */
function frame({ entry }, address) {
  return { address, size: SIZES[entry.takes] };
}

/** @param {string[]} paths */
function downloaded(paths) {
  const bytes = { runtime: 0, models: 0 };
  for (const path of paths.filter((path) => !OURS.test(path))) {
    const kind = /\.(m?js|wasm)$/.test(path) ? 'runtime' : 'models';
    bytes[kind] += gzipSync(readFileSync(fileOf(path)), { level: 9 }).length;
  }
  return bytes;
}

/** @param {Measured[]} measured */
function times(measured) {
  const [facekey] = measured;
  const milliseconds = decimals(1);
  const rest = (/** @type {Measured} */ { times }) => times.map(({ whole, detection }) => whole - detection);
  const against = (/** @type {number[]} */ list, /** @type {number[]} */ ours) =>
    spread(median(list.map((time, i) => time / ours[i])), decimals(2));
  const rows = measured.map((one) => {
    const crop = one.entry.takes === 'crop';
    const wholes = one.times.map(({ whole }) => whole);
    return [
      one.entry.title,
      crop ? '–' : spread(median(one.times.map(({ detection }) => detection)), milliseconds),
      spread(median(rest(one)), milliseconds),
      crop ? '–' : spread(median(wholes), milliseconds),
      crop
        ? `${against(rest(one), rest(facekey))}, embedding only`
        : against(wholes, facekey.times.map(({ whole }) => whole)),
    ];
  });
  return table(['', 'Detection, ms', 'Embedding, ms', 'Photo to embedding, ms', 'Times facekey'], rows);
}

/** @param {Measured[]} measured */
function starting(measured) {
  const total = (/** @type {Measured} */ { bytes }) => bytes.runtime + bytes.models;
  const rows = measured.map((one) => [
    one.entry.title,
    megabytes(one.bytes.runtime),
    megabytes(one.bytes.models),
    megabytes(total(one)),
    (total(one) / total(measured[0])).toFixed(1),
    spread(median(one.first.map((it) => it / 1000)), decimals(2)),
  ]);
  const head = ['', 'Runtime, gzip', 'Models, gzip', 'Together', 'Times facekey', 'First embedding, s'];
  return table(head, rows);
}
