/** Chooses the face to use: the only one in the picture, or the one that the visitor taps. */

import { PageError } from '../errors.js';
import { message } from '../locale.js';
import { button, make } from './dom.js';

/** @typedef {import('../../package/facekey.js').Detected} Detected */
/** @typedef {import('../../package/facekey.js').Face} Face */
/** @typedef {(detected: Detected) => Promise<Face>} PickFace */

/** A face is proposed if it is at least this many times as large as every other one. */
const CLEARLY_LARGER = 2;

/**
 * @param {AbortSignal} signal
 * @returns {PickFace} throws a `PageError` with the problem of the picture or of the picked face
 */
export function pickFace(signal) {
  return async (detected) => {
    if (detected.face) return detected.face;
    if (detected.faces.length < 2) throw new PageError(detected.problem ?? 'no-face');
    const face = await showChoices(detected, signal);
    if (!face) throw new PageError('several-faces');
    if (face.quality.issue) throw new PageError(face.quality.issue);
    return face;
  };
}

/**
 * @param {Detected} detected
 * @param {AbortSignal} signal
 * @returns {Promise<Face | undefined>} undefined if the visitor picks none
 */
function showChoices({ frame, faces }, signal) {
  const picture = make('canvas');
  picture.width = frame.width;
  picture.height = frame.height;
  picture.getContext('2d')?.putImageData(new ImageData(frame.rgba, frame.width, frame.height), 0, 0);
  const dialog = make('dialog', { class: 'pick-face' });
  const proposed = clearlyLargest(faces);
  return new Promise((resolve) => {
    const close = (/** @type {Face | undefined} */ face) => {
      dialog.close();
      dialog.remove();
      resolve(face);
    };
    const choices = faces.map((face, index) => {
      const label = message('pick-face-label', { number: index + 1, all: faces.length });
      const choice = button('', () => close(face), { class: 'face-box', label });
      place(choice, face, frame);
      choice.classList.toggle('proposed', face === proposed);
      return choice;
    });
    const title = make('h2', { text: message('pick-face') });
    dialog.setAttribute('aria-label', message('pick-face'));
    const actions = make('div', { class: 'actions' });
    if (proposed) actions.append(button(message('pick-face-proposed'), () => close(proposed), { class: 'main' }));
    actions.append(button(message('pick-face-none'), () => close(undefined)));
    dialog.append(title, make('p', { class: 'hint', text: message('pick-face-text') }), make('div', { class: 'faces' }, picture, ...choices), actions);
    dialog.addEventListener('cancel', () => close(undefined));
    signal.addEventListener('abort', () => close(undefined));
    document.body.append(dialog);
    dialog.showModal();
    (proposed ? /** @type {HTMLElement} */ (actions.firstElementChild) : choices[0]).focus();
  });
}

/** @param {Face[]} faces the largest and most central first */
function clearlyLargest([first, ...others]) {
  const side = (/** @type {Face} */ { bounds }) => Math.max(bounds.width, bounds.height);
  return others.every((other) => side(first) >= CLEARLY_LARGER * side(other)) ? first : undefined;
}

/**
 * @param {HTMLElement} box
 * @param {Face} face
 * @param {{width: number, height: number}} frame
 */
function place(box, { bounds }, frame) {
  const share = (/** @type {number} */ length, /** @type {number} */ whole) => `${(100 * length) / whole}%`;
  box.style.left = share(bounds.x, frame.width);
  box.style.top = share(bounds.y, frame.height);
  box.style.width = share(bounds.width, frame.width);
  box.style.height = share(bounds.height, frame.height);
}
