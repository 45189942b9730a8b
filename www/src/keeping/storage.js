/**
 * Persistent storage, and the deletion of all stored data. Other pages of the same host share the browser's
 * storage. So only data that belong to this page, by name and scope, are counted and deleted.
 */

import { deleteDB, openDB } from 'idb';
import { DATABASE } from '../../package/gallery/database.js';

/** Prefix of the names of this page's caches and settings. */
const PREFIX = 'facekey-';

/** The cache of the engine. The names of the other caches contain the page's address. */
const ENGINE_CACHE = 'facekey-webgpu-engine';

/**
 * @typedef {object} StorageState
 * @property {boolean | undefined} persistent
 * @property {number | undefined} used bytes
 * @property {boolean} offline whether the page itself is stored and opens without a network
 */

/** Longest wait for other tabs, and for files that are being fetched, in milliseconds. */
const MAX_WAIT = 5000;

/** Asks the browser for persistent storage. Some browsers ask the visitor; the page does not wait for the answer. */
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

/** Counts what this page stores in the browser. @returns {Promise<Inventory>} */
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

/** Clears all stores of the databases, even while other tabs hold the databases open. */
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

/** Deletes the databases as soon as no tab holds them open. */
export async function deleteDatabases() {
  for (const name of await ownDatabases()) await deleteDB(name);
}

/** Deletes everything else that `inventory` counts. */
export async function eraseCopies() {
  await Promise.all((await ownWorkers()).map(unregister));
  await Promise.all((await ownCaches()).map((name) => caches.delete(name)));
  for (const storage of [localStorage, sessionStorage]) {
    for (const key of ownSettings(storage)) storage.removeItem(key);
  }
}

/**
 * Unregisters a service worker after it has finished fetching: otherwise it would store the fetched files after
 * everything else is deleted.
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
 * Waits for work, up to a time limit.
 * @param {Promise<unknown>} work
 * @returns {Promise<boolean>} whether the work ended in time, successfully or not
 */
export function finishesInTime(work) {
  /** @type {Promise<boolean>} */
  const late = new Promise((resolve) => setTimeout(resolve, MAX_WAIT, false));
  return Promise.race([work.then(() => true, () => true), late]);
}
