/** The node packages of the page, which live in `www/node_modules`. */

import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

export const WWW = fileURLToPath(new URL('../../../www/', import.meta.url));
export const ARTIFACTS = fileURLToPath(new URL('../.artifacts/', import.meta.url));

export const require = createRequire(new URL('../../../www/package.json', import.meta.url));

/** @type {typeof import('playwright-core')} */
export const { chromium } = require('playwright-core');

/** Serves the built page as `npm run preview` does. @returns {Promise<{address: string, close(): Promise<void>}>} */
export async function servePage() {
  const vite = await import(pathToFileURL(require.resolve('vite')).href);
  const server = await vite.preview({ root: WWW, logLevel: 'error', preview: { port: 0, host: '127.0.0.1' } });
  const { port } = server.httpServer.address();
  return { address: `http://127.0.0.1:${port}/`, close: () => server.close() };
}
