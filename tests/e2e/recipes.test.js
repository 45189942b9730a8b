/** Runs every snippet of the package's readme and pages, and builds a new app of each kind. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { withBrowser, withPage } from './support/browser.js';
import { photoFiles } from './support/files.js';
import { Studio } from './support/media.js';
import { lend, newProject, runProgram, runTool } from './support/package.js';
import { alex } from './support/people.js';
import { listen, servePage, vite, WWW } from './support/tools.js';

const TYPES = /** @type {Record<string, string>} */ ({ '.js': 'text/javascript', '.html': 'text/html', '.wasm': 'application/wasm', '.css': 'text/css' });

/** The import map of a page without a bundler. */
const MAP = `<script type="importmap">${JSON.stringify({
  imports: {
    facekey: '/node_modules/facekey/dist/facekey.js',
    'facekey/gallery': '/node_modules/facekey/dist/gallery.js',
    'facekey/element': '/node_modules/facekey/dist/element.js',
    'facekey-movement': '/node_modules/facekey-movement/dist/movement.js',
  },
})}</script>`;

/** @type {import('./support/package.js').Project} */
let project;

/** Pages of the package, by name, and their snippets. @type {{page: string, kind: string, code: string}[]} */
const snippets = [];
/** Files of the readme's recipes for React and Vue. @type {Record<string, string>} */
const recipes = {};
/** The HTML example of the page about liveness, which uses the element. */
let elementPage = '';
for (const page of ['README.md', 'movement-package/README.md', ...(await readdir(join(WWW, 'package', 'docs'))).map((name) => `docs/${name}`)]) {
  const text = await readFile(join(WWW, 'package', page), 'utf8');
  for (const [, kind, code] of text.matchAll(/```(js node|js)\n(.*?)```/gs)) snippets.push({ page, kind, code });
  for (const [, kind, code] of text.matchAll(/```(jsx|vue)\n(.*?)```/gs)) recipes[code.includes('face-verifier') ? `Lock.${kind}` : 'check.js'] = code;
  elementPage ||= (page.includes('liveness') && /```html\n(.*?)```/s.exec(text)?.[1]) || '';
}

/** The output that the comments of a snippet promise. @param {string} code */
const promised = (code) => [...code.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm)].map(([, text]) => text);

/** The expected result of a program with this code. @param {string} code */
const output = (code) => ({ code: 0, output: promised(code).map((line) => `${line}\n`).join('') });

