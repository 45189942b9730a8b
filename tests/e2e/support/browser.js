/** Starts Chromium with or without a (fake) camera and opens the page in it. */

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FacekeyPage } from './page.js';
import { chromium } from './tools.js';

const QUIET = [
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** WebGPU without a graphics card: correct, but slow. */
const SWIFTSHADER = [
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  '--enable-features=Vulkan',
  '--use-angle=swiftshader',
  '--use-vulkan=swiftshader',
];

/**
 * @typedef {object} Options
 * @property {string} [video] `.mjpeg` file that the fake camera shows; without it there is no camera
 * @property {string} [profile] folder that keeps the browser's storage from one start to the next
 * @property {boolean} [allowCamera] whether the permission is given (the default) or refused
 * @property {'cpu' | 'webgpu'} [backend] the backend to use
 * @property {{width: number, height: number}} [size]
 * @property {'light' | 'dark'} [theme]
 * @property {string} [locale] the browser's language, by default `en-US`
 * @property {string[]} [flags] further flags of Chromium
 * @property {(context: import('playwright-core').BrowserContext) => Promise<unknown>} [prepare] before the page opens
 */

export const EXECUTABLE = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** @type {string[]} */
export const BASIC_FLAGS = [...QUIET, ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])];

/** @param {string} [video] */
function cameraFlags(video) {
  return video
    ? ['--use-fake-device-for-media-stream', `--use-file-for-fake-video-capture=${video}`]
    : [];
}

/**
 * Starts a browser, passes it to `use`, and closes it.
 * @param {Omit<Options, 'prepare'>} options
 * @param {(context: import('playwright-core').BrowserContext) => Promise<void>} use
 */
export async function withBrowser(options, use) {
  const profile = options.profile ?? (await newProfile());
  const { video, allowCamera = true, backend = 'cpu', size, theme, locale = 'en-US', flags = [] } = options;
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: EXECUTABLE,
    args: [
      ...BASIC_FLAGS,
      ...cameraFlags(video),
      ...flags,
      ...(allowCamera ? [] : ['--deny-permission-prompts']),
      ...(backend === 'webgpu' ? SWIFTSHADER : []),
    ],
    permissions: allowCamera ? ['camera'] : [],
    viewport: size ?? { width: 1280, height: 860 },
    colorScheme: theme ?? 'light',
    locale,
  });
  try {
    await use(context);
  } finally {
    await context.close();
    if (!options.profile) await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

/**
 * Opens the page in a browser and passes it to `use`. Fails if the page sent a request to another origin,
 * violated its own security policy or threw an uncaught error.
 * @param {string} address
 * @param {Options} options
 * @param {(page: FacekeyPage) => Promise<void>} use
 */
export async function withPage(address, options, use) {
  const { backend = 'cpu', prepare } = options;
  await withBrowser(options, async (context) => {
    const violations = watch(context, new URL(address).origin);
    await prepare?.(context);
    const page = context.pages()[0] ?? (await context.newPage());
    await page.goto(`${address}?backend=${backend}`);
    try {
      await use(new FacekeyPage(page, backend));
    } catch (error) {
      throw new Error(`${error}\nThe page says: ${await visibleText(page)}`, { cause: error });
    }
    assert.deepEqual(violations, [], 'only requests to the own origin, no policy violations, no uncaught errors');
  });
}

/** The visible messages, for the report of a failed test. @param {import('playwright-core').Page} page */
async function visibleText(page) {
  const text = await page.locator('dialog[open], #toast, #result, #engine').allInnerTexts().catch(String);
  return JSON.stringify(text);
}

/** Waits until the page can open without a network. @param {import('playwright-core').Page} page */
export async function keptForOffline(page) {
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready;
  });
}

export function newProfile() {
  return mkdtemp(join(tmpdir(), 'facekey-profile-'));
}

/**
 * Collects requests to other origins, uncaught errors and violations of the policy.
 * @param {import('playwright-core').BrowserContext} context
 * @param {string} origin
 */
function watch(context, origin) {
  /** @type {string[]} */
  const violations = [];
  context.on('request', (request) => {
    const url = new URL(request.url());
    const local = url.origin === origin || url.protocol === 'blob:' || url.protocol === 'data:';
    if (!local) violations.push(`request: ${request.url()}`);
  });
  context.on('weberror', (event) => violations.push(`error: ${event.error()}`));
  context.on('console', (message) => {
    if (message.text().includes('Content Security Policy')) violations.push(message.text());
  });
  return violations;
}
