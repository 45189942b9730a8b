/** What the package's readme and pages say, done: every snippet, and a fresh app of each kind. */

import assert from 'node:assert/strict';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { withBrowser, withPage } from './support/browser.js';
import { photoFiles } from './support/files.js';
import { Studio } from './support/media.js';
import { lend, newProject, runTool } from './support/package.js';
import { alex } from './support/people.js';
import { listen, servePage, vite, WWW } from './support/tools.js';

const TYPES = /** @type {Record<string, string>} */ ({ '.js': 'text/javascript', '.html': 'text/html', '.wasm': 'application/wasm', '.css': 'text/css' });

/** What a page without a bundler says where the modules lie. */
const MAP = `<script type="importmap">${JSON.stringify({
  imports: {
    facekey: '/node_modules/facekey/dist/facekey.js',
    'facekey/gallery': '/node_modules/facekey/dist/gallery.js',
    'facekey/element': '/node_modules/facekey/dist/element.js',
  },
})}</script>`;

/** @type {import('./support/package.js').Project} */
let project;

/** Pages of the package, by name, and their snippets. @type {{page: string, kind: string, code: string}[]} */
const snippets = [];
for (const page of ['README.md', ...(await readdir(join(WWW, 'package', 'docs'))).map((name) => `docs/${name}`)]) {
  const text = await readFile(join(WWW, 'package', page), 'utf8');
  for (const [, kind, code] of text.matchAll(/```(js node|js)\n(.*?)```/gs)) snippets.push({ page, kind, code });
}

/** What a snippet says that it logs. @param {string} code */
const promised = (code) => [...code.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm)].map(([, text]) => text);

