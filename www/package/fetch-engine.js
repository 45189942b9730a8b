/** Fetches a build of the engine, and refuses a file that differs from it. */

/**
 * The browser checks the digest of the file, whether it comes from the host or from a cache. A cached file
 * that differs is deleted and fetched again.
 * @param {URL} address
 * @param {string} integrity its SHA-256, from the build of the package
 * @returns {Promise<Response>}
 */
export async function fetchEngine(address, integrity) {
  try {
    return await fetch(address, { integrity });
  } catch {
    await dropCached(address);
  }
  try {
    return await fetch(address, { integrity, cache: 'reload' });
  } catch (cause) {
    throw { code: 'weights-missing', message: `${address} did not arrive as it was built: ${cause}` };
  }
}

/** @param {URL} address */
async function dropCached(address) {
  const { caches } = globalThis; // undefined in pages that are not served over https
  const names = (await caches?.keys()) ?? [];
  await Promise.all(names.map(async (name) => (await caches.open(name)).delete(address, { ignoreSearch: true })));
}
