/**
 * Leads through an enrolment: says which look comes next, and draws it. A dial has a mark for each
 * look and a dot that follows the head, as in a mirror.
 */

import { POSES, relative } from '../enrol/poses.js';
import { prompt } from '../messages.js';
import { byId, setText } from './dom.js';

const dial = byId('dial', HTMLElement);
const line = byId('prompt', HTMLElement);
const head = /** @type {SVGElement} */ (dial.querySelector('.head'));
const marks = /** @type {NodeListOf<SVGElement>} */ (dial.querySelectorAll('[data-pose]'));

/** How far the dot moves for a `yaw` or a `pitch` of one, in the dial's own units. */
const REACH = { yaw: 60, pitch: 130 };

/** Farthest that it goes. */
const EDGE = 19;

/** @type {import('../enrol/poses.js').Angles | undefined} */
let straight;

/** @param {import('../enrol.js').Step} step */
export function showStep(step) {
  const done = POSES.indexOf(step.pose);
  straight = step.straight;
  dial.hidden = line.hidden = false;
  dial.setAttribute('aria-valuemax', String(POSES.length));
  dial.setAttribute('aria-valuenow', String(done));
  for (const mark of marks) {
    const index = POSES.findIndex((pose) => pose === mark.dataset.pose);
    mark.dataset.state = index < done ? 'done' : index === done ? 'now' : 'later';
  }
  setText(line, prompt(step));
}

/**
 * Moves the dot to where the head points.
 * @param {import('../../package/sight.js').Sight} sight
 */
export function followHead({ faces }) {
  if (!straight || !faces[0]) return;
  const { yaw, pitch } = relative(faces[0].quality, straight);
  const [x, y] = [-yaw * REACH.yaw, pitch * REACH.pitch];
  const scale = Math.min(1, EDGE / Math.hypot(x, y));
  head.style.translate = `${(x * scale).toFixed(1)}px ${(y * scale).toFixed(1)}px`;
}

export function hideSteps() {
  straight = undefined;
  dial.hidden = line.hidden = true;
  setText(line, '');
}
