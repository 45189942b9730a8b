/** Downloads the detector and the weights, once, telling how far it is. */

import { PageError } from './errors.js';

/** Addresses of the files in `www/models`, with a hash of their content in the name. */
const FILES = /** @type {Record<string, string>} */ (
  import.meta.glob('../models/*.{bpk,safetensors}', {
    query: '?url',
    import: 'default',
    eager: true,
  })
);

const DETECTOR = '../models/blazeface.safetensors';
const WEIGHTS = '../models/facenet.bpk';

/**
 * @typedef {object} Progress
 * @property {number} received bytes so far, both files together
 * @property {number | undefined} total bytes to come in all, where the server tells
 */

/**
 * @param {(progress: Progress) => void} onProgress
 * @returns {Promise<import('./types').Models>}
 * @throws {PageError} `weights-missing` where a file was not built in or does not arrive
 */
export async function downloadModels(onProgress) {
  const responses = await Promise.all([request(DETECTOR), request(WEIGHTS)]);
  const sizes = responses.map(announcedSize);
  const total = sizes.every((size) => size !== undefined)
    ? sizes.reduce((sum, size) => sum + size, 0)
    : undefined;
  let received = 0;
  const onBytes = (/** @type {number} */ count) => {
    received += count;
    onProgress({ received, total });
  };
  onBytes(0);
  const [detector, weights] = await Promise.all(responses.map((it) => readAll(it, onBytes)));
  return { detector, weights };
}

/** @param {string} file */
async function request(file) {
  const address = FILES[file];
  if (!address) throw new PageError('weights-missing', `${file} was not there when the page was built`);
  const response = await fetch(address).catch((cause) => {
    throw new PageError('weights-missing', `${address} could not be fetched`, { cause });
  });
  if (!response.ok) throw new PageError('weights-missing', `${address}: HTTP ${response.status}`);
  return response;
}

/**
 * The announced length counts compressed bytes, so it says nothing of a compressed file.
 * @param {Response} response
 */
function announcedSize({ headers }) {
  const length = Number(headers.get('Content-Length'));
  return length > 0 && !headers.get('Content-Encoding') ? length : undefined;
}

/**
 * @param {Response} response
 * @param {(count: number) => void} onBytes
 */
async function readAll(response, onBytes) {
  const counter = new TransformStream({
    transform(/** @type {Uint8Array} */ chunk, controller) {
      onBytes(chunk.byteLength);
      controller.enqueue(chunk);
    },
  });
  try {
    const counted = new Response(response.body?.pipeThrough(counter));
    return new Uint8Array(await counted.arrayBuffer());
  } catch (cause) {
    throw new PageError('weights-missing', `${response.url} broke off`, { cause });
  }
}
