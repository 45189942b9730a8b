/** Counts down the wait after failed verifications. `attempts.js` enforces the wait. */

import { waitText } from '../messages.js';
import { byId, setText } from '../ui/dom.js';

const line = byId('verify-wait', HTMLElement);

let end = 0;
/** @type {ReturnType<typeof setInterval> | undefined} */
let ticking;

/** @param {number} wait milliseconds; infinite if only the passphrase helps */
export function showWait(wait) {
  end = Date.now() + wait;
  clearInterval(ticking);
  ticking = setInterval(tick, 1000);
  tick();
}

function tick() {
  const left = end - Date.now();
  line.hidden = !(left > 0);
  if (line.hidden || left === Infinity) clearInterval(ticking);
  setText(line, line.hidden ? '' : waitText(left));
}
