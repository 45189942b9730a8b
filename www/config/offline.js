/**
 * Use without a network: a service worker made by Workbox through `vite-plugin-pwa`, and the manifest that browsers
 * need to install the page.
 */

import { readFile } from 'node:fs/promises';
import { VitePWA } from 'vite-plugin-pwa';
import { integrityOf } from './digests.js';
import { manifestTexts } from './locales.js';

const BUILT = new URL('../dist/', import.meta.url);

/** Largest file in bytes that every visitor stores. The WebGPU engine is larger, and is stored only if it is used. */
const MAX_PRECACHED = 8e6;

/** The background of the icons: `--ground` of the light theme. */
const GROUND = '#f5f6f4';

/**
 * Adds its digest to every file. The browser refuses files of another build, so that a version that was fetched
 * while the host was being updated is discarded as a whole.
 * @type {import('workbox-build').ManifestTransform}
 */
async function filesForEveryone(entries) {
  const manifest = entries
    .filter(({ size }) => size < MAX_PRECACHED)
    .map(async (entry) => ({ ...entry, integrity: integrityOf(await readFile(new URL(entry.url, BUILT))) }));
  return { manifest: await Promise.all(manifest), warnings: [] };
}

/**
 * Keeps the page, the CPU engine and the models. The files of a build stay together: a new build is
 * fetched completely, and takes over only when the visitor accepts it.
 */
export const offline = VitePWA({
  registerType: 'prompt',
  injectRegister: false, // src/offline.js registers it, because inline scripts are forbidden
  includeManifestIcons: false, // the browser stores them when the page is installed
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
    cacheId: 'facekey', // the deletion of everything finds the caches by this prefix
    globPatterns: ['**/*.{html,js,css,svg,png,wasm,bpk,safetensors}'],
    maximumFileSizeToCacheInBytes: 64e6,
    manifestTransforms: [filesForEveryone],
    navigateFallback: null, // a missing file stays a 404
    ignoreURLParametersMatching: [/./],
    inlineWorkboxRuntime: true,
    cleanupOutdatedCaches: true,
    clientsClaim: true, // so that on a first visit a restarted engine finds its files
    runtimeCaching: [
      {
        urlPattern: ({ sameOrigin, url }) => sameOrigin && url.pathname.endsWith('.wasm'),
        handler: 'CacheFirst',
        options: { cacheName: 'facekey-webgpu-engine' }, // src/offline.js drops those of older versions
      },
    ],
  },
});
