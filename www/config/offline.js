/**
 * Use without a network: a service worker made by Workbox, through the plugin that Vite's users
 * know, and what browsers need to offer the page for installation.
 */

import { readFile } from 'node:fs/promises';
import { VitePWA } from 'vite-plugin-pwa';
import { integrityOf } from './digests.js';
import { manifestTexts } from './locales.js';

const BUILT = new URL('../dist/', import.meta.url);

/** What is larger is fetched, and kept, only where it is used: the WebGPU engine. */
const MOST_FOR_EVERYONE = 8e6;

/** Behind the icons; the light theme's `--ground`. */
const GROUND = '#f5f6f4';

/**
 * Every file with its digest: the browser refuses what does not belong to this build, so that a
 * version fetched while the host was changing files is thrown away whole.
 * @type {import('workbox-build').ManifestTransform}
 */
async function filesForEveryone(entries) {
  const manifest = entries
    .filter(({ size }) => size < MOST_FOR_EVERYONE)
    .map(async (entry) => ({ ...entry, integrity: integrityOf(await readFile(new URL(entry.url, BUILT))) }));
  return { manifest: await Promise.all(manifest), warnings: [] };
}

/**
 * Keeps the page, the CPU engine and the models. The files of one build stay together: a new build
 * is fetched whole beside the old one, and takes over only when the visitor says so.
 */
export const offline = VitePWA({
  registerType: 'prompt',
  injectRegister: false, // src/offline.js registers: nothing is inline
  includeManifestIcons: false, // the browser keeps them where the page is installed
  manifest: {
    id: './',
    ...manifestTexts(),
    short_name: 'facekey',
    display: 'standalone',
    start_url: './',
    scope: './',
    theme_color: GROUND,
    background_color: GROUND,
  },
  pwaAssets: {
    image: 'public/icon.svg',
    injectThemeColor: false, // index.html has one for each theme
    preset: {
      transparent: { sizes: [192, 512], padding: 0 },
      maskable: { sizes: [512], resizeOptions: { background: GROUND } },
      apple: { sizes: [180], resizeOptions: { background: GROUND } },
    },
  },
  workbox: {
    cacheId: 'facekey', // what the deletion of everything knows its caches by
    globPatterns: ['**/*.{html,js,css,svg,png,wasm,bpk,safetensors}'],
    maximumFileSizeToCacheInBytes: 64e6,
    manifestTransforms: [filesForEveryone],
    navigateFallback: null, // a missing file stays a 404
    ignoreURLParametersMatching: [/./],
    inlineWorkboxRuntime: true,
    cleanupOutdatedCaches: true,
    clientsClaim: true, // at a first visit too, an engine that starts again finds its files
    runtimeCaching: [
      {
        urlPattern: ({ sameOrigin, url }) => sameOrigin && url.pathname.endsWith('.wasm'),
        handler: 'CacheFirst',
        options: { cacheName: 'facekey-webgpu-engine' }, // src/offline.js drops those of older versions
      },
    ],
  },
});
