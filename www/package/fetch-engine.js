/** Fetches a build of the engine, and takes no other one in its place. */

/**
 * The browser compares the digest, of what a host sends and of what a cache has kept. A kept file that
 * differs is dropped, and asked for again.
 * @param {URL} address
 * @param {string} integrity its SHA-256, known since the package was built
 * @returns {Promise<Response>}
 */
export async function fetchEngine(address, integrity) {
  try {
    return await fetch(address, { integrity });
  } catch {
    await forget(address);
  }
  try {
    return await fetch(address, { integrity, cache: 'reload' });
  } catch (cause) {
    throw { code: 'weights-missing', message: `${address} did not arrive as it was built: ${cause}` };
  }
}

/** @param {URL} address */
async function forget(address) {
  const { caches } = globalThis; // there are none where the page is not served over https
  const names = (await caches?.keys()) ?? [];
  await Promise.all(names.map(async (name) => (await caches.open(name)).delete(address, { ignoreSearch: true })));
}
