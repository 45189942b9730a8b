import { defineConfig } from 'vite';

/**
 * The page's content security policy: nothing but its own origin, nothing inline.
 * `blob:` pictures are the visitor's own files; `wasm-unsafe-eval` compiles the engine.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "connect-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob:",
  "base-uri 'none'",
  "form-action 'none'",
];

/** What a host should send with every file; `frame-ancestors` works only as a header. */
const HEADERS = {
  'Content-Security-Policy': [...POLICY, "frame-ancestors 'none'"].join('; '),
  'Permissions-Policy': 'camera=(self), microphone=(), geolocation=()',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
};

/**
 * Writes the policy into the built page, for hosts that cannot set headers. Not in development,
 * where Vite itself puts styles inline.
 * @type {import('vite').Plugin}
 */
const policyInPage = {
  name: 'content-security-policy',
  apply: 'build',
  transformIndexHtml: () => [
    {
      tag: 'meta',
      attrs: { 'http-equiv': 'Content-Security-Policy', content: POLICY.join('; ') },
      injectTo: 'head-prepend',
    },
  ],
};

export default defineConfig({
  appType: 'mpa', // a missing file is a 404, never the start page
  base: './', // works under any path
  plugins: [policyInPage],
  assetsInclude: ['**/*.bpk', '**/*.safetensors'],
  build: {
    target: 'es2023',
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1000,
    modulePreload: { polyfill: false },
  },
  worker: { format: 'es' },
  preview: { headers: HEADERS },
});