const deno = await promisify(execFile)('deno', ['--version']).then(() => true, () => false);

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

  it('is found by these tests', () => {
    assert.ok(snippets.length >= 10, `${snippets.length}`);
    assert.ok(snippets.filter(({ code }) => promised(code).length > 0).length >= 8);
  });

  for (const [index, { page, kind, code }] of snippets.entries()) {
    it(`works: ${page}, number ${index + 1}`, async () => {
      if (kind === 'js node') {
        await writeFile(join(project.folder, 'snippet.mjs'), code);
        assert.deepEqual(await runTool(project, join(project.folder, 'snippet.mjs'), []), output(code));
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

describe('on a server', () => {
  for (const { page, code } of snippets.filter(({ kind }) => kind === 'js node')) {
    it(`works in Deno: ${page}`, { skip: deno ? false : 'there is no deno in the PATH' }, async () => {
      await writeFile(join(project.folder, 'snippet.mjs'), code);
      assert.deepEqual(await runProgram(project, 'deno', ['run', '--allow-read', 'snippet.mjs']), output(code));
    });
  }

  it('every entry point can be imported for server-side rendering', async () => {
    await writeFile(join(project.folder, 'render.mjs'), "for (const entry of ['facekey', 'facekey/element', 'facekey/gallery']) await import(entry);");
    assert.deepEqual(await runTool(project, join(project.folder, 'render.mjs'), []), { code: 0, output: '' });
  });
});

/** A new app of each kind: its files, and the plug-ins that its bundler needs. @type {Record<string, {files: Record<string, string>, lent: string[], plugins?: () => Promise<any[]>}>} */
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
      'check.js': recipes['check.js'],
      'Lock.jsx': `import React from 'react';\n${recipes['Lock.jsx']}`,
      'main.jsx': `
        import React, { useEffect, useState } from 'react';
        import { createRoot } from 'react-dom/client';
        import { check } from './check.js';
        import { Lock } from './Lock.jsx';
        function App() {
          const [same, setSame] = useState();
          const [answer, setAnswer] = useState();
          useEffect(() => void check('./photos/ada-1.jpg', './photos/bob.jpg').then(setSame), []);
          return <><output>{same === undefined ? 'Loading' : 'same: ' + same}</output><Lock template={{ modelId: 'hers' }} onAnswer={setAnswer} /><p>answer: {String(answer)}</p></>;
        }
        createRoot(document.body).render(<App />);`,
      'index.html': '<!doctype html><meta charset="utf-8" /><title>app</title><body></body><script type="module" src="/main.jsx"></script>',
    },
  },
  Vue: {
    lent: ['vue'],
    plugins: async () => [
      (await import(join(WWW, 'node_modules/@vitejs/plugin-vue/dist/index.mjs'))).default({
        template: { compilerOptions: { isCustomElement: (/** @type {string} */ tag) => tag === 'face-verifier' } },
      }),
    ],
    files: {
      'check.js': recipes['check.js'],
      'Lock.vue': recipes['Lock.vue'],
      'App.vue': `
        <script setup>
        import { ref } from 'vue';
        import { check } from './check.js';
        import Lock from './Lock.vue';
        const [same, answer] = [ref(), ref()];
        check('./photos/ada-1.jpg', './photos/bob.jpg').then((it) => (same.value = it));
        </script>
        <template>
          <output>{{ same === undefined ? 'Loading' : 'same: ' + same }}</output>
          <Lock :template="{ modelId: 'hers' }" @answer="(it) => (answer = it)" /><p>answer: {{ answer }}</p>
        </template>`,
      'main.js': "import { createApp } from 'vue'; import App from './App.vue'; createApp(App).mount(document.body);",
      'index.html': '<!doctype html><meta charset="utf-8" /><title>app</title><body></body><script type="module" src="/main.js"></script>',
    },
  },
};

describe('a new app', () => {
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
          if (files['check.js']) await usesElement(page);
        });
      } finally {
        await site.close();
      }
      const built = await readdir(join(root, 'dist', 'assets'));
      const count = (/** @type {string} */ kind) => built.filter((file) => file.endsWith(kind)).length;
      assert.equal(count('.wasm'), 1, 'one build of the engine, once');
      assert.equal(count('.safetensors'), files['check.js'] ? 2 : 1, 'the face mesh only beside the element');
    });
  }
});

/** Asserts that the element has the app's template, and that the app receives the element's events. @param {import('playwright-core').Page} page */
async function usesElement(page) {
  const verifier = page.locator('face-verifier');
  assert.equal(await verifier.evaluate((it) => /** @type {any} */ (it).template?.modelId), 'hers');
  await verifier.evaluate((it) => it.dispatchEvent(new CustomEvent('verify', { detail: { accepted: true } })));
  await page.getByText('answer: true').waitFor();
}

describe('from another origin', () => {
  /** A host of the package's files that allows any origin. @type {import('node:http').Server} */
  let cdn;
  /** @type {string} */
  let address;
  before(async () => {
    cdn = createServer(async (request, response) => {
      const path = join(project.folder, 'node_modules', new URL(request.url ?? '', 'http://cdn').pathname);
      const body = await readFile(path).catch(() => undefined);
      response.writeHead(body ? 200 : 404, { 'Content-Type': TYPES[extname(path)] ?? 'application/octet-stream', 'Access-Control-Allow-Origin': '*' });
      response.end(body);
    });
    address = await listen(cdn);
  });
  after(() => void cdn.close());

  /**
   * The title that a script sets.
   * @param {string} script
   * @param {Record<string, string>} [headers]
   */
  async function titleAfter(script, headers = {}) {
    const server = createServer(async ({ url = '/' }, response) => {
      const module = url.startsWith('/own/') && (await readFile(join(project.folder, 'node_modules', 'facekey', 'dist', url.slice(5))));
      response.writeHead(200, { 'Content-Type': module ? 'text/javascript' : 'text/html', ...headers });
      response.end(module || `<!doctype html><title>page</title><script type="module">${script}</script>`);
    });
    const page = await listen(server);
    let title = '';
    try {
      await withBrowser({}, async (context) => {
        const tab = await context.newPage();
        await tab.goto(page);
        await tab.waitForFunction(() => document.title !== 'page');
        title = await tab.title();
      });
    } finally {
      server.close();
    }
    return title;
  }

  for (const isolated of [false, true]) {
    it(`works by <script type="module">, in a page ${isolated ? 'with' : 'without'} COOP and COEP`, async () => {
      const headers = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };
      const script = `
        import { Facekey } from '${address}facekey/dist/facekey.js';
        import { movement } from '${address}facekey-movement/dist/movement.js';
        const facekey = await Facekey.load({ movement: movement() });
        const caller = new AbortController();
        const nobody = () => new ImageData(64, 64);
        const onState = ({ hint }) => hint && caller.abort(hint);
        const hint = await facekey.checkMovement(nobody, { signal: caller.signal, onState }).catch((reason) => reason);
        document.title = hint + ' ' + crossOriginIsolated;`;
      assert.equal(await titleAfter(script, isolated ? headers : {}), `no-face ${isolated}`);
    });
  }

  it('finds its files at a base address, and stops when it is cancelled', async () => {
    const script = `
      import { Facekey } from '/own/facekey.js';
      const caller = new AbortController();
      const options = { baseUrl: '${address}facekey', signal: caller.signal };
      const ended = Facekey.load({ ...options, onProgress: () => caller.abort(new Error('enough')) }).catch(({ message }) => message);
      const facekey = await Facekey.load({ baseUrl: '${address}facekey' });
      const { problem } = await facekey.detect(new ImageData(64, 64));
      document.title = problem + ', ' + (await ended);`;
    assert.equal(await titleAfter(script), 'no-face, enough');
  });
});

