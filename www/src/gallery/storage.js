/** The browser's promise to keep what is stored, and the removal of all of it. */

import { deleteDB } from 'idb';
import { PageError } from '../errors.js';

/**
 * @typedef {object} StorageState
 * @property {boolean | undefined} persistent
 * @property {number | undefined} used bytes
 * @property {boolean} offline whether the page itself is kept, and opens without a network
 */

/** Longest wait for other tabs to let go of the database, in milliseconds. */
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

/**
 * Deletes everything that `inventory` counts. The database goes first: it is what matters.
 * @throws {PageError} `storage-blocked` where another tab holds on to the database
 */
export async function eraseAll() {
  for (const { name } of await indexedDB.databases()) if (name) await deleteDatabase(name);
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
  const fetched = new Promise((resolve) => installing?.addEventListener('statechange', resolve, { once: true }));
  if (installing) await Promise.race([fetched, new Promise((resolve) => setTimeout(resolve, PATIENCE))]);
  await registration.unregister();
}

/** @param {string} name */
function deleteDatabase(name) {
  const late = new Promise((_, reject) => {
    setTimeout(() => reject(new PageError('storage-blocked', name)), PATIENCE);
  });
  return Promise.race([deleteDB(name), late]);
}
