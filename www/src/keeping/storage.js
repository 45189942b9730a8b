/**
 * The browser's promise to keep what is stored, and the removal of all of it. Other pages of the same
 * host share the browser's storage: only what is this page's, by its name and its scope, is counted and
 * removed.
 */

import { deleteDB, openDB } from 'idb';
import { DATABASE } from '../../package/gallery/database.js';

/** What the names of this page's caches and settings begin with. */
const PREFIX = 'facekey-';

/** Caches of the page's files carry the page's address in their names; that of the engine does not. */
const ENGINE_CACHE = 'facekey-webgpu-engine';

/**
 * @typedef {object} StorageState
 * @property {boolean | undefined} persistent
 * @property {number | undefined} used bytes
 * @property {boolean} offline whether the page itself is kept, and opens without a network
 */

/** Longest wait for other tabs, and for what is being fetched, in milliseconds. */
const LONGEST_WAIT = 5000;

/** Asks the browser not to clear this page's storage by itself. Some ask the visitor, whose answer nothing waits for. */
export function askToPersist() {
  void navigator.storage?.persist?.().catch(() => false);
}

/** @returns {Promise<StorageState>} */
export async function storageState() {
  const persistent = await navigator.storage?.persisted?.().catch(() => undefined);
  const estimate = await navigator.storage?.estimate?.().catch(() => undefined);
  const registration = await navigator.serviceWorker?.getRegistration().catch(() => undefined);
  return { persistent, used: estimate?.usage, offline: Boolean(registration?.active) };
}

/** @typedef {{databases: number, caches: number, settings: number, workers: number}} Inventory */

/** What this page keeps in the browser, counted. @returns {Promise<Inventory>} */
export async function inventory() {
  const [databases, caches, workers] = await Promise.all([ownDatabases(), ownCaches(), ownWorkers()]);
  return {
    databases: databases.length,
    caches: caches.length,
    settings: [localStorage, sessionStorage].flatMap(ownSettings).length,
    workers: workers.length,
  };
}

async function ownDatabases() {
  return (await indexedDB.databases()).flatMap(({ name }) => (name === DATABASE ? name : []));
}

async function ownCaches() {
  const scope = new URL('./', document.baseURI).href;
  const names = await caches.keys();
  return names.filter((name) => name === ENGINE_CACHE || (name.startsWith(PREFIX) && name.endsWith(scope)));
}

/** @param {Storage} storage */
function ownSettings(storage) {
  return Object.keys(storage).filter((key) => key.startsWith(PREFIX));
}

async function ownWorkers() {
  const scope = new URL('./', document.baseURI).href;
  const registrations = (await navigator.serviceWorker?.getRegistrations()) ?? [];
  return registrations.filter((registration) => registration.scope === scope);
}

/** Takes everything out of the databases, whether or not other tabs hold them open. */
export async function emptyDatabases() {
  for (const name of await ownDatabases()) await empty(name);
}

/** @param {string} name */
async function empty(name) {
  const db = await openDB(name);
  const stores = [...db.objectStoreNames];
  if (stores.length > 0) {
    const transaction = db.transaction(stores, 'readwrite');
    await Promise.all([...stores.map((store) => transaction.objectStore(store).clear()), transaction.done]);
  }
  db.close();
}

/** Deletes the databases, as soon as no tab holds them open. */
export async function deleteDatabases() {
  for (const name of await ownDatabases()) await deleteDB(name);
}

/** Deletes all else that `inventory` counts. */
export async function eraseCopies() {
  await Promise.all((await ownWorkers()).map(unregister));
  await Promise.all((await ownCaches()).map((name) => caches.delete(name)));
  for (const storage of [localStorage, sessionStorage]) {
    for (const key of ownSettings(storage)) storage.removeItem(key);
  }
}

/**
 * Unregisters a service worker, after what it is fetching: else that would be kept once all else
 * is deleted.
 * @param {ServiceWorkerRegistration} registration
 */
async function unregister(registration) {
  const { installing } = registration;
  if (installing) {
    await finishesInTime(new Promise((resolve) => installing.addEventListener('statechange', resolve, { once: true })));
  }
  await registration.unregister();
}

/**
 * Waits for it, but not for long.
 * @param {Promise<unknown>} work
 * @returns {Promise<boolean>} whether it is over, done or failed
 */
export function finishesInTime(work) {
  /** @type {Promise<boolean>} */
  const late = new Promise((resolve) => setTimeout(resolve, LONGEST_WAIT, false));
  return Promise.race([work.then(() => true, () => true), late]);
}
