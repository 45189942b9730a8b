// Assembles the npm package in www/dist-package, from www/package, the engine's bundles and the
// weights, and packs it beside that. The layout keeps the relative paths of the sources, so that
// the bundler leaves every `new URL(…, import.meta.url)` as it is, for the user's bundler to see.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const www = join(root, 'www');
const source = join(www, 'package');
const target = join(www, 'dist-package');
const require = createRequire(join(www, 'package.json'));

/** Entries of the bundle: the module itself and what runs in its workers. */
const ENTRIES = ['facekey.js', 'cpu.worker.js', 'webgpu.worker.js'];

/** Files to take along as they are, and where from. */
const COPIES = {
  'package.json': join(source, 'package.json'),
  'README.md': join(source, 'README.md'),
  'LICENSE.md': join(source, 'LICENSE.md'),
  'LICENSE-MIT': join(root, 'LICENSE-MIT'),
  'LICENSE-APACHE': join(root, 'LICENSE-APACHE'),
  'MODEL-CARD.md': join(root, 'docs', 'model-card.md'),
  'dist/types.d.ts': join(source, 'types.d.ts'),
  'pkg/cpu/facekey.js': join(www, 'pkg', 'cpu', 'facekey.js'),
  'pkg/cpu/facekey.d.ts': join(www, 'pkg', 'cpu', 'facekey.d.ts'),
  'pkg/cpu/facekey_bg.wasm': join(www, 'pkg', 'cpu', 'facekey_bg.wasm'),
  'pkg/webgpu/facekey.js': join(www, 'pkg', 'webgpu', 'facekey.js'),
  'pkg/webgpu/facekey_bg.wasm': join(www, 'pkg', 'webgpu', 'facekey_bg.wasm'),
  'models/facenet.bpk': join(www, 'models', 'facenet.bpk'),
  'models/blazeface.safetensors': join(www, 'models', 'blazeface.safetensors'),
  'models/mesh.safetensors': join(www, 'models', 'mesh.safetensors'),
};

/** Libraries that the bundle contains; their licences ask to be passed on. */
const LIBRARIES = ['comlink', 'image-size'];

const missing = Object.values(COPIES).filter((file) => !existsSync(file));
if (missing.length > 0) throw new Error(`run scripts/build first; missing: ${missing.join(', ')}`);

rmSync(target, { recursive: true, force: true });
for (const [to, from] of Object.entries(COPIES)) {
  mkdirSync(dirname(join(target, to)), { recursive: true });
  cpSync(from, join(target, to));
}
const licences = LIBRARIES.map((name) => {
  const read = (file) => readFileSync(join(www, 'node_modules', name, file), 'utf8');
  return `${name} ${JSON.parse(read('package.json')).version}\n\n${read('LICENSE').trim()}\n`;
});
writeFileSync(join(target, 'THIRD-PARTY.txt'), licences.join(`\n${'-'.repeat(80)}\n\n`));

const { rolldown } = await import(pathToFileURL(require.resolve('rolldown')).href);
const bundle = await rolldown({ input: ENTRIES.map((entry) => join(source, entry)), external: [/\/pkg\//] });
await bundle.write({ dir: join(target, 'dist'), format: 'esm', chunkFileNames: '[name].js' });
await bundle.close();
execFileSync(process.execPath, [require.resolve('typescript/lib/tsc.js'), '-p', source], { stdio: 'inherit' });

const [packed] = JSON.parse(
  execFileSync('npm', ['pack', '--json', '--pack-destination', www], { cwd: target, encoding: 'utf8' }),
);
const kilobytes = (bytes) => `${Math.ceil(bytes / 1e3).toLocaleString('en')} kB`;
console.log(`www/${packed.filename}: ${kilobytes(packed.size)}, unpacked ${kilobytes(packed.unpackedSize)}`);
for (const { path, size } of packed.files) console.log(`${kilobytes(size).padStart(10)}  ${path}`);
