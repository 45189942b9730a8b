/** Downloads the detector and the weights, once, telling how far it is. */

import { FacekeyError } from './errors.js';

/** Written out in full, so that bundlers see the files and take them along. */
const DETECTOR = new URL('../models/blazeface.safetensors', import.meta.url);
const WEIGHTS = new URL('../models/facenet.bpk', import.meta.url);

/**
 * @typedef {object} Progress
 * @property {number} received bytes so far, both files together
 * @property {number | undefined} total bytes to come in all, where the server tells
 */

/**
 * @param {(progress: Progress) => void} onProgress
 * @param {string | URL} [weightsUrl] other weights than those that came along
 * @returns {Promise<import('./types.js').Models>}
 * @throws {FacekeyError} `weights-missing` where a file does not arrive
 */
export async function downloadModels(onProgress, weightsUrl = WEIGHTS) {
  const responses = await Promise.all([request(DETECTOR), request(weightsUrl)]);
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

/** @param {string | URL} address */
async function request(address) {
  const response = await fetch(address).catch((cause) => {
    throw new FacekeyError('weights-missing', `${address} could not be fetched`, { cause });
  });
  if (!response.ok) throw new FacekeyError('weights-missing', `${address}: HTTP ${response.status}`);
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
    throw new FacekeyError('weights-missing', `${response.url} broke off`, { cause });
  }
}
