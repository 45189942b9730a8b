/** The page's requests as counted by the browser itself. */

/**
 * @typedef {object} Receipt
 * @property {number} own requests for the page's own files
 * @property {number} foreign requests to any other address
 * @property {number} later requests, own and foreign, since the engine was ready
 * @property {Date} since when the page was loaded
 */

/** The browser counts at most this many requests. */
const MAX_REQUESTS = 10_000;

performance.setResourceTimingBufferSize(MAX_REQUESTS);

let readyAt = Infinity;

/** Notes that the engine is ready: from now on the page needs no more files. */
export function noteReady() {
  readyAt = Math.min(readyAt, performance.now());
}

/** @returns {Receipt} */
export function receipt() {
  const requests = performance.getEntriesByType('resource');
  const isOwn = (/** @type {PerformanceEntry} */ { name }) => {
    const { origin, protocol } = new URL(name, document.baseURI);
    return origin === location.origin || protocol === 'blob:' || protocol === 'data:';
  };
  const own = requests.filter(isOwn);
  return {
    own: own.length,
    foreign: requests.length - own.length,
    later: requests.filter(({ startTime }) => startTime > readyAt).length,
    since: new Date(performance.timeOrigin),
  };
}
