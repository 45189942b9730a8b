/**
 * The face mesh of the movement check, in a package beside the other since not every page checks that
 * a person is there:
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
 * @param {string | URL} [options.baseUrl] where the files of this package lie, if not beside this module
 * @returns {{mesh: string | URL}} for `Facekey.load`; the file is fetched when the first movement check begins
 */
export function movement({ baseUrl } = {}) {
  if (baseUrl !== undefined) return { mesh: `${String(baseUrl).replace(/\/?$/, '/')}models/mesh.safetensors` };
  // Bundlers find the file by this very expression.
  return { mesh: new URL('../models/mesh.safetensors', import.meta.url) };
}
