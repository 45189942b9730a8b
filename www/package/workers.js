/**
 * Starts the workers, wherever their files lie. A browser starts no worker from another origin, such
 * as a CDN's; there a small script of the page's own origin imports it.
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
 * @param {URL} [base] where the package's files lie, if not beside this module
 * @returns {Build}
 */
export function cpu(base) {
  return {
    backend: 'cpu',
    // Bundlers find the worker by this very expression.
    start: () => (base ? workerAt(base, 'cpu') : new Worker(new URL('./cpu.worker.js', import.meta.url), { type: 'module' })),
  };
}

/**
 * Where the files of a package lie, if that has to be known: where it was given, or where the module
 * comes from another origin.
 * @param {string | URL | undefined} given
 * @param {string} module the address of one of its modules in `dist`
 * @returns {URL | undefined}
 * @throws {FacekeyError} `check-address` as its hint where the address cannot be read
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
 * The worker of a package whose files lie at `base`.
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
