/**
 * Use without a network: registers the service worker that keeps the page's files, and offers a
 * new version when one has been fetched. Versions never mix: the old one runs until the visitor
 * takes the new one, which reloads the page.
 */

import { registerSW } from 'virtual:pwa-register';
import { byId } from './ui/dom.js';

/** @param {() => void} onKept when the page opens without a network from now on */
export function keepForOfflineUse(onKept) {
  const notice = byId('update', HTMLElement);
  const takeOver = registerSW({
    immediate: true,
    onNeedRefresh: () => void (notice.hidden = false),
    onOfflineReady: onKept,
  });
  byId('update-now', HTMLButtonElement).addEventListener('click', () => void takeOver());
}
