/**
 * Assurance levels: how rarely a stranger may pass. A level is offered only where the model's
 * calibration has counted enough comparisons to state it.
 */

/** Laxest first. `trial` is no assurance: it is there to try the page out. */
export const LEVELS = /** @type {const} */ ([
  { name: 'trial', fmr: 1e-2 },
  { name: 'basic', fmr: 1e-3 },
  { name: 'strong', fmr: 1e-4 },
  { name: 'highest', fmr: 1e-5 },
]);

/** Chosen at first, where the model supports it. */
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
 * The rate chosen at first: the usual one, or the strictest below it that the model supports.
 * @param {Pick<import('../../package/facekey.js').ModelInfo, 'thresholds'>} model
 * @returns {number | undefined}
 */
export function defaultRate(model) {
  const rates = levels(model).filter((level) => level.supported && level.fmr >= DEFAULT_FMR);
  return rates.at(-1)?.fmr;
}

/**
 * How many people there are for one of this rate: a whole number, in two digits at most.
 * @param {number} rate above 0, at most 1
 */
export function oneOf(rate) {
  return Number(Math.round(1 / rate).toPrecision(2));
}
