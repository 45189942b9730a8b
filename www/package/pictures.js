/** Reads photo files and video frames as plain pixels, with limits on the size of files and pictures. */

import { imageSize } from 'image-size';
import { FacekeyError } from './errors.js';

/** Largest photo file that is opened, in bytes. */
const MAX_FILE = 50e6;

/** Most pixels that are decoded: a 64-megapixel photo takes 256 MB of memory. */
const MAX_PIXELS = 64e6;

/** Longest side of a photo in pixels once decoded: plenty for a portrait. */
const PHOTO_SIDE = 1280;

/** How many bytes of a file are read to find the picture's size, which may follow large metadata. */
const HEAD = 1 << 20;

/** Longest side of a grabbed frame in pixels: enough for a face, quick to pass to the worker. */
export const FRAME_SIDE = 640;

/**
 * The canvas on which pictures are drawn to read their pixels; all calls share it.
 * @type {OffscreenCanvasRenderingContext2D | undefined}
 */
let scratch;

/**
 * A picture: an address, a photo file or its bytes (decoded in the right orientation), an element of the page,
 * or pixels.
 * @typedef {(
 *   | string
 *   | URL
 *   | Request
 *   | Blob
 *   | ArrayBuffer
 *   | Uint8Array<ArrayBuffer>
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

/** For each kind of source, a test and a function that reads it; the first match counts. @type {[(source: any) => boolean, (source: any) => import('./types.js').Frame | Promise<import('./types.js').Frame>][]} */
const KINDS = [
  [(it) => typeof it === 'string' || isA(it, 'URL') || isA(it, 'Request'), async (it) => readPhoto(await download(it))],
  [(it) => isA(it, 'Blob'), (it) => readPhoto(it)],
  [(it) => isA(it, 'ArrayBuffer') || isA(it, 'Uint8Array'), (it) => readPhoto(new Blob([it]))],
  [isFrame, (it) => it],
  [(it) => has(it, 'data'), ({ data, width, height }) => ({ rgba: new Uint8ClampedArray(data), width, height })],
  [(it) => has(it, 'videoWidth'), (it) => readVideo(it)],
  [(it) => has(it, 'displayWidth'), (it) => readFrame(it)],
  [
    (it) => has(it, 'naturalWidth'),
    async (it) => {
      await it.decode().catch(undecodable);
      return readPixels(it, it.naturalWidth, it.naturalHeight, PHOTO_SIDE);
    },
  ],
  [(it) => has(it, 'getContext') || isA(it, 'ImageBitmap'), (it) => readPixels(it, it.width, it.height, PHOTO_SIDE)],
];

/**
 * Whether this is a picture.
 * @param {unknown} value
 * @returns {value is PictureSource}
 */
export function isPicture(value) {
  return KINDS.some(([fits]) => fits(value));
}

/**
 * Whether these are pixels of the caller's own, which `readPicture` returns without a copy.
 * @param {unknown} source
 */
export function isFrame(source) {
  return has(source, 'rgba');
}

/**
 * Reads the current picture. A video is reduced to 640 pixels on its longest side, other sources to 1280. A
 * `Frame` and `ImageData` keep their size.
 * @param {PictureSource} source
 * @returns {Promise<import('./types.js').Frame>}
 * @throws {FacekeyError} `picture-missing` if it cannot be fetched, `photo-unreadable`,
 *   `photo-format`, `photo-too-large`, `picture-empty` if nothing is shown yet, `picture-foreign` if it
 *   comes from another origin that does not allow reading it, or `picture-unsupported`
 */
export async function readPicture(source) {
  const [, read] = KINDS.find(([fits]) => fits(source)) ?? [];
  if (!read) throw new FacekeyError('picture-unsupported', String(source));
  return read(source);
}

/**
 * @param {unknown} value
 * @param {string} name of a class, which may not exist in this environment
 */
function isA(value, name) {
  const type = /** @type {any} */ (globalThis)[name];
  return typeof type === 'function' && value instanceof type;
}

/**
 * @param {unknown} value
 * @param {string} property
 */
function has(value, property) {
  return typeof value === 'object' && value !== null && property in value;
}

/** @param {string | URL | Request} address */
async function download(address) {
  const name = address instanceof Request ? address.url : String(address);
  try {
    const response = await fetch(address);
    if (response.ok) return await response.blob();
    throw new FacekeyError('picture-missing', `${name}: HTTP ${response.status}`);
  } catch (cause) {
    throw cause instanceof FacekeyError ? cause : new FacekeyError('picture-missing', name, { cause });
  }
}

/** @param {unknown} cause @returns {never} */
function undecodable(cause) {
  throw new FacekeyError('photo-unreadable', 'the browser cannot decode it', { cause });
}

