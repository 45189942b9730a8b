/** Medians with spread, proportions with intervals, and what a list of comparisons says. */

/** Normal quantile of a two-sided 95 % interval. */
const Z = 1.959964;

/** Resamples of a bootstrap; the ends of its interval then move by a few per cent of its width. */
const RESAMPLES = 1000;

/** @typedef {{value: number, lower: number, upper: number}} Estimate */

/**
 * Linear between the two neighbours (Hyndman and Fan's definition 7).
 * @param {number[]} values
 * @param {number} share in [0, 1]
 */
export function quantile(values, share) {
  const sorted = values.toSorted((a, b) => a - b);
  const at = share * (sorted.length - 1);
  const [below, above] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
  return below + (above - below) * (at - Math.floor(at));
}

/**
 * The median, and the quartiles around it.
 * @param {number[]} values
 * @returns {Estimate}
 */
export function median(values) {
  return { value: quantile(values, 0.5), lower: quantile(values, 0.25), upper: quantile(values, 0.75) };
}

/**
 * A rate with Wilson's 95 % interval.
 * @param {number} events
 * @param {number} trials
 * @returns {Estimate}
 */
export function proportion(events, trials) {
  const rate = events / trials;
  const scale = 1 + Z ** 2 / trials;
  const centre = (rate + Z ** 2 / (2 * trials)) / scale;
  const half = (Z * Math.sqrt((rate * (1 - rate)) / trials + Z ** 2 / (4 * trials ** 2))) / scale;
  return { value: rate, lower: Math.max(0, centre - half), upper: Math.min(1, centre + half) };
}

/** @typedef {{genuine: number[], impostor: number[]}} Distances of pairs of one person, and of two */

/**
 * Area under the ROC curve, equal error rate, and the accuracy at the threshold that is best on
 * these very distances.
 * @param {Distances} distances
 */
export function figures({ genuine, impostor }) {
  const all = [
    ...genuine.map((distance) => ({ distance, same: true })),
    ...impostor.map((distance) => ({ distance, same: false })),
  ].sort((a, b) => a.distance - b.distance);
  let [matches, falseMatches, auc, accuracy] = [0, 0, 0, impostor.length / all.length];
  /** @type {number | undefined} */
  let eer;
  for (let i = 0; i < all.length; ) {
    const before = { fmr: falseMatches / impostor.length, fnmr: 1 - matches / genuine.length };
    const { distance } = all[i];
    for (; i < all.length && all[i].distance === distance; i++) all[i].same ? matches++ : falseMatches++;
    const [fmr, fnmr] = [falseMatches / impostor.length, 1 - matches / genuine.length];
    auc += (fmr - before.fmr) * (1 - (before.fnmr + fnmr) / 2);
    accuracy = Math.max(accuracy, (matches + impostor.length - falseMatches) / all.length);
    if (eer === undefined && fmr >= fnmr) {
      // Where the straight lines between the two points cross.
      const share = (before.fnmr - before.fmr) / (fmr - before.fmr + before.fnmr - fnmr);
      eer = before.fmr + share * (fmr - before.fmr);
    }
  }
  return { auc, eer: eer ?? 0, accuracy };
}

/**
 * The figures with 95 % intervals: percentiles of a bootstrap over pairs, genuine and impostor
 * apart. The same numbers every time.
 * @param {Distances} distances
 * @returns {Record<keyof ReturnType<typeof figures>, Estimate>}
 */
export function estimates({ genuine, impostor }) {
  const random = generator(1);
  const redraw = (/** @type {number[]} */ list) => list.map(() => list[Math.floor(random() * list.length)]);
  const resampled = Array.from({ length: RESAMPLES }, () =>
    figures({ genuine: redraw(genuine), impostor: redraw(impostor) }),
  );
  const estimate = (/** @type {keyof ReturnType<typeof figures>} */ name, /** @type {number} */ value) => {
    const values = resampled.map((figures) => figures[name]);
    return { value, lower: quantile(values, 0.025), upper: quantile(values, 0.975) };
  };
  const { auc, eer, accuracy } = figures({ genuine, impostor });
  return { auc: estimate('auc', auc), eer: estimate('eer', eer), accuracy: estimate('accuracy', accuracy) };
}

/**
 * Uniform numbers in [0, 1) from a seed: a linear congruential generator, whose high bits, which
 * alone pick from a short list, are random enough.
 * @param {number} seed
 */
function generator(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
