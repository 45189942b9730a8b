/** Photo files and video frames as plain pixels, with limits on what strangers' files may ask for. */

import { imageSize } from 'image-size';
import { FacekeyError } from './errors.js';

/** Largest photo file that is opened, in bytes. */
const MAX_FILE = 50e6;

/** Most pixels that are decoded: a 64-megapixel photo takes 256 MB of memory. */
const MAX_PIXELS = 64e6;

/** Longest side of a photo in pixels once decoded: plenty for a portrait. */
const PHOTO_SIDE = 1280;

/** How much of a file is read to learn the picture's size; big metadata comes before it. */
const HEAD = 1 << 20;

/** Longest side of a grabbed frame in pixels: enough for a face, quick to pass to the worker. */
export const FRAME_SIDE = 640;

/**
 * Where pictures are drawn to be read; one for all, since each is read at once.
 * @type {OffscreenCanvasRenderingContext2D | undefined}
 */
let scratch;

/**
 * Whatever shows a picture. A photo file (`Blob`) is decoded the right way up.
 * @typedef {(
 *   | Blob
 *   | ImageData
 *   | HTMLImageElement
 *   | HTMLVideoElement
 *   | HTMLCanvasElement
 *   | OffscreenCanvas
 *   | ImageBitmap
 *   | VideoFrame
 *   | import('./types.js').Frame
 * )} PictureSource
 */

/**
 * The picture of this moment, reduced to 640 pixels at most on the longest side of a video and 1280
 * of anything else; a `Frame` and `ImageData` are taken as they are.
 * @param {PictureSource} source
 * @returns {Promise<import('./types.js').Frame>}
 * @throws {FacekeyError} `photo-unreadable`, `photo-too-large`, `picture-empty` where nothing is
 *   shown yet, or `picture-foreign` where it comes from another origin, which did not allow it
 */
export async function readPicture(source) {
  if (source instanceof Blob) return readPhoto(source);
  if ('rgba' in source) return source;
  if ('data' in source) return { rgba: new Uint8ClampedArray(source.data), width: source.width, height: source.height };
  if ('videoWidth' in source) return readPixels(source, source.videoWidth, source.videoHeight, FRAME_SIDE);
  if ('displayWidth' in source) return readPixels(source, source.displayWidth, source.displayHeight, FRAME_SIDE);
  if ('naturalWidth' in source) {
    await source.decode().catch((cause) => {
      throw new FacekeyError('photo-unreadable', 'the browser cannot decode it', { cause });
    });
    return readPixels(source, source.naturalWidth, source.naturalHeight, PHOTO_SIDE);
  }
  return readPixels(source, source.width, source.height, PHOTO_SIDE);
}

/**
 * Decodes a photo the right way up, reduced to 1280 pixels at most on its longest side.
 * @param {Blob} file
 * @returns {Promise<import('./types.js').Frame>}
 * @throws {FacekeyError} `photo-too-large` before decoding, `photo-unreadable`
 */
export async function readPhoto(file) {
  if (file.size > MAX_FILE) throw new FacekeyError('photo-too-large', `${file.size} bytes`);
  const { width, height } = await announcedSize(file);
  if (width * height > MAX_PIXELS) throw new FacekeyError('photo-too-large', `${width}x${height}`);
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
    throw new FacekeyError('photo-unreadable', 'no picture header', { cause });
  }
}

/** @param {Blob} file */
async function decode(file) {
  try {
    return await createImageBitmap(file, { imageOrientation: 'from-image' });
  } catch (cause) {
    throw new FacekeyError('photo-unreadable', 'the browser cannot decode it', { cause });
  }
}

/**
 * @param {CanvasImageSource} source
 * @param {number} width its width in pixels
 * @param {number} height
 * @param {number} longest the longest side to keep; larger pictures are reduced
 * @returns {import('./types.js').Frame}
 * @throws {FacekeyError} `picture-empty` or `picture-foreign`
 */
export function readPixels(source, width, height, longest) {
  if (!(width > 0 && height > 0)) throw new FacekeyError('picture-empty', `${width}x${height}`);
  const scale = Math.min(1, longest / Math.max(width, height));
  const context = (scratch ??= newScratch());
  const { canvas } = context;
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  context.imageSmoothingQuality = 'high';
  context.drawImage(source, 0, 0, canvas.width, canvas.height);
  try {
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    return { rgba: data, width: canvas.width, height: canvas.height };
  } catch (cause) {
    scratch = undefined; // tainted for good
    throw new FacekeyError('picture-foreign', 'its origin does not allow reading it', { cause });
  }
}

function newScratch() {
  const context = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
  return /** @type {OffscreenCanvasRenderingContext2D} */ (context);
}
