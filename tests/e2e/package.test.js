/** The npm package, packed and installed as by its users: its content, and that it works. */

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { simulatedCamera } from './support/simulated-camera.js';
import { withPage } from './support/browser.js';
import { photoFiles } from './support/files.js';
import { Studio } from './support/media.js';
import { newProject, runTool, SERVERS } from './support/package.js';
import { TRIES } from './support/page.js';
import { alex } from './support/people.js';
import { WWW } from './support/tools.js';

/** The package's module in the project, for a page without a bundler. */
const MODULE = './node_modules/facekey/dist/facekey.js';

/** The module of the package with the face mesh. */
const MESH_MODULE = './node_modules/facekey-movement/dist/movement.js';

/** Why the package with the WebGPU build is not tested. */
const noWebgpu = existsSync(join(WWW, 'pkg', 'webgpu', 'facekey_bg.wasm')) ? false : 'there is no build for WebGPU';

/** @type {import('./support/package.js').Project} */
let project;
/** @type {Awaited<ReturnType<typeof photoFiles>>} */
let files;
/** @type {Studio} */
let studio;
/** @type {string} */
let video;

before(async () => {
  project = await newProject({ webgpu: !noWebgpu });
  files = await photoFiles();
  studio = await Studio.open();
  video = await studio.video('alex', [alex.enrol.slice(0, 1)]);
});

after(async () => {
  await studio?.close();
  if (project) await rm(project.folder, { recursive: true, force: true });
});

describe('the tarball', () => {
  it('contains what its users need and nothing else', async () => {
    const installed = join(project.folder, 'node_modules', 'facekey');
    assert.deepEqual(
      project.packed.filter((path) => !/^dist\/[\w./-]+\.(js|d\.ts|css)$|^docs\/\w+\.md$/.test(path)).sort(),
      [
        'CHANGELOG.md',
        'LICENSE-APACHE',
        'LICENSE-MIT',
        'LICENSE.md',
        'MODEL-CARD.md',
        'README.md',
        'THIRD-PARTY.txt',
        'models/blazeface.safetensors',
        'models/facenet.bpk',
        'package.json',
        'pkg/cpu/facekey.d.ts',
        'pkg/cpu/facekey.js',
        'pkg/cpu/facekey_bg.wasm',
      ],
    );
    assert.match(await readFile(join(installed, 'LICENSE.md'), 'utf8'), /research and demonstration only/);
    assert.match(await readFile(join(installed, 'THIRD-PARTY.txt'), 'utf8'), /comlink.*Apache License.*idb.*image-size.*MIT/s);
    assert.ok(project.size <= 2.5e6, `${project.size} bytes packed`);
  });

  it('passes publint and attw', async () => {
    for (const [name, tarball] of Object.entries(project.tarballs)) {
      const lint = await runTool(project, 'publint/src/cli.js', [`node_modules/${name}`, '--strict']);
      assert.equal(lint.code, 0, lint.output);
      const types = await runTool(project, '@arethetypeswrong/cli/dist/index.js', ['--profile', 'esm-only', tarball]);
      assert.equal(types.code, 0, types.output);
    }
  });

  it('has types that compile in a strict project, with both kinds of module resolution', async () => {
    const source = `
      import { Facekey, FacekeyError } from 'facekey';
      import type { FaceVerifier } from 'facekey/element';
      import { openGallery } from 'facekey/gallery';
      import { movement } from 'facekey-movement';
      import type { ChallengeState, Decision, ErrorCode, Failure, Instruction, Template } from 'facekey';
      const facekey: Facekey = await Facekey.load({ backend: 'cpu', movement: movement(), onProgress: ({ received }) => received.toFixed() });
      const { face, embedding } = await facekey.embed(document.querySelector('video')!);
      const template: Template = await facekey.enrol([embedding]);
      const { accepted, estimatedFmr: fmr }: Decision = await facekey.verify(template, embedding, { maxFmr: 1e-4 });
      const asks: Instruction[] = [];
      const probes: Float32Array[] = await facekey.checkMovement(document.querySelector('video')!, {
        signal: AbortSignal.timeout(60_000),
        onState: (state: ChallengeState) => state.status === 'asking' && asks.push(state.instruction),
        onFirstTurn: async () => {},
      });
      await facekey.verify(template, probes);
      const reason: Failure = 'moved-early';
      await facekey.checkMovement(async () => new ImageData(64, 64));
      const code: ErrorCode = 'too-dark';
      const yaw: number = face.quality.yaw;
      export const wrong = new FacekeyError(code).code === 'no-face' && accepted && fmr !== yaw && reason;
      const verifier: FaceVerifier = document.querySelector('face-verifier')!;
      verifier.addEventListener('verify', ({ detail }) => detail.accepted satisfies boolean);
      verifier.template = await verifier.enrol();
      const { people } = await openGallery('app').list();
      const { match } = await facekey.identify(people, embedding);
      export const name = match?.template.name satisfies string | undefined;
      // @ts-expect-error an event of the element tells no such thing
      verifier.addEventListener('verify', ({ detail }) => detail.samePerson);
      // @ts-expect-error there is no such backend
      await Facekey.load({ backend: 'tpu' });
      // @ts-expect-error only \`load\` makes one
      new Facekey();
    `;
    await writeFile(join(project.folder, 'user.mts'), source);
    for (const how of ['bundler', 'nodenext']) {
      const module = how === 'bundler' ? 'esnext' : 'nodenext';
      const options = ['--strict', '--noEmit', '--target', 'es2023', '--module', module, '--moduleResolution', how];
      const { code, output } = await runTool(project, 'typescript/lib/tsc.js', [...options, 'user.mts']);
      assert.equal(code, 0, `${how}: ${output}`);
    }
  });

  it('can be imported without a browser, as in server-side rendering', async () => {
    await writeFile(join(project.folder, 'server.mjs'), "import { Facekey } from 'facekey'; console.log(typeof Facekey.load);");
    const { code, output } = await runTool(project, join(project.folder, 'server.mjs'), []);
    assert.deepEqual([code, output.trim()], [0, 'function']);
  });

  it('has documentation that builds without a warning', async () => {
    const docs = await runTool(project, 'typedoc/bin/typedoc', ['--options', join(WWW, 'typedoc.json'), '--emit', 'none']);
    assert.equal(docs.code, 0, docs.output);
    assert.doesNotMatch(docs.output, /warning/);
  });
});

