/** What the browser is told not to let the page do, whatever its code says. */

/**
 * The page's content security policy: nothing but its own origin, nothing inline, and no text that
 * becomes script. `blob:` pictures are the visitor's own files; `wasm-unsafe-eval` compiles the
 * engine.
 */
const CONTENT = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "connect-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob:",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types default', // src/trusted-types.js
];

/** What the page itself may ask for: the camera, and passkeys for its vault. */
export const OWN = ['camera', 'publickey-credentials-create', 'publickey-credentials-get'];

/**
 * What the page does not need, so that nobody who gets a script into it has it either. Playing video
 * is not among it: the camera's picture is one.
 */
const OFF = [
  'accelerometer',
  'bluetooth',
  'browsing-topics',
  'captured-surface-control',
  'clipboard-read',
  'clipboard-write',
  'compute-pressure',
  'deferred-fetch',
  'deferred-fetch-minimal',
  'digital-credentials-create',
  'digital-credentials-get',
  'display-capture',
  'encrypted-media',
  'fullscreen',
  'gamepad',
  'geolocation',
  'gyroscope',
  'hid',
  'identity-credentials-get',
  'idle-detection',
  'keyboard-map',
  'language-detector',
  'language-model',
  'local-fonts',
  'local-network',
  'local-network-access',
  'loopback-network',
  'magnetometer',
  'microphone',
  'midi',
  'on-device-speech-recognition',
  'otp-credentials',
  'payment',
  'picture-in-picture',
  'private-state-token-issuance',
  'private-state-token-redemption',
  'screen-wake-lock',
  'serial',
  'speaker-selection',
  'storage-access',
  'summarizer',
  'sync-xhr',
  'translator',
  'usb',
  'window-management',
  'xr-spatial-tracking',
];

/** What a host should send with every file; `frame-ancestors` works only as a header. */
export const HEADERS = {
  'Content-Security-Policy': [...CONTENT, "frame-ancestors 'none'"].join('; '),
  'Connection-Allowlist': '(response-origin)', // also WebRTC, look-ups and leaving the page (Chromium 152)
  'Permissions-Policy': [...OWN.map((feature) => `${feature}=(self)`), ...OFF.map((feature) => `${feature}=()`)].join(', '),
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
};

/**
 * Writes the policy into the built page, for hosts that cannot set headers. Not in development,
 * where Vite itself puts styles inline.
 * @type {import('vite').Plugin}
 */
export const policyInPage = {
  name: 'content-security-policy',
  apply: 'build',
  transformIndexHtml: () => [
    {
      tag: 'meta',
      attrs: { 'http-equiv': 'Content-Security-Policy', content: CONTENT.join('; ') },
      injectTo: 'head-prepend',
    },
  ],
};
