/** The browser's promise to keep what is stored, and the removal of all of it. */

import { deleteDB, openDB } from 'idb';

/**
 * @typedef {object} StorageState
 * @property {boolean | undefined} persistent
 * @property {number | undefined} used bytes
 * @property {boolean} offline whether the page itself is kept, and opens without a network
 */

/** Longest wait for other tabs, and for what is being fetched, in milliseconds. */
const PATIENCE = 5000;

/** Asks the browser not to clear this page's storage by itself; some ask the visitor. */
export async function askToPersist() {
  await navigator.storage?.persist?.().catch(() => false);
}

/** @returns {Promise<StorageState>} */
export async function storageState() {
  const persistent = await navigator.storage?.persisted?.().catch(() => undefined);
  const estimate = await navigator.storage?.estimate?.().catch(() => undefined);
  const registration = await navigator.serviceWorker?.getRegistration().catch(() => undefined);
  return { persistent, used: estimate?.usage, offline: Boolean(registration?.active) };
}

/** @typedef {{databases: number, caches: number, settings: number, workers: number}} Inventory */

/** What this page's origin keeps in the browser, counted. @returns {Promise<Inventory>} */
export async function inventory() {
  const [databases, names, workers] = await Promise.all([
    indexedDB.databases(),
    caches.keys(),
    navigator.serviceWorker?.getRegistrations() ?? [],
  ]);
  return {
    databases: databases.length,
    caches: names.length,
    settings: localStorage.length + sessionStorage.length,
    workers: workers.length,
  };
}

/** Takes everything out of the databases, whether or not other tabs hold them open. */
export async function emptyDatabases() {
  for (const { name } of await indexedDB.databases()) if (name) await empty(name);
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
  for (const { name } of await indexedDB.databases()) if (name) await deleteDB(name);
}

/** Deletes all else that `inventory` counts. */
export async function eraseCopies() {
  const workers = (await navigator.serviceWorker?.getRegistrations()) ?? [];
  await Promise.all(workers.map(dismiss));
  await Promise.all((await caches.keys()).map((name) => caches.delete(name)));
  localStorage.clear();
  sessionStorage.clear();
}

/**
 * Unregisters a service worker, after what it is fetching: else that would be kept once all else
 * is deleted.
 * @param {ServiceWorkerRegistration} registration
 */
async function dismiss(registration) {
  const { installing } = registration;
  if (installing) {
    await inTime(new Promise((resolve) => installing.addEventListener('statechange', resolve, { once: true })));
  }
  await registration.unregister();
}

/**
 * Waits for it, but not for long.
 * @param {Promise<unknown>} work
 * @returns {Promise<boolean>} whether it is over, done or failed
 */
export function inTime(work) {
  /** @type {Promise<boolean>} */
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE, false));
  return Promise.race([work.then(() => true, () => true), late]);
}