before(async () => {
  project = await newProject();
  const files = await photoFiles();
  const photos = { 'ada-1.jpg': files.alex.enrol[0], 'ada-2.jpg': files.alex.enrol.at(-1), 'bob.jpg': files.kim.again };
  await mkdir(join(project.folder, 'public', 'photos'), { recursive: true });
  for (const [name, file] of Object.entries(photos)) await writeFile(join(project.folder, 'public', 'photos', name), file?.buffer ?? '');
  await writeFile(join(project.folder, 'public', 'photos', 'nobody.png'), Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64'));
  await cp(join(project.folder, 'public', 'photos'), join(project.folder, 'photos'), { recursive: true });
});

after(async () => {
  if (project) await rm(project.folder, { recursive: true, force: true });
});

describe('every snippet', () => {
  /** @type {import('./support/tools.js').Site} */
  let site;
  before(async () => void (site = await servePage({ root: project.folder, outDir: '.', headers: false })));
  after(() => site?.close());

  it('is seen by these tests', () => {
    assert.ok(snippets.length >= 10, `${snippets.length}`);
    assert.ok(snippets.filter(({ code }) => promised(code).length > 0).length >= 8);
  });

  for (const [index, { page, kind, code }] of snippets.entries()) {
    it(`works: ${page}, number ${index + 1}`, async () => {
      if (kind === 'js node') {
        await writeFile(join(project.folder, 'snippet.mjs'), code);
        const { code: status, output } = await runTool(project, join(project.folder, 'snippet.mjs'), []);
        assert.deepEqual([status, output.trim()], [0, promised(code).join('\n')]);
        return;
      }
      await writeFile(join(project.folder, `snippet-${index}.html`), `<!doctype html><meta charset="utf-8">${MAP}<script type="module">${code}\nglobalThis.over = true;</script>`);
      await withPage(`${site.address}snippet-${index}.html`, {}, async ({ page }) => {
        /** @type {string[]} */
        const logged = [];
        page.on('console', (message) => message.type() === 'log' && logged.push(message.text()));
        await page.reload();
        await page.waitForFunction('globalThis.over');
        assert.deepEqual(logged, promised(code));
      });
    });
  }
});

/** A fresh app of each kind: its files, and the plug-ins that its bundler needs. @type {Record<string, {files: Record<string, string>, lent: string[], plugins?: () => Promise<any[]>}>} */
const APPS = {
  Vite: {
    lent: [],
    files: {
      'main.js': `
        import { Facekey } from 'facekey';
        const facekey = await Facekey.load();
        const { samePerson } = await facekey.compare('./photos/ada-1.jpg', './photos/bob.jpg');
        document.body.append(Object.assign(document.createElement('output'), { value: 'same: ' + samePerson }));`,
      'index.html': '<!doctype html><meta charset="utf-8" /><title>app</title><body><script type="module" src="/main.js"></script></body>',
    },
  },
  React: {
    lent: ['react', 'react-dom', 'scheduler'],
    files: {
      'main.jsx': `
        import React, { useEffect, useState } from 'react';
        import { createRoot } from 'react-dom/client';
        import { Facekey } from 'facekey';
        const loading = Facekey.load();
        const check = async (a, b) => (await (await loading).compare(a, b)).samePerson;
        function App() {
          const [same, setSame] = useState();
          useEffect(() => void check('./photos/ada-1.jpg', './photos/bob.jpg').then(setSame), []);
          return <output>{same === undefined ? 'Loading' : 'same: ' + same}</output>;
        }
        createRoot(document.body).render(<App />);`,
      'index.html': '<!doctype html><meta charset="utf-8" /><title>app</title><body></body><script type="module" src="/main.jsx"></script>',
    },
  },
  Vue: {
    lent: ['vue'],
    plugins: async () => [(await import(join(WWW, 'node_modules/@vitejs/plugin-vue/dist/index.mjs'))).default()],
    files: {
      'App.vue': `
        <script setup>
        import { ref } from 'vue';
        import { Facekey } from 'facekey';
        const loading = Facekey.load();
        const same = ref();
        loading.then(async (facekey) => (same.value = (await facekey.compare('./photos/ada-1.jpg', './photos/bob.jpg')).samePerson));
        </script>
        <template><output>{{ same === undefined ? 'Loading' : 'same: ' + same }}</output></template>`,
      'main.js': "import { createApp } from 'vue'; import App from './App.vue'; createApp(App).mount(document.body);",
      'index.html': '<!doctype html><meta charset="utf-8" /><title>app</title><body></body><script type="module" src="/main.js"></script>',
    },
  },
};

describe('a fresh app', () => {
  for (const [name, { files, lent, plugins }] of Object.entries(APPS)) {
    it(`of ${name} is built and compares two pictures`, async () => {
      const root = join(project.folder, name.toLowerCase());
      await mkdir(root);
      await cp(join(project.folder, 'public'), join(root, 'public'), { recursive: true });
      for (const [file, text] of Object.entries(files)) await writeFile(join(root, file), text);
      await lend(project, lent);
      const { build } = await vite();
      await build({ root, configFile: false, logLevel: 'error', base: './', build: { target: 'es2023' }, plugins: await plugins?.() });
      const site = await servePage({ root, headers: false });
      try {
        await withPage(site.address, {}, async ({ page }) => {
          await page.locator('output').getByText('same: false').waitFor();
        });
      } finally {
        await site.close();
      }
      const built = await readdir(join(root, 'dist', 'assets'));
      const wasm = built.filter((file) => file.endsWith('.wasm'));
      assert.equal(wasm.length, 1, 'one build of the engine, once');
    });
  }
});

describe('from another origin', () => {
  for (const isolated of [false, true]) {
    it(`works by <script type="module">, in a page ${isolated ? 'with' : 'without'} COOP and COEP`, async () => {
      const cdn = createServer(async (request, response) => {
        const path = join(project.folder, 'node_modules', 'facekey', new URL(request.url ?? '', 'http://cdn').pathname);
        const body = await readFile(path).catch(() => undefined);
        response.writeHead(body ? 200 : 404, { 'Content-Type': TYPES[extname(path)] ?? 'application/octet-stream', 'Access-Control-Allow-Origin': '*' });
        response.end(body);
      });
      const address = await listen(cdn);
      const page = createServer((_, response) => {
        response.writeHead(200, {
          'Content-Type': 'text/html',
          ...(isolated ? { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' } : {}),
        });
        response.end(`<!doctype html><title>page</title><script type="module">
          import { Facekey } from '${address}dist/facekey.js';
          const facekey = await Facekey.load();
          const { problem } = await facekey.detect(new ImageData(64, 64));
          document.title = problem + ' ' + crossOriginIsolated;</script>`);
      });
      const own = await listen(page);
      try {
        await withBrowser({}, async (context) => {
          const tab = await context.newPage();
          await tab.goto(own);
          await tab.waitForFunction(() => document.title !== 'page');
          assert.equal(await tab.title(), `no-face ${isolated}`);
        });
      } finally {
        cdn.close();
        page.close();
      }
    });
  }
});

describe('the element', () => {
  it('enrols, tells in the language of the page what failed, and fires its events', async () => {
    const studio = await Studio.open();
    const video = await studio.video('alex', [alex.enrol.slice(0, 1)]);
    await writeFile(join(project.folder, 'element.html'), `<!doctype html><html lang="de"><meta charset="utf-8">${MAP}
      <face-verifier><button>Go</button></face-verifier>
      <script type="module">
        import 'facekey/element';
        globalThis.verifier = document.querySelector('face-verifier');
        globalThis.events = [];
        for (const type of ['verify', 'enrol', 'trouble', 'cancel']) {
          verifier.addEventListener(type, ({ detail }) => events.push([type, detail?.code ?? detail?.samples?.length]));
        }
      </script></html>`);
    const site = await servePage({ root: project.folder, outDir: '.', headers: false });
    try {
      await withPage(`${site.address}element.html`, { video }, async ({ page }) => {
        await page.waitForFunction('customElements.get("face-verifier")');
        await page.evaluate('verifier.enrol().then((template) => void (verifier.template = template))');
        await page.getByRole('button', { name: 'Go', exact: true }).click();
        const step = page.locator('face-verifier [part=step]');
        await page.locator('face-verifier [part=step][data-state=failed]').waitFor(); // a photo cannot turn
        await step.getByText('Das hat nicht geklappt').waitFor();
        assert.ok(await step.evaluate((it) => it.getBoundingClientRect().bottom <= innerHeight), 'all of it is in view');
        await step.getByRole('button', { name: 'Schließen' }).click();
        await page.waitForFunction('events.length > 1');
        assert.deepEqual(await page.evaluate('events'), [['enrol', 3], ['trouble', 'no-live-face']]);
      });
    } finally {
      await site.close();
      await studio.close();
    }
  });
});

it('the readme says what a page downloads, within a tenth', async () => {
  const text = await readFile(join(WWW, 'package', 'README.md'), 'utf8');
  const rows = [...text.matchAll(/^\| `([\w./]+)` \| ([\d.]+) MB \|(?:.*compressed, ([\d.]+) MB)?/gm)];
  assert.equal(rows.length, 3);
  for (const [, file, plain, compressed] of rows) {
    const bytes = await readFile(join(project.folder, 'node_modules', 'facekey', file));
    assertNear(plain, bytes.length, file);
    if (compressed) assertNear(compressed, gzipSync(bytes).length, `${file}, compressed`);
  }
});

/** Compilers differ by a few per cent. @param {string} megabytes @param {number} size in bytes @param {string} what */
function assertNear(megabytes, size, what) {
  assert.ok(Math.abs(Number(megabytes) * 1e6 - size) <= 0.1 * size, `${what}: ${size} bytes, not ${megabytes} MB`);
}