/**
 * Decodes a photo in the right orientation, and reduces it to at most 1280 pixels on its longest side.
 * @param {Blob} file
 * @returns {Promise<import('./types.js').Frame>}
 * @throws {FacekeyError} `photo-too-large` (before decoding, if the header states the size),
 *   `photo-unreadable`, or `photo-format` if the photo must be saved as JPEG first
 */
export async function readPhoto(file) {
  if (!('createImageBitmap' in globalThis)) throw new FacekeyError('picture-unsupported', 'decode it first, and give its pixels as a Frame');
  if (file.size > MAX_FILE) throw new FacekeyError('photo-too-large', `${file.size} bytes`);
  const announced = await announcedSize(file);
  if (announced) limitSize(announced);
  const bitmap = await decode(file);
  try {
    return readPixels(bitmap, bitmap.width, bitmap.height, PHOTO_SIDE);
  } finally {
    bitmap.close();
  }
}

/**
 * The size in the file's header, if it can be read: the browser supports more formats than this.
 * @param {Blob} file
 */
async function announcedSize(file) {
  try {
    return imageSize(new Uint8Array(await file.slice(0, HEAD).arrayBuffer()));
  } catch {
    return undefined;
  }
}

/** @param {{width: number, height: number}} size @throws {FacekeyError} `photo-too-large` */
function limitSize({ width, height }) {
  if (width * height > MAX_PIXELS) throw new FacekeyError('photo-too-large', `${width}x${height}`);
}

/** @param {Blob} file */
async function decode(file) {
  try {
    return await createImageBitmap(file, { imageOrientation: 'from-image' });
  } catch (cause) {
    const format = await foreignFormat(file);
    if (format) throw new FacekeyError('photo-format', format, { cause });
    return undecodable(cause);
  }
}

/**
 * The name of the format, if the file has one that cameras or scanners write and few browsers decode.
 * @param {Blob} file
 */
async function foreignFormat(file) {
  const start = String.fromCharCode(...new Uint8Array(await file.slice(0, 12).arrayBuffer()));
  if (/^.{4}ftyp(hei|hev|mif1|msf1)/s.test(start)) return 'HEIC';
  if (/^(II\*\0|MM\0\*)/.test(start)) return 'TIFF';
  return undefined;
}

/**
 * Reads the current frame of a video. The size of the video element may be outdated: on some phones width and
 * height stay swapped after a rotation.
 * @param {HTMLVideoElement} video
 * @returns {Promise<import('./types.js').Frame>}
 */
async function readVideo(video) {
  const frame = frameOf(video);
  if (!frame) return { ...readPixels(video, video.videoWidth, video.videoHeight, FRAME_SIDE), live: true };
  try {
    return await readFrame(frame, video);
  } finally {
    frame.close();
  }
}

/** @param {HTMLVideoElement} video */
function frameOf(video) {
  try {
    return new VideoFrame(video);
  } catch {
    return undefined; // the class does not exist, or there is no frame yet
  }
}

/**
 * Copies the pixels if the browser can convert them and no cropping or rotation is needed: this takes half the
 * time of drawing. Otherwise draws the frame.
 * @param {VideoFrame} frame
 * @param {CanvasImageSource} [drawn] another source of the same picture
 * @returns {Promise<import('./types.js').Frame>}
 */
async function readFrame(frame, drawn = frame) {
  const { displayWidth: width, displayHeight: height } = frame;
  const rgba = isPlain(frame) ? await copy(frame) : undefined;
  return { ...(rgba ? { rgba, width, height } : readPixels(drawn, width, height, FRAME_SIDE)), live: true };
}

/**
 * Whether the pixels of a frame can be used without cropping, scaling or rotation.
 * @param {VideoFrame & {rotation?: number, flip?: boolean}} frame only some browsers have the last two
 */
function isPlain({ visibleRect, displayWidth, displayHeight, rotation, flip }) {
  const isWhole = visibleRect?.width === displayWidth && visibleRect.height === displayHeight;
  return isWhole && Math.max(displayWidth, displayHeight) <= FRAME_SIDE && !rotation && !flip;
}

/** @param {VideoFrame} frame @returns {Promise<Uint8ClampedArray<ArrayBuffer> | undefined>} undefined if the browser cannot */
async function copy(frame) {
  const rgba = new Uint8ClampedArray(4 * frame.displayWidth * frame.displayHeight);
  const format = /** @type {VideoFrameCopyToOptions} */ ({ format: 'RGBA' });
  const [plane] = await frame.copyTo(rgba, format).catch(() => []);
  const isRgba = plane?.offset === 0 && plane.stride === 4 * frame.displayWidth;
  return isRgba ? rgba : undefined;
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
    scratch = undefined; // the canvas stays tainted
    throw new FacekeyError('picture-foreign', 'its origin does not allow reading it', { cause });
  }
}

function newScratch() {
  const context = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
  return /** @type {OffscreenCanvasRenderingContext2D} */ (context);
}