/**
 * Enrols the person in front of the camera, in the example.
 * @param {import('playwright-core').Page} page
 * @returns {Promise<import('playwright-core').Locator>} the element with the example's answer
 */
async function enrolInExample(page) {
  const answer = page.getByRole('status');
  await answer.getByText('Ready.').waitFor();
  await page.getByRole('button', { name: 'Use the camera' }).click();
  await answer.getByText('Enrol, then verify').waitFor();
  await page.getByRole('button', { name: 'Enrol' }).click();
  await answer.getByText('Enrolled.').waitFor();
  return answer;
}

describe('the example', () => {
  for (const [how, serve] of Object.entries(SERVERS)) {
    it(`enrols and verifies from the camera and from a photo, ${how}`, async () => {
      const site = await serve(project);
      try {
        await withPage(site.address, { video }, async ({ page }) => {
          const answer = await enrolInExample(page);
          await page.getByLabel('Skip the movement check').check();
          await page.getByRole('button', { name: 'Verify' }).click();
          await answer.getByText(/^Accepted \(it may have been a photo\): .*1 in [\d,]+ strangers come this close, the limit is 1 in 1,000\.$/).waitFor();

          await page.getByLabel('a photo').setInputFiles(files.kim.again);
          await answer.getByText('Enrol, then verify').waitFor();
          await page.getByRole('button', { name: 'Verify' }).click();
          await answer.getByText(/^Refused .*: about 1 in \d+ strangers/).waitFor();
        });
      } finally {
        await site.close();
      }
    });
  }
});

