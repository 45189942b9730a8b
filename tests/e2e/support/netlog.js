/**
 * Chromium's own log of its network (`--log-net-log`). It is recorded below the page, its
 * workers and its service worker, so it contains all of their requests.
 */

import { readFile } from 'node:fs/promises';

/**
 * @typedef {object} Request
 * @property {string} initiator the origin that made it, or `address bar`, or `browser` if no page made it
 * @property {string} method
 * @property {string} url
 * @property {boolean} hasBody
 * @property {Record<string, string>} headers by their names in lower case; none if answered from the cache
 * @property {number} headBytes the bytes that were sent, without a body
 */

/** The log's initiator of requests that no page made. */
const NO_ORIGIN = 'not an origin';

/**
 * Flags with which Chromium logs everything, including headers, to a file that is complete after the browser is closed.
 * Chromium also resolves no names, so that it reaches only this machine.
 * @param {string} file
 */
export const netLogFlags = (file) => [
  `--log-net-log=${file}`,
  '--net-log-capture-mode=IncludeSensitive',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
];

/**
 * @param {string} file
 * @returns {Promise<{requests: Request[], sent: number, received: number}>} the requests in the
 *   order of their start, with redirects as separate requests; and the bytes of all sockets
 */
export async function readNetLog(file) {
  const { constants, events } = JSON.parse(await readFile(file, 'utf8'));
  const names = new Map(Object.entries(constants.logEventTypes).map(([name, number]) => [number, name]));
  /** @type {Request[]} */
  const requests = [];
  /** The request of each source's events. @type {Map<number, Request>} */
  const current = new Map();
  const bytes = { sent: 0, received: 0 };
  for (const { type, source, params } of events) {
    const name = names.get(type);
    const request = current.get(source.id);
    if (name === 'URL_REQUEST_START_JOB' && params?.url) {
      current.set(source.id, started(params));
      requests.push(/** @type {Request} */ (current.get(source.id)));
    } else if (request && name === 'HTTP_TRANSACTION_SEND_REQUEST_HEADERS') {
      addHead(request, params);
    } else if (name === 'SOCKET_BYTES_SENT') {
      bytes.sent += params.byte_count;
    } else if (name === 'SOCKET_BYTES_RECEIVED') {
      bytes.received += params.byte_count;
    }
  }
  return { requests, ...bytes };
}

/**
 * @param {{initiator: string, method: string, url: string, upload_id?: string, request_type: string}} params
 * @returns {Request}
 */
function started({ initiator, method, url, upload_id, request_type }) {
  const byBrowser = initiator === NO_ORIGIN && request_type !== 'main frame';
  return {
    initiator: byBrowser ? 'browser' : initiator === NO_ORIGIN ? 'address bar' : initiator,
    method,
    url,
    hasBody: upload_id !== undefined,
    headers: {},
    headBytes: 0,
  };
}

/**
 * @param {Request} request
 * @param {{headers: string[], line: string}} params
 */
function addHead(request, { headers, line }) {
  for (const header of headers) {
    const [name, value] = header.split(/: ?(.*)/s);
    request.headers[name.toLowerCase()] = value;
  }
  request.headBytes += [line.trimEnd(), ...headers, '', ''].join('\r\n').length;
}
