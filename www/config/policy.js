/** What the browser must not allow the page to do, whatever its code does. */

/**
 * The page's content security policy: only its own origin, nothing inline, and no text used as
 * script. `blob:` pictures are the visitor's own files; `wasm-unsafe-eval` compiles the
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

/** Permissions that the page uses: the camera, and passkeys for its vault. */
export const OWN = ['camera', 'publickey-credentials-create', 'publickey-credentials-get'];

/**
 * Permissions that the page does not use, so that an injected script does not have them either. Playing video is
 * not in this list, because the camera's picture is a video.
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

/** The headers that a host should send with every file; `frame-ancestors` works only as a header. */
export const HEADERS = {
  'Content-Security-Policy': [...CONTENT, "frame-ancestors 'none'"].join('; '),
  'Connection-Allowlist': '(response-origin)', // also blocks WebRTC, DNS look-ups and navigation (Chromium 152)
  'Permissions-Policy': [...OWN.map((feature) => `${feature}=(self)`), ...OFF.map((feature) => `${feature}=()`)].join(', '),
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
};

/**
 * Writes the policy into the built page, for hosts that cannot set headers. It is left out in development, because
 * Vite uses inline styles there.
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
