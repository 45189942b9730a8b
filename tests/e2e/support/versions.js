/** Other versions of the page: copies of the build with some bytes changed. */

import { createHash } from 'node:crypto';
import { cp, mkdtemp, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WWW } from './tools.js';

export const DIST = join(WWW, 'dist');

/** Names of a build's files that contain eight characters of a digest before the ending. */
const NAMED = /^(.+-)([\w-]{8})(\.\w+)$/;

/** Compressed copies, which would not contain the changes. */
const COMPRESSED = /\.(br|gz)$/;

/** An entry of the service worker's list of files. */
const LISTED = /(url:"([^"]+)",revision:)("[^"]*"|null),integrity:"[^"]+"/g;

/** @typedef {(bytes: Buffer) => Buffer} Change */

/**
 * Copies the build and changes some files. The service worker's list is updated to match.
 * @param {import('node:test').TestContext} t the folder is removed after it
 * @param {[pattern: RegExp, change: Change][]} changes to files, by their names
 * @returns {Promise<string>} the folder
 */
export async function changedBuild(t, changes) {
  const folder = await mkdtemp(join(tmpdir(), 'facekey-build-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  await cp(DIST, folder, { recursive: true, filter: (file) => !COMPRESSED.test(file) });
  for (const [pattern, change] of changes) {
    const files = (await filesIn(folder)).filter((file) => pattern.test(file));
    if (files.length === 0) throw new Error(`no file of the build is like ${pattern}`);
    for (const file of files) await alter(join(folder, file), change);
  }
  await adoptEngines(folder);
  await list(folder);
  return folder;
}

/**
 * Renames every file that has a hash in its name, as if all of them had changed.
 * @param {string} folder
 */
export async function renameAll(folder) {
  const assets = join(folder, 'assets');
  const names = (await readdir(assets)).filter((name) => NAMED.test(name));
  const renamed = names.map((name) => name.replace(NAMED, (_, start, digest, end) => `${start}next${digest.slice(4)}${end}`));
  for (const [index, name] of names.entries()) await rename(join(assets, name), join(assets, renamed[index]));
  for (const file of (await filesIn(folder)).filter((it) => /\.(html|js|css)$/.test(it))) {
    await alter(join(folder, file), (bytes) =>
      Buffer.from(names.reduce((text, name, index) => text.replaceAll(name, renamed[index]), bytes.toString())),
    );
  }
  await list(folder);
}

/** Every file of a build. @param {string} folder */
export async function filesIn(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((it) => it.isFile()).map((it) => join(it.parentPath, it.name).slice(folder.length + 1));
}

/** @param {Buffer} bytes */
export const digest = (bytes) => createHash('sha256').update(bytes).digest('base64');

/**
 * @param {string} file
 * @param {Change} change
 */
async function alter(file, change) {
  await writeFile(file, change(await readFile(file)));
}

/** Replaces the digests of the engines in the page's scripts. @param {string} folder */
async function adoptEngines(folder) {
  const files = await filesIn(folder);
  for (const engine of files.filter((it) => it.endsWith('.wasm'))) {
    const [before, now] = await Promise.all([DIST, folder].map(async (it) => digest(await readFile(join(it, engine)))));
    for (const script of files.filter((it) => it.endsWith('.js'))) {
      await alter(join(folder, script), (bytes) => Buffer.from(bytes.toString().replaceAll(before, now)));
    }
  }
}

/** Updates the digests in the service worker's list. @param {string} folder */
async function list(folder) {
  const script = await readFile(join(folder, 'sw.js'), 'utf8');
  const files = [...script.matchAll(LISTED)].map(([, , file]) => file);
  const digests = new Map(await Promise.all(files.map(async (file) => /** @type {const} */ ([file, digest(await readFile(join(folder, file)))]))));
  const listed = script.replace(LISTED, (_, start, file, revision) => {
    const now = digests.get(file);
    return `${start}${revision === 'null' ? revision : `"${now}"`},integrity:"sha256-${now}"`;
  });
  await writeFile(join(folder, 'sw.js'), listed);
}
