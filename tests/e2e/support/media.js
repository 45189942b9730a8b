/**
 * Camera videos and photo files, made from real photos by the browser's own canvas. A video is
 * JPEG frames one after the other, which Chromium's fake camera takes as `.mjpeg`.
 */

import { readFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BASIC_FLAGS, EXECUTABLE } from './browser.js';
import { drawTakes } from './head.js';
import { chromium } from './tools.js';

/** @typedef {import('./people.js').Photo} Photo */

/** For how many frames each photo is shown, at the fake camera's 30 frames a second. */
const FRAMES_PER_PHOTO = 45;

/** Makes the media in its own browser. Close it at the end. */
export class Studio {
  #browser;
  #page;
  #folder;

  /**
   * @param {import('playwright-core').Browser} browser
   * @param {import('playwright-core').Page} page
   * @param {string} folder
   */
  constructor(browser, page, folder) {
    this.#browser = browser;
    this.#page = page;
    this.#folder = folder;
  }

  static async open() {
    const browser = await chromium.launch({ executablePath: EXECUTABLE, args: BASIC_FLAGS });
    const folder = await mkdtemp(join(tmpdir(), 'facekey-media-'));
    return new Studio(browser, await browser.newPage(), folder);
  }

  /**
   * A 640x480 video of people who move a little. Several people are side by side; without photos, the
   * room is empty.
   * @param {string} name
   * @param {Photo[][]} seats for each seat, the photos that are shown one after the other
   * @param {{moves?: boolean}} [options] whether the picture moves; otherwise all frames are the same
   * @returns {Promise<string>} the file
   */
  async video(name, seats, { moves = true } = {}) {
    const sources = await Promise.all(seats.map((photos) => Promise.all(photos.map(load))));
    const scene = { seats: sources, framesPerPhoto: FRAMES_PER_PHOTO, moves };
    const frames = await this.#page.evaluate(drawFrames, scene);
    const file = join(this.#folder, `${name}.mjpeg`);
    await writeFile(file, Buffer.concat(frames.map((frame) => Buffer.from(frame, 'base64'))));
    return file;
  }

  /**
   * Pictures of a head that points in all directions, or of a tilted photo.
   * @param {import('./people.js').Live} live
   * @param {import('./head.js').Surface} [surface]
   */
  async takes({ photo, marks }, surface = 'head') {
    return this.#page.evaluate(drawTakes, { ...(await load(photo)), marks, surface });
  }

  /**
   * A photo file with one person in it.
   * @param {Photo} photo
   * @returns {Promise<{name: string, mimeType: string, buffer: Buffer}>}
   */
  async photo(photo) {
    const jpeg = await this.#page.evaluate(cutOut, await load(photo));
    return { name: 'photo.jpg', mimeType: 'image/jpeg', buffer: Buffer.from(jpeg, 'base64') };
  }

  async close() {
    await this.#browser.close();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** @param {Photo} photo */
async function load({ file, cut }) {
  return { source: `data:image/jpeg;base64,${await readFile(file, 'base64')}`, cut };
}

/** @typedef {{source: string, cut?: [number, number, number, number]}} Source */

/**
 * Runs in the browser.
 * @param {{seats: Source[][], framesPerPhoto: number, moves: boolean}} scene
 * @returns {Promise<string[]>} JPEG frames in base64
 */
async function drawFrames({ seats, framesPerPhoto, moves }) {
  const canvas = document.createElement('canvas');
  canvas.width = 640;
  canvas.height = 480;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  const loaded = await Promise.all(
    seats.map((photos) =>
      Promise.all(
        photos.map(async ({ source, cut }) => {
          const picture = await createImageBitmap(await (await fetch(source)).blob());
          return { picture, cut: cut ?? /** @type {const} */ ([0, 0, picture.width, picture.height]) };
        }),
      ),
    ),
  );
  const count = framesPerPhoto * Math.max(1, ...seats.map((photos) => photos.length));
  const frames = [];
  for (let index = 0; index < count; index++) {
    const wall = context.createLinearGradient(0, 0, 640, 480);
    wall.addColorStop(0, '#b9bfc0');
    wall.addColorStop(1, '#8d9596');
    context.fillStyle = wall;
    context.fillRect(0, 0, 640, 480);
    loaded.forEach((photos, seat) => {
      const { picture, cut } = photos[Math.floor(index / framesPerPhoto) % photos.length];
      const [x, y, width, height] = cut;
      const phase = moves ? (2 * Math.PI * index) / framesPerPhoto : 0;
      const side = (seats.length > 1 ? 300 : 400) * (1 + 0.03 * Math.sin(phase));
      const centre = (640 * (seat + 0.5)) / loaded.length + 8 * Math.cos(phase);
      context.drawImage(picture, x, y, width, height, centre - (side * width) / height / 2, 240 - side / 2, (side * width) / height, side);
    });
    frames.push(canvas.toDataURL('image/jpeg', 0.92).split(',')[1]);
  }
  return frames;
}

/**
 * Runs in the browser.
 * @param {Source} source
 * @returns {Promise<string>} a JPEG in base64
 */
async function cutOut({ source, cut }) {
  const picture = await createImageBitmap(await (await fetch(source)).blob());
  const [x, y, width, height] = cut ?? [0, 0, picture.width, picture.height];
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  canvas.getContext('2d')?.drawImage(picture, x, y, width, height, 0, 0, width, height);
  return canvas.toDataURL('image/jpeg', 0.95).split(',')[1];
}
