/** Downloads the models: those that every use needs, telling how far each is, and the movement check's mesh. */

import { FacekeyError } from './errors.js';

/** Written out in full, so that bundlers see the files and take them along. */
const FILES = {
  detector: new URL('../models/blazeface.safetensors', import.meta.url),
  weights: new URL('../models/facenet.bpk', import.meta.url),
};

/** Their names where they lie in a package's own folder, which a bundler may have changed. */
const NAMES = { detector: 'blazeface.safetensors', weights: 'facenet.bpk' };

/** Least milliseconds between two reports: bytes come in many small pieces. */
const PAUSE = 100;

/** @typedef {keyof typeof FILES} Part */

/** Where the face mesh of the movement check lies: what `movement()` of the package `facekey-movement` gives. @typedef {{mesh: string | URL}} Movement */

/**
 * @typedef {object} Amount
 * @property {number} received bytes so far
 * @property {number | undefined} total bytes to come in all, where the server tells
 */

/** How far the download is, all files together and each. @typedef {Amount & {parts: Record<Part, Amount>}} Progress */

/**
 * @typedef {object} DownloadOptions
 * @property {URL} [base] where the package's files lie, if not beside this module
 * @property {string | URL} [weights] other weights than those that came along
 * @property {AbortSignal} [signal]
 * @property {(address: string | URL, init: RequestInit) => Promise<Response>} [fetch] in place of the browser's
 * @property {(progress: Progress) => void} onProgress
 */

/**
 * @param {DownloadOptions} options
 * @returns {Promise<import('./types.js').Models>}
 * @throws {FacekeyError} `weights-missing` where a file does not arrive
 */
export async function downloadModels({ base, weights, signal, fetch = globalThis.fetch, onProgress }) {
  const at = (/** @type {Part} */ part) => (base ? new URL(`models/${NAMES[part]}`, base) : FILES[part]);
  /** @type {Record<Part, Amount>} */
  const parts = { detector: { received: 0, total: undefined }, weights: { received: 0, total: undefined } };
  let reported = -Infinity;
  const report = () => {
    reported = performance.now();
    onProgress({ ...sum(Object.values(parts)), parts: structuredClone(parts) });
  };
  const download = async (/** @type {Part} */ part, /** @type {string | URL} */ address) => {
    const response = await request(address, { signal, fetch });
    const amount = { received: 0, total: announcedSize(response) };
    parts[part] = amount;
    return readAll(response, (count) => {
      amount.received += count;
      if (performance.now() - reported >= PAUSE) report();
    });
  };
  const [detector, own] = await Promise.all([download('detector', at('detector')), download('weights', weights ?? at('weights'))]);
  report();
  return { detector, weights: own };
}

/**
 * The face mesh, for the movement check.
 * @param {Movement | undefined} movement
 * @param {Pick<DownloadOptions, 'signal' | 'fetch'>} options
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 * @throws {FacekeyError} `movement-missing` where none was given, `weights-missing` where it does not arrive
 */
export async function downloadMesh(movement, { signal, fetch = globalThis.fetch }) {
  if (!movement?.mesh) throw new FacekeyError('movement-missing');
  return readAll(await request(movement.mesh, { signal, fetch }), () => {});
}

/** @param {Amount[]} amounts @returns {Amount} */
function sum(amounts) {
  const total = amounts.reduce((all, { total = NaN }) => all + total, 0);
  return { received: amounts.reduce((all, { received }) => all + received, 0), total: Number.isNaN(total) ? undefined : total };
}

/**
 * @param {string | URL} address
 * @param {{signal: AbortSignal | undefined, fetch: NonNullable<DownloadOptions['fetch']>}} options
 */
async function request(address, { signal, fetch }) {
  const response = await fetch(address, { signal }).catch((cause) => {
    signal?.throwIfAborted();
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
