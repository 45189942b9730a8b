/**
 * Chromium's own log of its network (`--log-net-log`). It lies below the page, its workers and its
 * service worker, so that no request of theirs can be missed.
 */

import { readFile } from 'node:fs/promises';

/**
 * @typedef {object} Request
 * @property {string} initiator origin that asked for it, `address bar`, or `browser` where no page did
 * @property {string} method
 * @property {string} url
 * @property {boolean} hasBody
 * @property {string} destination what for, as `Sec-Fetch-Dest` tells: `document`, `script`, `serviceworker` ...
 * @property {string[]} headers their names, in lower case
 * @property {number} sent bytes of its head
 * @property {number} received bytes of the answer's body, as they came over the wire
 */

/** How the log calls the initiator of what no page asked for. */
const NO_ORIGIN = 'not an origin';

/**
 * Flags with which Chromium logs everything, headers too, to a file that is complete once it is
 * closed; and looks no name up, so that nothing but this machine is reached.
 * @param {string} file
 */
export const netLogFlags = (file) => [
  `--log-net-log=${file}`,
  '--net-log-capture-mode=IncludeSensitive',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
];

/**
 * @param {string} file
 * @returns {Promise<Request[]>} in the order of their start, each redirect as a request of its own
 */
export async function readNetLog(file) {
  const { constants, events } = JSON.parse(await readFile(file, 'utf8'));
  const names = new Map(Object.entries(constants.logEventTypes).map(([name, number]) => [number, name]));
  /** @type {Request[]} */
  const requests = [];
  /** Which request the events of a source belong to. @type {Map<number, Request>} */
  const current = new Map();
  for (const { type, source, params } of events) {
    const name = names.get(type);
    const request = current.get(source.id);
    if (name === 'URL_REQUEST_START_JOB' && params?.url) {
      current.set(source.id, started(params));
      requests.push(/** @type {Request} */ (current.get(source.id)));
    } else if (request && name === 'HTTP_TRANSACTION_SEND_REQUEST_HEADERS') {
      addHead(request, params);
    } else if (request && name === 'URL_REQUEST_JOB_BYTES_READ') {
      request.received += params.byte_count;
    }
  }
  return requests;
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
    destination: '',
    headers: [],
    sent: 0,
    received: 0,
  };
}

/**
 * @param {Request} request
 * @param {{headers: string[], line: string}} params
 */
function addHead(request, { headers, line }) {
  for (const header of headers) {
    const [name, value] = header.split(/: ?(.*)/s);
    request.headers.push(name.toLowerCase());
    if (name.toLowerCase() === 'sec-fetch-dest') request.destination = value;
  }
  request.sent += [line, ...headers].join('\r\n').length + 4;
}
