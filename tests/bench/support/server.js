/** Serves the repository, and the data beside it, to the browser on this machine alone. */

import { createServer } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sirv from 'sirv';
import { listen } from '../../e2e/support/tools.js';

export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
export const SHARED = join(ROOT, '../shared');

/** Where the data beside the repository appears. */
const SHARED_PATH = '/shared/';

/** Where another version of the package appears. */
export const OTHER_PATH = '/other/';

/** The file behind a path of the server. @param {string} path */
export const fileOf = (path) =>
  path.startsWith(SHARED_PATH) ? join(SHARED, path.slice(SHARED_PATH.length)) : join(ROOT, path);

/**
 * @param {string} [other] a folder that is served as well
 * @returns {Promise<{address: string, close(): void}>}
 */
export async function serve(other) {
  // Without caches, so that every page downloads what it needs.
  const files = (/** @type {string} */ folder) => sirv(folder, { dev: true });
  const folders = Object.entries({ [SHARED_PATH]: files(SHARED), ...(other ? { [OTHER_PATH]: files(other) } : {}) });
  const repository = files(ROOT);
  const server = createServer((request, response) => {
    const [path, folder] = folders.find(([path]) => request.url?.startsWith(path)) ?? [];
    if (path) request.url = request.url?.slice(path.length - 1);
    (folder ?? repository)(request, response);
  });
  return { address: await listen(server), close: () => server.close() };
}
