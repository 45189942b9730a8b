/** Downloads the models, with progress reports, and the face mesh of the movement check. */

import { FacekeyError } from './errors.js';

/** Written out in full, so that bundlers find the files and copy them. */
const FILES = {
  detector: new URL('../models/blazeface.safetensors', import.meta.url),
  weights: new URL('../models/facenet.bpk', import.meta.url),
};

/** The file names in the package's own folder; a bundler may use other names. */
const NAMES = { detector: 'blazeface.safetensors', weights: 'facenet.bpk' };

/** Least milliseconds between two reports: bytes come in many small pieces. */
const PAUSE = 100;

/** @typedef {keyof typeof FILES} Part */

/** The address of the face mesh, as `movement()` of the package `facekey-movement` returns it. @typedef {{mesh: string | URL}} Movement */

/**
 * @typedef {object} Amount
 * @property {number} received bytes so far
 * @property {number | undefined} total total bytes, if the server states them
 */

/** The progress of the download, of all files together and of each. @typedef {Amount & {parts: Record<Part, Amount>}} Progress */

/**
 * @typedef {object} DownloadOptions
 * @property {URL} [base] the address of the package's files, if they are not beside this module
 * @property {string | URL} [weights] weights that replace those of the package
 * @property {AbortSignal} [signal]
 * @property {(address: string | URL, init: RequestInit) => Promise<Response>} [fetch] replaces the browser's `fetch`
 * @property {(progress: Progress) => void} onProgress
 */

/**
 * @param {DownloadOptions} options
 * @returns {Promise<import('./types.js').Models>}
 * @throws {FacekeyError} `weights-missing` if a file cannot be fetched
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
 * @throws {FacekeyError} `movement-missing` if `movement` is undefined, `weights-missing` if the file cannot be fetched
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
 * The `Content-Length` of a compressed file counts compressed bytes, so it is of no use then.
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
