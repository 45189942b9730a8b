/** Photo files and video frames as plain pixels, with limits on what strangers' files may ask for. */

import { imageSize } from 'image-size';
import { PageError } from './errors.js';

/** Largest photo file that is opened, in bytes. */
const MAX_FILE = 50e6;

/** Most pixels that are decoded: a 64-megapixel photo takes 256 MB of memory. */
const MAX_PIXELS = 64e6;

/** Longest side of a photo in pixels once decoded: plenty for a portrait. */
const PHOTO_SIDE = 1280;

/** How much of a file is read to learn the picture's size; big metadata comes before it. */
const HEAD = 1 << 20;

/** Where pictures are drawn to be read; one for all, since each is read at once. */
const scratch = /** @type {CanvasRenderingContext2D} */ (
  document.createElement('canvas').getContext('2d', { willReadFrequently: true })
);

/**
 * Decodes a photo the right way up, reduced to 1280 pixels at most on its longest side.
 * @param {Blob} file
 * @returns {Promise<import('./types').Frame>}
 * @throws {PageError} `photo-too-large` before decoding, `photo-unreadable`
 */
export async function readPhoto(file) {
  if (file.size > MAX_FILE) throw new PageError('photo-too-large', `${file.size} bytes`);
  const { width, height } = await announcedSize(file);
  if (width * height > MAX_PIXELS) throw new PageError('photo-too-large', `${width}x${height}`);
  const bitmap = await decode(file);
  try {
    return readPixels(bitmap, bitmap.width, bitmap.height, PHOTO_SIDE);
  } finally {
    bitmap.close();
  }
}

/** @param {Blob} file */
async function announcedSize(file) {
  const head = new Uint8Array(await file.slice(0, HEAD).arrayBuffer());
  try {
    return imageSize(head);
  } catch (cause) {
    throw new PageError('photo-unreadable', 'no picture header', { cause });
  }
}

/** @param {Blob} file */
async function decode(file) {
  try {
    return await createImageBitmap(file, { imageOrientation: 'from-image' });
  } catch (cause) {
    throw new PageError('photo-unreadable', 'the browser cannot decode it', { cause });
  }
}

/**
 * @param {CanvasImageSource} source
 * @param {number} width its width in pixels
 * @param {number} height
 * @param {number} longest the longest side to keep; larger pictures are reduced
 * @returns {import('./types').Frame}
 */
export function readPixels(source, width, height, longest) {
  const scale = Math.min(1, longest / Math.max(width, height));
  const { canvas } = scratch;
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  scratch.imageSmoothingQuality = 'high';
  scratch.drawImage(source, 0, 0, canvas.width, canvas.height);
  const { data } = scratch.getImageData(0, 0, canvas.width, canvas.height);
  return { rgba: data, width: canvas.width, height: canvas.height };
}
