/** The ring that fills while samples are taken. */

import { byId, setText } from './dom.js';

const ring = byId('ring', HTMLElement);

/**
 * @param {number} done
 * @param {number} total
 */
export function showRing(done, total) {
  ring.hidden = false;
  ring.style.setProperty('--done', String((100 * done) / total));
  ring.setAttribute('aria-valuemax', String(total));
  ring.setAttribute('aria-valuenow', String(done));
  setText(byId('ring-count', HTMLElement), `${done}/${total}`);
}

export function hideRing() {
  ring.hidden = true;
}
