/** The npm package as its users get it: packed, installed into a new project, and served. */

import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { servePage, site, vite, WWW } from './tools.js';

/** @typedef {import('./tools.js').Site} Site */

const run = promisify(execFile);

/** @typedef {{folder: string, tarballs: Record<string, string>, packed: string[], size: number}} Project tarballs by package; `packed` are the files in facekey's, `size` its bytes */

/**
 * Makes a new project with the example, and installs the packages from their tarballs.
 * @param {{webgpu?: boolean}} [options] whether to install the package with the build for WebGPU
 * @returns {Promise<Project>}
 */
export async function newProject({ webgpu = false } = {}) {
  const script = fileURLToPath(new URL('../../../scripts/package.mjs', import.meta.url));
  const names = ['facekey', 'facekey-movement', ...(webgpu ? ['facekey-webgpu'] : [])];
  const { stdout } = await run(process.execPath, [script, ...names]);
  const [first, ...others] = stdout.trim().split(/\n(?=www\/)/);
  const [summary, ...lines] = first.split('\n');
  const file = (/** @type {string} */ text) => join(WWW, '..', text.split(':')[0]);
  const tarballs = [summary, ...others].map(file);
  const folder = await mkdtemp(join(tmpdir(), 'facekey-project-'));
  await cp(join(WWW, 'example'), folder, { recursive: true, filter: (file) => !file.includes('node_modules') });
  await writeFile(join(folder, 'package.json'), '{ "private": true, "type": "module" }');
  await run('npm', ['install', '--offline', '--no-audit', '--no-fund', '--legacy-peer-deps', ...tarballs], { cwd: folder });
  await writeFile(join(folder, 'blank.html'), '<!doctype html><title>blank</title>');
  const { size } = await stat(tarballs[0]);
  return { folder, tarballs: Object.fromEntries(names.map((name, index) => [name, tarballs[index]])), size, packed: lines.map((line) => line.split(' ').at(-1) ?? '') };
}

/**
 * Runs a command of the page's own packages in a project.
 * @param {Project} project
 * @param {string} script its path from `node_modules`
 * @param {string[]} args
 */
export function runTool(project, script, args) {
  return runProgram(project, process.execPath, [resolve(WWW, 'node_modules', script), ...args]);
}

/**
 * Runs a program in a project.
 * @param {Project} project
 * @param {string} program
 * @param {string[]} args
 * @returns {Promise<{code: number, output: string}>}
 */
export async function runProgram({ folder }, program, args) {
  try {
    const { stdout, stderr } = await run(program, args, { cwd: folder });
    return { code: 0, output: stdout + stderr };
  } catch (reason) {
    const { code, stdout, stderr } = /** @type {any} */ (reason);
    return { code, output: stdout + stderr };
  }
}

/**
 * Ways to serve a project: as it is, built by a bundler, or from the bundler's development server.
 * @type {Record<'without a bundler' | 'built with Vite' | 'in development with Vite', (project: Project) => Promise<Site>>}
 */
export const SERVERS = {
  'without a bundler': async ({ folder }) => servePage({ root: folder, outDir: '.', headers: false }),
  'built with Vite': async ({ folder }) => {
    const { build } = await vite();
    await build({ root: folder, configFile: false, logLevel: 'error' });
    return servePage({ root: folder, headers: false });
  },
  'in development with Vite': async ({ folder }) => {
    const { createServer } = await vite();
    const options = { port: 0, host: '127.0.0.1' };
    const server = await createServer({ root: folder, configFile: false, logLevel: 'error', server: options });
    await server.listen();
    return site(server);
  },
};

/**
 * Lets a project import packages from the page's `node_modules`, which users would install.
 * @param {Project} project
 * @param {string[]} names
 */
export async function lend({ folder }, names) {
  for (const name of names) {
    await mkdir(dirname(join(folder, 'node_modules', name)), { recursive: true });
    await symlink(join(WWW, 'node_modules', name), join(folder, 'node_modules', name)).catch(existsAlready);
  }
}

/** @param {NodeJS.ErrnoException} error */
function existsAlready(error) {
  if (error.code !== 'EEXIST') throw error;
}
