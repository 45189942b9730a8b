// Assembles the npm packages in www/dist-package from www/package, the engine's bundles and the weights, and
// packs them into www: facekey, facekey-movement with the face mesh of the movement check, and facekey-webgpu
// with the large build. The packages have the same relative paths as the sources, so that every
// `new URL(…, import.meta.url)` stays as it is and the user's bundler finds it.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { digests } from '../www/config/digests.js';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const www = join(root, 'www');
const source = join(www, 'package');
const target = join(www, 'dist-package');
const require = createRequire(join(www, 'package.json'));

const LICENCES = {
  'LICENSE-MIT': join(root, 'LICENSE-MIT'),
  'LICENSE-APACHE': join(root, 'LICENSE-APACHE'),
};

/** The engine's files of a build. @param {string} build */
const engine = (build) => ({
  [`pkg/${build}/facekey.js`]: join(www, 'pkg', build, 'facekey.js'),
  [`pkg/${build}/facekey_bg.wasm`]: join(www, 'pkg', build, 'facekey_bg.wasm'),
});

/**
 * For each package: its entry modules (for users and workers), the files to copy and their sources, and the bundled
 * libraries, whose licences must be included.
 */
const PACKAGES = [
  {
    name: 'facekey',
    entries: ['facekey.js', 'element.js', 'gallery.js', 'node.js', 'cpu.worker.js', 'node.worker.js'],
    copies: {
      ...LICENCES,
      ...engine('cpu'),
      'package.json': join(source, 'package.json'),
      'README.md': join(source, 'README.md'),
      'CHANGELOG.md': join(source, 'CHANGELOG.md'),
      'LICENSE.md': join(source, 'LICENSE.md'),
      'MODEL-CARD.md': join(root, 'docs', 'model-card.md'),
      docs: join(source, 'docs'),
      'dist/types.d.ts': join(source, 'types.d.ts'),
      'dist/element-types.d.ts': join(source, 'element-types.d.ts'),
      'dist/camera-step/camera-step.css': join(source, 'camera-step', 'camera-step.css'),
      'pkg/cpu/facekey.d.ts': join(www, 'pkg', 'cpu', 'facekey.d.ts'),
      'models/facenet.bpk': join(www, 'models', 'facenet.bpk'),
      'models/blazeface.safetensors': join(www, 'models', 'blazeface.safetensors'),
    },
    libraries: ['comlink', 'idb', 'image-size'],
  },
  {
    name: 'facekey-movement',
    entries: ['movement.js'],
    copies: {
      ...LICENCES,
      'package.json': join(source, 'movement-package', 'package.json'),
      'README.md': join(source, 'movement-package', 'README.md'),
      'models/mesh.safetensors': join(www, 'models', 'mesh.safetensors'),
    },
    libraries: /** @type {string[]} */ ([]),
  },
  {
    name: 'facekey-webgpu',
    entries: ['webgpu.js', 'webgpu.worker.js'],
    copies: {
      ...LICENCES,
      ...engine('webgpu'),
      'package.json': join(source, 'webgpu-package', 'package.json'),
      'README.md': join(source, 'webgpu-package', 'README.md'),
    },
    libraries: ['comlink'],
  },
];

/** Lets the element import the package facekey-movement by its name. @type {import('rolldown').Plugin} */
const beside = {
  name: 'beside',
  resolveId: (id) => (id === './movement.js' ? { id: 'facekey-movement', external: true } : undefined),
};

const { rolldown } = await import(pathToFileURL(require.resolve('rolldown')).href);
rmSync(target, { recursive: true, force: true });
execFileSync(process.execPath, [require.resolve('typescript/lib/tsc.js'), '-p', source], { stdio: 'inherit' });
for (const name of process.argv.slice(2).length ? process.argv.slice(2) : PACKAGES.map((it) => it.name)) {
  await pack(PACKAGES.find((it) => it.name === name) ?? fail(`no package ${name}`));
}

/** @param {typeof PACKAGES[number]} which */
async function pack({ name, entries, copies, libraries }) {
  const folder = join(target, name);
  const missing = Object.values(copies).filter((file) => !existsSync(file));
  if (missing.length > 0) fail(`run scripts/build first; missing: ${missing.join(', ')}`);
  for (const [to, from] of Object.entries(copies)) {
    mkdirSync(dirname(join(folder, to)), { recursive: true });
    cpSync(from, join(folder, to), { recursive: true });
  }
  if (libraries.length > 0) writeFileSync(join(folder, 'THIRD-PARTY.txt'), libraries.map(licence).join(`\n${'-'.repeat(80)}\n\n`));
  const bundle = await rolldown({
    input: entries.map((entry) => join(source, entry)),
    external: [/\/pkg\/.*\.js$/, /^node:/],
    plugins: [digests, beside],
  });
  await bundle.write({ dir: join(folder, 'dist'), format: 'esm', chunkFileNames: '[name].js' });
  await bundle.close();
  copyTypes(entries, folder);

  const [packed] = JSON.parse(
    execFileSync('npm', ['pack', '--json', '--pack-destination', www], { cwd: folder, encoding: 'utf8' }),
  );
  console.log(`www/${packed.filename}: ${kilobytes(packed.size)}, unpacked ${kilobytes(packed.unpackedSize)}`);
  for (const { path, size } of packed.files) console.log(`${kilobytes(size).padStart(10)}  ${path}`);
}

/**
 * The type declarations that the entries' declarations import.
 * @param {string[]} entries
 * @param {string} folder
 */
function copyTypes(entries, folder) {
  const waiting = entries.map((entry) => entry.replace(/\.js$/, '.d.ts'));
  for (const file of waiting) {
    const from = [join(target, 'types', file), join(source, file)].find(existsSync);
    if (!from || file.includes('..')) continue;
    const text = readFileSync(from, 'utf8');
    mkdirSync(dirname(join(folder, 'dist', file)), { recursive: true });
    writeFileSync(join(folder, 'dist', file), text);
    for (const [, path] of text.matchAll(/(?:from |import\()['"](\.{1,2}\/[^'"]+)\.js['"]/g)) {
      const next = join(dirname(file), `${path}.d.ts`);
      if (!waiting.includes(next)) waiting.push(next);
    }
  }
}

/** @param {string} library */
function licence(library) {
  const read = (/** @type {string} */ file) => readFileSync(join(www, 'node_modules', library, file), 'utf8');
  return `${library} ${JSON.parse(read('package.json')).version}\n\n${read('LICENSE').trim()}\n`;
}

/** @param {number} bytes */
function kilobytes(bytes) {
  return `${Math.ceil(bytes / 1e3).toLocaleString('en')} kB`;
}

/** @param {string} message @returns {never} */
function fail(message) {
  throw new Error(message);
}