describe('the element', () => {
  it('enrols, explains failures in the language of the page, and fires its events', async () => {
    const studio = await Studio.open();
    const video = await studio.video('alex', [alex.enrol.slice(0, 1)]);
    await writeFile(join(project.folder, 'element.html'), `<!doctype html><html lang="de"><meta charset="utf-8">${MAP}${elementPage}
      <script type="module">
        globalThis.events = [];
        for (const type of ['verify', 'enrol', 'trouble', 'cancel']) {
          const verifier = document.querySelector('face-verifier');
          verifier.addEventListener(type, ({ detail }) => events.push([type, detail?.code ?? detail?.samples?.length]));
        }
      </script></html>`);
    const site = await servePage({ root: project.folder, outDir: '.', headers: false });
    try {
      await withPage(`${site.address}element.html`, { video }, async ({ page }) => {
        await page.waitForFunction('customElements.get("face-verifier")');
        await page.getByRole('button', { name: 'Enrol' }).click();
        await page.waitForFunction('document.querySelector("face-verifier").template');
        await page.getByRole('button', { name: 'Unlock' }).click();
        const step = page.locator('face-verifier [part=step]');
        await page.locator('face-verifier [part=step][data-state=failed]').waitFor(); // a photo cannot turn
        await step.getByText('Das hat nicht geklappt').waitFor();
        assert.ok(await step.evaluate((it) => it.getBoundingClientRect().bottom <= innerHeight), 'all of it is in view');
        await step.getByRole('button', { name: 'Schließen' }).click();
        await page.waitForFunction('events.length > 1');
        assert.deepEqual(await page.evaluate('events'), [['enrol', 3], ['trouble', 'no-live-face']]);

        await page.getByRole('button', { name: 'Unlock' }).click();
        await page.locator('face-verifier [part=step][data-state=live]').waitFor();
        const removed = await page.evaluateHandle(() => {
          const verifier = /** @type {HTMLElement} */ (document.querySelector('face-verifier'));
          verifier.remove();
          return verifier;
        });
        await page.waitForFunction('events.length > 2');
        assert.deepEqual(await page.evaluate('events.at(-1)'), ['cancel', undefined]);
        assert.equal(await removed.evaluate((it) => it.shadowRoot?.querySelector('video')?.srcObject), null, 'the camera is off');
      });
    } finally {
      await site.close();
      await studio.close();
    }
  });
});

it('the readme states the size of the download, to within a tenth', async () => {
  const text = await readFile(join(WWW, 'package', 'README.md'), 'utf8');
  const rows = [...text.matchAll(/^\| `([\w./-]+)` \| ([\d.]+) MB \|(?:.*compressed, ([\d.]+) MB)?/gm)];
  assert.equal(rows.length, 4);
  for (const [, file, plain, compressed] of rows) {
    const path = file.startsWith('facekey-') ? file : join('facekey', file);
    const bytes = await readFile(join(project.folder, 'node_modules', path));
    assertNear(plain, bytes.length, file);
    if (compressed) assertNear(compressed, gzipSync(bytes).length, `${file}, compressed`);
  }
});

/** Allows a difference, because compilers differ by a few per cent. @param {string} megabytes @param {number} size in bytes @param {string} what */
function assertNear(megabytes, size, what) {
  assert.ok(Math.abs(Number(megabytes) * 1e6 - size) <= 0.1 * size, `${what}: ${size} bytes, not ${megabytes} MB`);
}
