/** Reads, damages and replaces the page's database, as something other than the page could. */

/** @typedef {import('./page.js').FacekeyPage} FacekeyPage */
/** @typedef {'people' | 'keys' | 'settings'} Store */

/**
 * All rows of a store, with bytes as arrays of numbers, and the kind of each key.
 * @param {FacekeyPage} page
 * @param {Store} store
 * @returns {Promise<any[]>}
 */
export function readRows({ page }, store) {
  return page.evaluate(async (store) => {
    const plain = (/** @type {any} */ value) => {
      if (value instanceof Uint8Array) return [...value];
      if (value instanceof CryptoKey) return { kind: value.algorithm.name, extractable: value.extractable };
      if (typeof value !== 'object' || value === null) return value;
      return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
    };
    const open = indexedDB.open('facekey');
    await new Promise((resolve, reject) => Object.assign(open, { onsuccess: resolve, onerror: reject }));
    const all = open.result.transaction(store).objectStore(store).getAll();
    await new Promise((resolve) => (all.onsuccess = resolve));
    open.result.close();
    return all.result.map(plain);
  }, store);
}

/**
 * Writes people's rows as `readRows` gives them, changed by the test.
 * @param {FacekeyPage} page
 * @param {any[]} rows
 */
export function writeRows({ page }, rows) {
  return page.evaluate(async (rows) => {
    const bytes = (/** @type {any} */ value) => (Array.isArray(value) ? new Uint8Array(value) : value);
    const open = indexedDB.open('facekey');
    await new Promise((resolve, reject) => Object.assign(open, { onsuccess: resolve, onerror: reject }));
    const transaction = open.result.transaction('people', 'readwrite');
    for (const row of rows) {
      transaction.objectStore('people').put({ ...row, iv: bytes(row.iv), sealed: bytes(row.sealed) });
    }
    await new Promise((resolve) => (transaction.oncomplete = resolve));
    open.result.close();
  }, rows);
}

/**
 * Copies the keys into another database, as an attacker with access to the storage could.
 * @param {FacekeyPage} page
 */
export const copyKeys = (page) => carryKeys(page, 'facekey', 'copy');

/**
 * Replaces the stored keys with the copies.
 * @param {FacekeyPage} page
 */
export const putBackKeys = (page) => carryKeys(page, 'copy', 'facekey');

/**
 * @param {FacekeyPage} page
 * @param {string} from
 * @param {string} to
 */
function carryKeys({ page }, from, to) {
  return page.evaluate(async ([from, to]) => {
    const done = (/** @type {IDBRequest} */ request) =>
      new Promise((resolve, reject) => Object.assign(request, { onsuccess: resolve, onerror: reject }));
    const keysOf = async (/** @type {string} */ name) => {
      const open = indexedDB.open(name);
      open.onupgradeneeded = () => open.result.createObjectStore('keys', { keyPath: 'name' });
      await done(open);
      const { result: db } = open;
      return { db, store: db.transaction('keys', 'readwrite').objectStore('keys') };
    };
    const source = await keysOf(from);
    const rows = source.store.getAll();
    await done(rows);
    source.db.close();
    const target = await keysOf(to);
    for (const row of rows.result) await done(target.store.put(row));
    target.db.close();
  }, [from, to]);
}

/**
 * Replaces the database with one in the layout of schema 1.
 * @param {FacekeyPage} page
 * @param {object[]} rows with `samples` as arrays of numbers
 */
export function writeSchema1({ page }, rows) {
  return page.evaluate(async (rows) => {
    const done = (/** @type {IDBRequest} */ request) =>
      new Promise((resolve, reject) => Object.assign(request, { onsuccess: resolve, onerror: reject }));
    await done(indexedDB.deleteDatabase('facekey'));
    const open = indexedDB.open('facekey', 1);
    open.onupgradeneeded = () => open.result.createObjectStore('people', { keyPath: 'id' });
    await done(open);
    const transaction = open.result.transaction('people', 'readwrite');
    for (const row of /** @type {any[]} */ (rows)) {
      transaction.objectStore('people').put({ ...row, samples: new Float32Array(row.samples) });
    }
    await new Promise((resolve) => (transaction.oncomplete = resolve));
    open.result.close();
  }, rows);
}

/**
 * Opens a tab of the same origin that holds the database open and never closes it, like a hung tab.
 * @param {FacekeyPage} page
 * @param {number} [version] by default the current one
 * @returns {Promise<import('playwright-core').Page>}
 */
export async function blockingTab({ page }, version) {
  const tab = await page.context().newPage();
  const picture = page.locator('link[rel=icon]').evaluate((link) => /** @type {HTMLLinkElement} */ (link).href);
  await tab.goto(await picture);
  await tab.evaluate(async (version) => {
    const open = indexedDB.open('facekey', version);
    await new Promise((resolve, reject) => Object.assign(open, { onsuccess: resolve, onerror: reject }));
    Object.assign(globalThis, { held: open.result });
  }, version);
  return tab;
}

/**
 * How many rows each store has, as the tab that holds the database open sees it.
 * @param {import('playwright-core').Page} blocking
 * @returns {Promise<Record<Store, number>>}
 */
export function heldRows(blocking) {
  return blocking.evaluate(async () => {
    const { held } = /** @type {{held: IDBDatabase}} */ (/** @type {unknown} */ (globalThis));
    const counts = [...held.objectStoreNames].map(async (store) => {
      const count = held.transaction(store).objectStore(store).count();
      await new Promise((resolve) => (count.onsuccess = resolve));
      return [store, count.result];
    });
    return Object.fromEntries(await Promise.all(counts));
  });
}
