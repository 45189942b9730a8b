/** What the browser itself has counted of the page's requests. */

/**
 * @typedef {object} Receipt
 * @property {number} own requests for the page's own files
 * @property {number} foreign requests to anywhere else
 * @property {number} later requests since the engine was ready
 * @property {Date} since when the page was loaded
 */

/** Requests are counted up to this many. */
const MOST = 10_000;

performance.setResourceTimingBufferSize(MOST);

let readyAt = Infinity;

/** From here on the page needs no more files. */
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