describe('without a bundler', () => {
  /** @type {import('./support/package.js').Site} */
  let site;
  before(async () => void (site = await SERVERS['without a bundler'](project)));
  after(() => site?.close());

  it('the example of the readme works unchanged', async () => {
    const readme = await readFile(join(WWW, 'package', 'README.md'), 'utf8');
    const [, html] = /```html\n(.*?)```/s.exec(readme) ?? [];
    await writeFile(join(project.folder, 'readme.html'), html);
    await withPage(`${site.address}readme.html`, {}, async ({ page }) => {
      const says = (/** @type {string | RegExp} */ text) => page.locator('#answer').getByText(text).waitFor();
      await says('Ready');
      await page.getByLabel('Enrol with photos').setInputFiles(files.alex.enrol);
      await says('Enrolled');
      await page.getByLabel('Verify a photo').setInputFiles(files.alex.enrol[0]);
      await says(/^Accepted: at most 1 in [\d,]+ strangers comes this close$/);
      await page.getByLabel('Verify a photo').setInputFiles(files.kim.again);
      await says(/^Refused: /);
      await page.getByLabel('Verify a photo').setInputFiles({ name: 'a.txt', mimeType: 'text/plain', buffer: Buffer.from('no') });
      await says(/^The file is not a picture that can be decoded here/);
    });
  });

  describe('the movement check', () => {
    /**
     * Enrols from the example's camera and verifies with the movement check.
     * @param {Partial<import('./support/browser.js').Options>} options
     * @returns {Promise<string>} the answer
     */
    async function verifyInExample(options) {
      let said = '';
      await withPage(site.address, options, async ({ page }) => {
        const answer = await enrolInExample(page);
        await page.getByRole('button', { name: 'Verify' }).click();
        const decided = answer.getByText(/^(Accepted|Refused|Not possible)/);
        const failed = page.locator('.camera-step[data-state="failed"]').getByRole('button', { name: 'Close' });
        await decided.or(failed).waitFor();
        if (await failed.isVisible()) await failed.click();
        await decided.waitFor();
        said = await answer.innerText();
      });
      return said;
    }

    it('is passed by a person who follows the instructions', async () => {
      const prepare = simulatedCamera({ straight: await studio.takes(alex.live) });
      const answers = [];
      while (answers.length < TRIES && !answers.at(-1)?.startsWith('Accepted')) answers.push(await verifyInExample({ prepare }));
      assert.match(answers.at(-1) ?? '', /^Accepted: .* strangers come this close/, answers.join('; '));
    });

    it('is not passed by a photo', async () => {
      assert.equal(await verifyInExample({ video }), 'Not possible: The movement check was not passed. (timeout)');
    });

    it('runs one at a time, ends with its signal or the camera, and frees its challenge', async () => {
      await withPage(`${site.address}blank.html`, { video }, async ({ page }) => {
        await page.evaluate(async ([module, beside]) => {
          const [{ Facekey }, { movement }] = [await import(module), await import(beside)];
          const facekey = await Facekey.load({ backend: 'cpu', movement: movement() });
          await facekey.settled;
          const video = document.createElement('video');
          video.srcObject = await navigator.mediaDevices.getUserMedia({ video: true });
          await video.play();
          Object.assign(globalThis, { facekey, video });
        }, [MODULE, MESH_MODULE]);
        const [worker] = page.workers();
        await worker.evaluate(async (bundle) => {
          const { Challenge } = await import(bundle);
          const { free } = Challenge.prototype;
          Object.assign(globalThis, { freed: 0 });
          Challenge.prototype.free = function () {
            /** @type {any} */ (globalThis).freed += 1;
            free.call(this);
          };
        }, `${site.address}node_modules/facekey/pkg/cpu/facekey.js`);
        const codes = await page.evaluate(async () => {
          const { facekey, video } = /** @type {any} */ (globalThis);
          const ending = (/** @type {Promise<any>} */ check) => check.then(() => 'passed', ({ code, name }) => (typeof code === 'string' ? code : name));
          const begin = () => {
            const caller = new AbortController();
            let onState;
            const asked = new Promise((resolve) => (onState = resolve));
            return { caller, asked, ended: ending(facekey.checkMovement(video, { signal: caller.signal, onState })) };
          };
          const first = begin();
          await first.asked;
          const meanwhile = await ending(facekey.checkMovement(video));
          first.caller.abort(new DOMException('enough', 'TimeoutError'));
          const second = begin();
          await second.asked;
          for (const track of video.srcObject.getTracks()) track.stop();
          const codes = [meanwhile, await first.ended, await second.ended];
          await facekey.detect(new ImageData(64, 64)); // ensures that the worker has received the earlier message
          return codes;
        });
        assert.deepEqual(codes, ['already-checking', 'TimeoutError', 'camera-lost']);
        assert.equal(await worker.evaluate(() => /** @type {any} */ (globalThis).freed), 2);
      });
    });
  });

  it('reads the visible part of a video frame, and reduces large frames', async () => {
    await withPage(`${site.address}blank.html`, {}, async ({ page }) => {
      const seen = await page.evaluate(async (module) => {
        const { Facekey } = await import(module);
        const facekey = await Facekey.load({ backend: 'cpu' });
        /** Red on the left, blue on the right. @param {number} width @param {number} height @param {VideoFrameInit} [init] */
        const look = async (width, height, init) => {
          const context = /** @type {OffscreenCanvasRenderingContext2D} */ (new OffscreenCanvas(width, height).getContext('2d'));
          context.fillStyle = 'rgb(255 0 0)';
          context.fillRect(0, 0, width / 2, height);
          context.fillStyle = 'rgb(0 0 255)';
          context.fillRect(width / 2, 0, width / 2, height);
          const { frame } = await facekey.detect(new VideoFrame(context.canvas, { timestamp: 0, ...init }));
          const { rgba } = frame;
          return [frame.width, frame.height, [...rgba.slice(0, 4)].join(), [...rgba.slice(-4)].join()].join(' ');
        };
        return [
          await look(64, 48),
          await look(64, 48, { visibleRect: { x: 32, y: 0, width: 32, height: 48 } }),
          await look(64, 48, { displayWidth: 32, displayHeight: 48 }),
          await look(1280, 720),
        ];
      }, MODULE);
      const [red, blue] = ['255,0,0,255', '0,0,255,255'];
      assert.deepEqual(seen, [`64 48 ${red} ${blue}`, `32 48 ${blue} ${blue}`, `32 48 ${red} ${blue}`, `640 360 ${red} ${blue}`]);
    });
  });

  it('a call fails with a code if the engine crashes, and the next call works', async () => {
    await withPage(`${site.address}blank.html`, {}, async ({ page }) => {
      await page.evaluate(async (module) => {
        const { Facekey } = await import(module);
        Object.assign(globalThis, { facekey: await Facekey.load({ backend: 'cpu' }) });
      }, MODULE);
      const look = () =>
        page.evaluate(async () => {
          const { facekey } = /** @type {any} */ (globalThis);
          const answer = facekey.detect(new ImageData(64, 64));
          return answer.then((/** @type {any} */ { problem }) => problem, (/** @type {any} */ error) => String([error.name, error.code]));
        });
      assert.equal(await look(), 'no-face');
      const [worker] = page.workers();
      // The worker never answers and fires an error, as after a panic in a future of the engine.
      await worker.evaluate(() => {
        self.postMessage = () => reportError(new WebAssembly.RuntimeError('unreachable'));
      });
      assert.equal(await look(), 'FacekeyError,engine-crashed');
      assert.equal(await look(), 'no-face');
      assert.notEqual(page.workers()[0], worker);
    });
  });

  it('each error has its code', async () => {
    await withPage(`${site.address}blank.html`, {}, async ({ page }) => {
      const codes = await page.evaluate(async (module) => {
        const { Facekey } = await import(module);
        const code = (/** @type {Promise<any>} */ promise) => promise.then(() => 'none', (error) => error.code);
        const facekey = await Facekey.load({ backend: 'cpu' });
        const canvas = Object.assign(document.createElement('canvas'), { width: 64, height: 64 });
        canvas.getContext('2d')?.fillRect(0, 0, 9, 9);
        const broken = Object.assign(new Image(), { src: 'data:image/png;base64,AAAA' });
        const codes = {
          canvas: await code(facekey.embed(canvas)),
          bitmap: await code(facekey.embed(await createImageBitmap(canvas))),
          movement: await code(facekey.checkMovement(document.createElement('video'))),
          video: await code(facekey.embed(document.createElement('video'))),
          image: await code(facekey.embed(broken)),
          text: await code(facekey.embed(new Blob(['text']))),
          frame: await code(facekey.embed({ rgba: new Uint8ClampedArray(4), width: 9, height: 9 })),
          weights: await code(Facekey.load({ weights: 'nowhere.bpk' })),
          none: await code(facekey.embed('nowhere.jpg')),
          nothing: await code(facekey.embed(undefined)),
          model: await code(facekey.verify({ modelId: 'another', samples: [new Float32Array(128).fill(1)] }, [])),
        };
        facekey.close();
        return { ...codes, closed: await code(facekey.embed(canvas)) };
      }, MODULE);
      assert.deepEqual(codes, {
        canvas: 'no-face',
        bitmap: 'no-face',
        movement: 'movement-missing',
        video: 'picture-empty',
        image: 'photo-unreadable',
        text: 'photo-unreadable',
        frame: 'image-size',
        weights: 'weights-missing',
        none: 'picture-missing',
        nothing: 'picture-unsupported',
        model: 'other-model',
        closed: 'engine-closed',
      });
      await Promise.all(page.workers().map((worker) => worker.waitForEvent('close')));
    });
  });

  it('fetches the WebGPU build only if there is an adapter', { skip: noWebgpu }, async () => {
    for (const [backend, fetched] of /** @type {const} */ ([['cpu', false], ['webgpu', true]])) {
      await withPage(`${site.address}blank.html`, { backend }, async ({ page }) => {
        const adapter = await page.evaluate(async () => Boolean(await navigator.gpu?.requestAdapter()));
        assert.equal(adapter, fetched);
        /** @type {string[]} */
        const requests = [];
        page.on('request', (request) => requests.push(new URL(request.url()).pathname));
        const chosen = await page.evaluate(async (module) => {
          const { Facekey } = await import(module);
          const { webgpu } = await import(module.replaceAll('facekey', 'facekey-webgpu').replace('facekey-webgpu.js', 'webgpu.js'));
          const facekey = await Facekey.load({ backend: 'webgpu', webgpu: webgpu() });
          await facekey.settled;
          return facekey.backend;
        }, MODULE);
        assert.equal(chosen, backend);
        assert.ok(requests.some((path) => path.includes('/pkg/cpu/')));
        assert.equal(requests.some((path) => path.includes('/pkg/webgpu/')), fetched);
      });
    }
  });
});
