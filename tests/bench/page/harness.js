/**
 * The part of the benchmarks that runs in the page. Each contender runs in its own page, on the main thread, so that
 * times contain no messages between threads and no memory is shared.
 */

/**
 * @typedef {object} Contender
 * @property {(photo: HTMLCanvasElement) => Promise<boolean>} [detect] whether there is a face, and
 *   no more work than that takes; absent where the contender finds no faces
 * @property {(photo: HTMLCanvasElement) => Promise<ArrayLike<number> | undefined>} embed the
 *   embedding of the face that it takes for the main one
 * @property {(a: any, b: any) => {distance: number, accepted?: boolean}} compare two embeddings,
 *   deciding at its default threshold where it has one
 * @property {string} [threshold] its default threshold, in words
 */

/**
 * @typedef {object} Photo
 * @property {string} address
 * @property {{width: number, height: number}} [size] of the canvas that it is given on; its own
 *   where left out
 */

/**
 * @typedef {object} Times in milliseconds
 * @property {number} detection until a face is found
 * @property {number} whole from photo to embedding
 */

/** @type {Contender} */
let contender;
/** @type {Map<string, ArrayLike<number> | undefined>} */
const embeddings = new Map();

/**
 * Starts a contender from nothing.
 * @param {{module: string, options: object}} which
 * @param {Photo} first
 * @returns {Promise<number>} milliseconds until it has embedded the first photo
 */
export async function start({ module, options }, first) {
  const photo = await draw(first);
  const begin = performance.now();
  const { start } = await import(`./contenders/${module}.js`);
  contender = await start(options);
  await contender.embed(photo);
  return performance.now() - begin;
}

/**
 * @param {Photo} given
 * @returns {Promise<Times | undefined>} nothing where there is no face
 */
export async function time(given) {
  const photo = await draw(given);
  const begin = performance.now();
  await contender.detect?.(photo);
  const middle = performance.now();
  const embedding = await contender.embed(photo);
  const end = performance.now();
  return embedding && { detection: contender.detect ? middle - begin : 0, whole: end - middle };
}

/**
 * Embeds photos at their own size.
 * @param {string[]} addresses
 * @returns {Promise<string[]>} those without a face
 */
export async function embed(addresses) {
  for (const address of addresses) {
    embeddings.set(address, await contender.embed(await draw({ address })));
  }
  return addresses.filter((address) => !embeddings.get(address));
}

/**
 * Compares embedded photos; nothing where one of the two has no face.
 * @param {[string, string][]} pairs
 */
export function compare(pairs) {
  return pairs.map(([a, b]) => {
    const [left, right] = [embeddings.get(a), embeddings.get(b)];
    return left && right ? contender.compare(left, right) : null;
  });
}

export function threshold() {
  return contender.threshold;
}

/**
 * A photo on a canvas: as large as fits in the middle, or, without a size, as it is.
 * @param {Photo} photo
 */
async function draw({ address, size }) {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address}: HTTP ${response.status}`);
  const picture = await createImageBitmap(await response.blob());
  const canvas = document.createElement('canvas');
  const { width, height } = size ?? picture;
  Object.assign(canvas, { width, height });
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d', { willReadFrequently: true }));
  const scale = Math.min(width / picture.width, height / picture.height);
  const [w, h] = [picture.width * scale, picture.height * scale];
  context.drawImage(picture, (width - w) / 2, (height - h) / 2, w, h);
  picture.close();
  return canvas;
}
