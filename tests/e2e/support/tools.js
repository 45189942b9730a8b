/** The node packages of the page, which live in `www/node_modules`. */

import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

export const WWW = fileURLToPath(new URL('../../../www/', import.meta.url));
export const ARTIFACTS = fileURLToPath(new URL('../.artifacts/', import.meta.url));

export const require = createRequire(new URL('../../../www/package.json', import.meta.url));

/** @type {typeof import('playwright-core')} */
export const { chromium } = require('playwright-core');

/** @typedef {{address: string, close(): Promise<void>}} Site */

export const vite = () => import(pathToFileURL(require.resolve('vite')).href);

/** One of Vite's servers. @param {any} server @returns {Site} */
export const site = (server) => ({
  address: `http://127.0.0.1:${server.httpServer.address().port}/`,
  close: () => server.close(),
});

/**
 * Serves a built page as `npm run preview` does.
 * @param {object} [options]
 * @param {string} [options.root] the project, if it is not the page's
 * @param {number} [options.port] any free one if left out
 * @param {string} [options.outDir] the build, if it is not the project's own
 * @param {boolean} [options.headers] whether the page's headers are sent; some hosts cannot
 * @returns {Promise<Site>}
 */
export async function servePage({ root = WWW, port = 0, outDir = 'dist', headers = true } = {}) {
  const { preview } = await vite();
  const server = await preview({
    root,
    configFile: headers ? undefined : false,
    appType: 'mpa',
    logLevel: 'error',
    build: { outDir },
    preview: { port, strictPort: true, host: '127.0.0.1' },
  });
  return site(server);
}

/**
 * Serves a site until the end of the test, unless it is closed before.
 * @param {import('node:test').TestContext} t
 * @param {Parameters<typeof servePage>[0]} [options]
 */
export async function serveFor(t, options) {
  const site = await servePage(options);
  let isOpen = true;
  const close = async () => {
    if (isOpen) await site.close();
    isOpen = false;
  };
  t.after(close);
  return { ...site, close, port: Number(new URL(site.address).port) };
}

/**
 * Lets a server listen on a free port of this machine.
 * @param {import('node:http').Server} server
 * @returns {Promise<string>} its address
 */
export async function listen(server) {
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return `http://127.0.0.1:${port}/`;
}
