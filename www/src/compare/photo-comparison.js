/** The task of comparing two photos: do they show the same person? Nobody is enrolled. */

import { message } from '../locale.js';
import { chance } from '../messages.js';
import { byId, make, onFiles, setText } from '../ui/dom.js';
import { showNotice, showWorking } from '../ui/notice.js';
import { pickFace } from '../ui/pick-face.js';
import { defaultRate } from '../verify/assurance.js';
import { drawnFaces } from './drawn-faces.js';

/** @typedef {Blob | HTMLCanvasElement} Picture */

const SLOTS = /** @type {const} */ (['first', 'second']);

const place = byId('compare-outcome', HTMLElement);

export class PhotoComparison {
  #engine;
  #tasks;
  /** @type {Partial<Record<typeof SLOTS[number], Picture>>} */
  #pictures = {};

  /**
   * @param {object} parts
   * @param {import('../engine.js').Engine} parts.engine
   * @param {import('../task.js').Tasks} parts.tasks
   */
  constructor({ engine, tasks }) {
    this.#engine = engine;
    this.#tasks = tasks;
    for (const slot of SLOTS) onFiles(`compare-${slot}`, ([file]) => void this.#set(slot, file));
    byId('compare-drawn', HTMLElement).addEventListener('click', () => void this.withDrawnFaces());
  }

  /** Compares two pictures of a drawn face. */
  async withDrawnFaces() {
    const [first, second] = drawnFaces();
    this.#pictures = { first, second };
    for (const slot of SLOTS) await show(slot, this.#pictures[slot]);
    return this.#compare();
  }

  /** Fills the free slots with photos; if none is free, replaces both. @param {File[]} files */
  async take(files) {
    const isFull = SLOTS.every((slot) => this.#pictures[slot]);
    const free = SLOTS.filter((slot) => isFull || !this.#pictures[slot]);
    for (const [index, file] of files.slice(0, free.length).entries()) await this.#set(free[index], file);
  }

  /**
   * @param {typeof SLOTS[number]} slot
   * @param {Picture} picture
   */
  async #set(slot, picture) {
    this.#pictures[slot] = picture;
    await show(slot, picture);
    if (SLOTS.every((it) => this.#pictures[it])) await this.#compare();
  }

  #compare() {
    const pictures = SLOTS.map((slot) => /** @type {Picture} */ (this.#pictures[slot]));
    return this.#tasks.run(place, async (signal) => {
      showWorking(message('photo-looking'), { label: message('cancel'), act: () => this.#tasks.cancel() });
      const facekey = await this.#engine.ready();
      const samples = [];
      for (const picture of pictures) {
        const detected = await facekey.detect(picture);
        signal.throwIfAborted();
        samples.push(await facekey.embed(detected.frame, { face: await pickFace(signal)(detected) }));
      }
      const [first, second] = samples;
      const fmr = defaultRate(facekey.model) ?? 1e-2;
      const comparison = await facekey.compare(first, second, { maxFmr: fmr });
      signal.throwIfAborted();
      const verdict = comparison.samePerson ? message('compare-same') : message('compare-different');
      const name = message('compare-other-photo');
      const [code, kind] = comparison.samePerson ? /** @type {const} */ (['same', 'success']) : /** @type {const} */ (['different', 'info']);
      showNotice(`${verdict} ${chance(comparison, name, fmr)}`, code, kind);
    });
  }
}

/**
 * @param {typeof SLOTS[number]} slot
 * @param {Picture | undefined} picture
 */
async function show(slot, picture) {
  if (!picture) return;
  const frame = byId(`compare-${slot}-picture`, HTMLElement);
  const canvas = picture instanceof Blob ? await thumbnail(picture) : picture;
  frame.replaceChildren(canvas ?? make('span', { text: message('compare-no-picture') }));
  setText(byId(`compare-${slot}-label`, HTMLElement), message('compare-change'));
}

/** @param {Blob} file @returns {Promise<HTMLCanvasElement | undefined>} */
async function thumbnail(file) {
  const bitmap = await createImageBitmap(file, { resizeWidth: 320 }).catch(() => undefined);
  if (!bitmap) return undefined;
  const canvas = make('canvas');
  canvas.width = bitmap.width;
  canvas.height = bitmap.height;
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0);
  bitmap.close();
  return canvas;
}
