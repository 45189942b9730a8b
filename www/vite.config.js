import { defineConfig } from 'vite';
import { compressed, sendCompressed } from './config/compressed.js';
import { digests } from './config/digests.js';
import { engines } from './config/engines.js';
import { locales } from './config/locales.js';
import { offline } from './config/offline.js';
import { HEADERS, policyInPage } from './config/policy.js';

export default defineConfig({
  appType: 'mpa', // a missing file is a 404, never the start page
  base: './', // works under any path
  resolve: { alias: engines },
  plugins: [digests, locales, policyInPage, offline, compressed, sendCompressed],
  assetsInclude: ['**/*.bpk', '**/*.safetensors'],
  build: {
    target: 'es2023',
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1000,
    modulePreload: { polyfill: false },
    license: { fileName: 'licences.md' }, // of the libraries in the page
  },
  worker: { format: 'es', plugins: () => [digests] },
  preview: { headers: HEADERS },
});
