/**
 * The face mesh of the movement check, in a separate package, because not every page uses the movement
 * check:
 *
 * ```js
 * import { Facekey } from 'facekey';
 * import { movement } from 'facekey-movement';
 *
 * const facekey = await Facekey.load({ movement: movement() });
 * ```
 * @module
 */

/**
 * @param {object} [options]
 * @param {string | URL} [options.baseUrl] the address of this package's files, if they are not beside this module
 * @returns {{mesh: string | URL}} for `Facekey.load`; the file is fetched when the first movement check begins
 */
export function movement({ baseUrl } = {}) {
  if (baseUrl !== undefined) return { mesh: `${String(baseUrl).replace(/\/?$/, '/')}models/mesh.safetensors` };
  // Bundlers need exactly this expression to find the file.
  return { mesh: new URL('../models/mesh.safetensors', import.meta.url) };
}
