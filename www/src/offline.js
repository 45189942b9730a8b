/**
 * Use without a network: registers the service worker that keeps the page's files, and offers a
 * new version when one has been fetched. Versions never mix: the old one runs in every tab until
 * the visitor takes the new one in any of them, which reloads them all.
 */

import { registerSW } from 'virtual:pwa-register';
import { byId } from './ui/dom.js';

/** The cache of the engine that is kept only where it is used, and the file that this version has there. */
const LARGE_ENGINE = { cache: 'facekey-webgpu-engine', file: new URL('../pkg/webgpu/facekey_bg.wasm', import.meta.url).href };

/**
 * Reloads when another version takes over, whichever tab it was that the visitor took it in. Files of the
 * old one cannot be had from then on, so this is to be called before any are.
 */
export function followVersion() {
  const workers = navigator.serviceWorker;
  let isKept = Boolean(workers?.controller);
  workers?.addEventListener('controllerchange', () => {
    if (isKept) location.reload();
    isKept = true; // at a first visit, by the version that is open
  });
}

/** @param {() => void} onKept when the page opens without a network from now on */
export function keepForOfflineUse(onKept) {
  const notice = byId('update', HTMLElement);
  const takeOver = registerSW({
    immediate: true,
    onNeedRefresh: () => void (notice.hidden = false),
    onNeedReload: () => {}, // `followVersion` does it
    onOfflineReady: onKept,
    onRegisteredSW: () => void dropOldEngine(),
  });
  byId('update-now', HTMLButtonElement).addEventListener('click', () => void takeOver());
}

async function dropOldEngine() {
  if (!(await caches.has(LARGE_ENGINE.cache))) return;
  const cache = await caches.open(LARGE_ENGINE.cache);
  for (const request of await cache.keys()) if (request.url !== LARGE_ENGINE.file) await cache.delete(request);
}
