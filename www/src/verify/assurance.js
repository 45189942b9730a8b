/**
 * Assurance levels: how rarely a stranger may pass. A level is offered only if the model's calibration has enough
 * comparisons for it.
 */

/** The most lenient level first. `trial` gives no assurance: it is for trying the page. */
export const LEVELS = /** @type {const} */ ([
  { name: 'trial', fmr: 1e-2 },
  { name: 'basic', fmr: 1e-3 },
  { name: 'strong', fmr: 1e-4 },
  { name: 'highest', fmr: 1e-5 },
]);

/** The default rate, if the model supports it. */
export const DEFAULT_FMR = 1e-3;

/** @typedef {{name: typeof LEVELS[number]['name'], fmr: number, supported: boolean}} Level */

/**
 * @param {Pick<import('../../package/facekey.js').ModelInfo, 'thresholds'>} model
 * @returns {Level[]}
 */
export function levels({ thresholds }) {
  return LEVELS.map((level) => ({ ...level, supported: thresholds.some(({ maxFmr }) => maxFmr === level.fmr) }));
}

/**
 * The default rate, or if the model does not support it, the strictest more lenient rate that it supports.
 * @param {Pick<import('../../package/facekey.js').ModelInfo, 'thresholds'>} model
 * @returns {number | undefined}
 */
export function defaultRate(model) {
  const rates = levels(model).filter((level) => level.supported && level.fmr >= DEFAULT_FMR);
  return rates.at(-1)?.fmr;
}

/**
 * The N of "1 in N" for a rate: a whole number with at most two significant digits.
 * @param {number} rate above 0, at most 1
 */
export function oneOf(rate) {
  return Number(Math.round(1 / rate).toPrecision(2));
}
