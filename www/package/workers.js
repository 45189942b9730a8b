/**
 * Starts the workers. A browser does not start a worker from another origin, such as a CDN. In that case a
 * small script of the page's own origin imports it.
 */

import { FacekeyError } from './errors.js';

/**
 * A build of the engine that can be started.
 * @typedef {object} Build
 * @property {'cpu' | 'webgpu'} backend
 * @property {() => Worker} start
 */

/**
 * The build that computes on the CPU.
 * @param {URL} [base] the address of the package's files, if they are not beside this module
 * @returns {Build}
 */
export function cpu(base) {
  return {
    backend: 'cpu',
    // Bundlers need exactly this expression to find the worker.
    start: () => (base ? workerAt(base, 'cpu') : new Worker(new URL('./cpu.worker.js', import.meta.url), { type: 'module' })),
  };
}

/**
 * The address of a package's files, if it was given or if the module comes from another origin; otherwise
 * undefined.
 * @param {string | URL | undefined} given
 * @param {string} module the address of one of its modules in `dist`
 * @returns {URL | undefined}
 * @throws {FacekeyError} with the hint `check-address` if the address is not valid
 */
export function packageBase(given, module) {
  if (given === undefined) return isForeign(new URL(module)) ? new URL('../', module) : undefined;
  const page = globalThis.document?.baseURI ?? globalThis.location?.href;
  const text = String(given);
  try {
    return new URL(text.endsWith('/') ? text : `${text}/`, page);
  } catch (cause) {
    throw new FacekeyError('weights-missing', `${text} is no address`, { cause });
  }
}

/**
 * Starts the worker of a package with files at `base`.
 * @param {URL} base
 * @param {'cpu' | 'webgpu'} backend
 */
export function workerAt(base, backend) {
  const address = new URL(`dist/${backend}.worker.js`, base);
  if (!isForeign(address)) return new Worker(address, { type: 'module' });
  const script = new Blob([`import ${JSON.stringify(address.href)};`], { type: 'text/javascript' });
  const url = URL.createObjectURL(script);
  const worker = new Worker(url, { type: 'module' });
  worker.addEventListener('message', () => URL.revokeObjectURL(url), { once: true });
  return worker;
}

/** @param {URL} url */
function isForeign({ protocol, origin }) {
  return protocol.startsWith('http') && globalThis.location !== undefined && origin !== location.origin;
}
