/** Decides on several probes of one face together. */

/** @typedef {import('./types.js').Decision} Decision */

/**
 * The one in the middle decides: neither a lucky nor an unlucky frame does it alone.
 * @param {Pick<import('./engine-client.js').EngineClient, 'decide'>} engine
 * @param {Float32Array} samples the template: embeddings one after the other
 * @param {Float32Array[]} probes one from each frame
 * @param {number} fmr false match rate to hold
 * @returns {Promise<Decision>}
 */
export async function decideTogether(engine, samples, probes, fmr) {
  return middle(await Promise.all(probes.map((probe) => engine.decide(samples, probe, fmr))));
}

/**
 * @param {Decision[]} decisions
 * @returns {Decision}
 */
export function middle(decisions) {
  const ordered = decisions.toSorted((a, b) => a.score - b.score);
  return ordered[Math.floor(ordered.length / 2)]; // of an even number the further one
}
