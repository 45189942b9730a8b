/**
 * Use without a network: registers the service worker that keeps the page's files, and offers a
 * new version when one has been fetched. Versions never mix: the old version runs in all tabs until
 * the visitor accepts the new one in any tab, which reloads all tabs.
 */

import { registerSW } from 'virtual:pwa-register';
import { byId } from './ui/dom.js';

/** The WebGPU engine is stored only if it is used: its cache, and this version's file in that cache. */
const LARGE_ENGINE = { cache: 'facekey-webgpu-engine', file: new URL('../pkg/webgpu/facekey_bg.wasm', import.meta.url).href };

/**
 * Reloads the page when another version takes over, in whichever tab the visitor accepted it. Files of the old
 * version are not available from then on, so call this before any file is fetched.
 */
export function followVersion() {
  const workers = navigator.serviceWorker;
  let isControlled = Boolean(workers?.controller);
  workers?.addEventListener('controllerchange', () => {
    if (isControlled) location.reload();
    isControlled = true; // on a first visit, the new worker has the same version as the page
  });
}

/** @param {() => void} onStored called when the page can open without a network */
export function keepForOfflineUse(onStored) {
  const notice = byId('update', HTMLElement);
  const takeOver = registerSW({
    immediate: true,
    onNeedRefresh: () => void (notice.hidden = false),
    onNeedReload: () => {}, // `followVersion` does it
    onOfflineReady: onStored,
    onRegisteredSW: () => void dropOldEngine(),
  });
  byId('update-now', HTMLButtonElement).addEventListener('click', () => void takeOver());
}

async function dropOldEngine() {
  if (!(await caches.has(LARGE_ENGINE.cache))) return;
  const cache = await caches.open(LARGE_ENGINE.cache);
  for (const request of await cache.keys()) if (request.url !== LARGE_ENGINE.file) await cache.delete(request);
}
