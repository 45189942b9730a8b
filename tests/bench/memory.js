/**
 * Whether memory grows from one verification to the next, on the CPU engine: the engine's own
 * (wasm) memory, and what scripts and the document hold in the page and its worker, after garbage
 * collection.
 *   scripts/bench memory [COUNT] [photo | camera]
 */

import { withPage } from '../e2e/support/browser.js';
import { photoFiles } from '../e2e/support/files.js';
import { Studio } from '../e2e/support/media.js';
import { alex } from '../e2e/support/people.js';
import { servePage } from '../e2e/support/tools.js';
import { table } from './support/report.js';

const COUNT = Number(process.argv[2] ?? 500);
const SOURCE = process.argv[3] ?? 'photo';

/** Verifications after which memory is read; the first is what the last is compared with. */
const READINGS = [20, 100, 200, 300, 400, COUNT].filter((count, index, all) => count <= COUNT && all.indexOf(count) === index);

/** @typedef {import('playwright-core').CDPSession} CDPSession */

/** The debugger's end of the page's worker. */
class WorkerSession {
  #session;
  #worker = '';
  #calls = 0;
  /** @type {Map<number, (result: any) => void>} */
  #pending = new Map();

  /** @param {CDPSession} session of the page */
  constructor(session) {
    this.#session = session;
    session.on('Target.attachedToTarget', ({ sessionId, targetInfo }) => {
      if (targetInfo.type === 'worker') this.#worker = sessionId;
    });
    session.on('Target.receivedMessageFromTarget', ({ message }) => {
      const { id, result } = JSON.parse(message);
      this.#pending.get(id)?.(result);
      this.#pending.delete(id);
    });
  }

  async attach() {
    await this.#session.send('Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: false, flatten: false });
  }

  /**
   * @param {string} method
   * @param {object} params
   * @returns {Promise<any>}
   */
  send(method, params) {
    const id = ++this.#calls;
    const answer = new Promise((resolve) => this.#pending.set(id, resolve));
    const message = JSON.stringify({ id, method, params });
    void this.#session.send('Target.sendMessageToTarget', { sessionId: this.#worker, message });
    return answer;
  }
}

/** Bytes of all wasm memories. @param {WorkerSession} worker */
async function wasmMemory(worker) {
  const { result: prototype } = await worker.send('Runtime.evaluate', { expression: 'WebAssembly.Memory.prototype' });
  const { objects } = await worker.send('Runtime.queryObjects', { prototypeObjectId: prototype.objectId, objectGroup: 'memories' });
  const { result } = await worker.send('Runtime.callFunctionOn', {
    objectId: objects.objectId,
    functionDeclaration: 'function () { return this.reduce((sum, { buffer }) => sum + buffer.byteLength, 0); }',
    returnByValue: true,
  });
  await worker.send('Runtime.releaseObjectGroup', { objectGroup: 'memories' });
  return Number(result.value);
}

/**
 * Bytes of scripts (with their buffers) and documents, without Wasm memory. Collects garbage first.
 * @param {import('playwright-core').Page} page
 */
async function scriptMemory(page) {
  // @ts-expect-error TypeScript has no type for it
  const { breakdown } = await page.evaluate(() => performance.measureUserAgentSpecificMemory());
  const sum = (/** @type {(scope: string) => boolean} */ isIts) =>
    breakdown
      .filter((/** @type {any} */ { attribution }) => isIts(attribution[0]?.scope ?? ''))
      .reduce((/** @type {number} */ total, /** @type {{bytes: number}} */ { bytes }) => total + bytes, 0);
  return { worker: sum((scope) => scope.startsWith('DedicatedWorker')), page: sum((scope) => !scope.startsWith('DedicatedWorker')) };
}

const site = await servePage();
const { alex: photos } = await photoFiles();
const studio = await Studio.open();
const video = SOURCE === 'camera' ? await studio.video('alex', [alex.enrol]) : undefined;

await withPage(site.address, { video, flags: ['--enable-blink-features=ForceEagerMeasureMemory'] }, async (facekey) => {
  await facekey.ready('cpu');
  const worker = new WorkerSession(await facekey.page.context().newCDPSession(facekey.page));
  await worker.attach();
  await facekey.enrolFromPhotos('Alex', photos.enrol);
  /** @type {number[][]} */
  const readings = [];
  for (let count = 1; count <= COUNT; count++) {
    if (SOURCE === 'camera') await facekey.verifyWithCamera('Alex');
    else await facekey.verifyPhoto(photos.again, 'Alex');
    if (!READINGS.includes(count)) continue;
    const { page: inPage, worker: inWorker } = await scriptMemory(facekey.page);
    const wasm = await wasmMemory(worker);
    readings.push([count, wasm, inWorker, inPage, wasm + inWorker + inPage]);
  }
  const first = /** @type {number[]} */ (readings[0]).at(-1) ?? NaN;
  const megabytes = (/** @type {number} */ bytes) => (bytes / 1e6).toFixed(2);
  console.log(`${table(
    ['verifications', 'wasm, MB', 'worker, MB', 'page, MB', 'together, MB', 'to the first'],
    readings.map(([count, ...bytes]) => [count, ...bytes.map(megabytes), `${((100 * Number(bytes.at(-1))) / first).toFixed(1)} %`]),
  )}\n`);
});
await studio.close();
await site.close();
