/** Draws an avatar for each person, so that two people of the same name can be distinguished. It is not derived from the face. */

import { svg } from '../../package/camera-step/dom.js';

const HAIR = [
  'M8 18C6 4 34 4 32 18C30 11 26 9 20 9S10 11 8 18Z',
  'M7 26C3 4 37 4 33 26L30 26C31 15 27 11 20 11S9 15 10 26Z',
  'M9 17C5 8 13 3 18 6C22 2 34 4 31 17C29 12 24 13 20 11C16 13 11 12 9 17Z',
  'M8 17C8 7 14 5 20 5S32 7 32 17C26 17 15 15 13 10C12 14 10 16 8 17Z',
];
const MOUTHS = ['M16 26Q20 29 24 26', 'M15 25Q20 31 25 25', 'M16 27H24'];
const GLASSES = ['', 'M11.5 19a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0-7 0M21.5 19a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0-7 0M18.5 19h3'];
const SKIN = ['#f0cdb0', '#d9a47c', '#b07a53', '#7d5238'];
const HAIR_COLOURS = ['#2b1d16', '#6b4226', '#b98546', '#8d8d8d', '#8c3b22'];

/** @param {string} id of the person */
export function avatar(id) {
  const pick = picker(id);
  const hue = Math.floor(360 * pick(1000) / 1000);
  const skin = SKIN[pick(SKIN.length)];
  const hair = HAIR_COLOURS[pick(HAIR_COLOURS.length)];
  const line = { fill: 'none', stroke: '#231815', 'stroke-width': '1.6' };
  return svg(
    'svg',
    { viewBox: '0 0 40 40', class: 'avatar', 'aria-hidden': 'true' },
    svg('circle', { cx: '20', cy: '20', r: '20', fill: `hsl(${hue} 45% 72%)`, stroke: 'none' }),
    svg('path', { d: 'M6 40C7 32 33 32 34 40Z', fill: `hsl(${(hue + 150) % 360} 40% 40%)`, stroke: 'none' }),
    svg('ellipse', { cx: '20', cy: '20', rx: '10.5', ry: '12.5', fill: skin, stroke: 'none' }),
    svg('path', { d: HAIR[pick(HAIR.length)], fill: hair, stroke: 'none' }),
    svg('path', { d: 'M15 19v.2M25 19v.2', ...line, 'stroke-width': '2.6' }),
    svg('path', { d: GLASSES[pick(GLASSES.length)], ...line }),
    svg('path', { d: MOUTHS[pick(MOUTHS.length)], ...line }),
  );
}

/**
 * Pseudo-random numbers seeded with the text (32-bit FNV-1a, continued).
 * @param {string} text
 * @returns {(below: number) => number}
 */
function picker(text) {
  let hash = 2166136261;
  const stir = (/** @type {number} */ value) => (hash = Math.imul(hash ^ value, 16777619) >>> 0);
  for (const sign of text) stir(/** @type {number} */ (sign.codePointAt(0)));
  return (below) => (stir(below) >>> 8) % below;
}
