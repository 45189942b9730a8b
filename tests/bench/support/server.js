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

/** The file behind a path of the server. @param {string} path */
export const fileOf = (path) =>
  path.startsWith(SHARED_PATH) ? join(SHARED, path.slice(SHARED_PATH.length)) : join(ROOT, path);

/** @returns {Promise<{address: string, close(): void}>} */
export async function serve() {
  // Without caches, so that every page downloads what it needs.
  const repository = sirv(ROOT, { dev: true });
  const shared = sirv(SHARED, { dev: true });
  const server = createServer((request, response) => {
    const beside = request.url?.startsWith(SHARED_PATH);
    if (beside) request.url = request.url?.slice(SHARED_PATH.length - 1);
    (beside ? shared : repository)(request, response);
  });
  return { address: await listen(server), close: () => server.close() };
}
