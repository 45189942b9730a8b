/** The npm package's interface, with a simulated engine, and the tables of its readme. */

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { markLive } from '../../www/package/decision.js';
import { EMBEDDING_DIM, Facekey, FacekeyError } from '../../www/package/facekey.js';
import { withCode } from './people.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const read = (/** @type {string} */ file) => readFileSync(ROOT + file, 'utf8');
const all = (/** @type {string} */ text, /** @type {RegExp} */ pattern) => [...text.matchAll(pattern)].map(([, it]) => it);
/** Converts a name in Rust to a code. */
const kebab = (/** @type {string} */ name) => name.replace(/\B[A-Z]/g, '-$&').toLowerCase();

const readme = read('www/package/README.md');
const liveness = read('www/package/docs/liveness.md');

/** The codes in the table with this heading. @param {string} heading @param {string} [text] */
function rows(heading, text = readme) {
  const [, table] = text.split(`| ${heading} | Meaning |`);
  const cells = all(table.split('\n\n')[0], /^\| (`.*`) \|/gm).join();
  return all(cells, /`([a-z0-9-]+)`/g);
}

/** An embedding with this angle in a plane, in degrees. */
const at = (/** @type {number} */ degrees) => {
  const values = new Float32Array(EMBEDDING_DIM);
  values[0] = Math.cos((degrees * Math.PI) / 180);
  values[1] = Math.sin((degrees * Math.PI) / 180);
  return values;
};

/** Rates of at least 1 in 1,000 are measured. The limit is a squared distance of 0.5, or 0.3 for rates below 1 in 500. */
const engine = {
  model: { id: 'model' },
  async decideEach(/** @type {Float32Array[]} */ templates, /** @type {Float32Array} */ probe, /** @type {number} */ fmr) {
    return templates.map((samples) => {
      const distance = 2 - 2 * samples.slice(0, EMBEDDING_DIM).reduce((sum, value, index) => sum + value * probe[index], 0);
      const limit = fmr >= 2e-3 ? 0.5 : 0.3;
      const threshold = fmr >= 1e-3 ? limit : undefined;
      const accepted = threshold !== undefined && distance <= threshold;
      return { accepted, score: distance, threshold, fmr: distance / 100, fmrUpper: distance / 50, thresholds: [{ fmr: 1e-3, score: 0.3 }] };
    });
  },
  /** A picture shows as many faces as it is wide, the largest on the left; the last face is blurred. */
  async detect(/** @type {import('../../www/package/types').Frame} */ frame) {
    const { width } = frame;
    const faces = Array.from({ length: width }, (_, index) => ({ bounds: { x: index }, quality: index === width - 1 && width > 1 ? { issue: 'blurred' } : {} }));
    return { frame, faces, problem: ['no-face', undefined][width] ?? (width > 1 ? 'several-faces' : undefined) };
  },
  /** The first red value and the position of the face give the angle of the embedding. */
  async embed(/** @type {any} */ frame, /** @type {any} */ choice) {
    const { faces, problem } = await this.detect(frame);
    if (choice === 'only' && problem) throw new FacekeyError(problem);
    const face = typeof choice === 'object' ? choice : faces[0];
    if (!face) throw new FacekeyError('no-face');
    return { frame, face, embedding: at(frame.rgba[0] + 90 * face.bounds.x) };
  },
};

/** A picture with this many faces, and with this angle of the first face's embedding. */
const picture = (/** @type {number} */ degrees, width = 1) => ({ rgba: new Uint8ClampedArray(4 * width).fill(degrees), width, height: 1 });

// @ts-expect-error applications use `Facekey.load`
const facekey = new Facekey(engine);

describe('a template', () => {
  it('still matches its person after a conversion to JSON and back', async () => {
    const template = await facekey.enrol([at(0), at(10)]);
    const kept = JSON.parse(JSON.stringify(template));
    assert.deepEqual(kept, template);
    assert.equal((await facekey.verify(kept, at(5))).accepted, true);
    assert.equal((await facekey.verify(kept, at(90), { maxFmr: 1e-2 })).accepted, false);
  });

  it('is compared by the probe with the median score', async () => {
    const template = await facekey.enrol([at(0)]);
    assert.equal((await facekey.verify(template, [at(90), at(5), at(10)])).accepted, true);
    assert.equal((await facekey.verify(template, [at(90), at(5), at(95)])).accepted, false);
    assert.equal((await facekey.verify(template, [at(5)])).accepted, true);
    assert.equal((await facekey.verify(template, Array.from(at(5)))).accepted, true, 'one, as JSON has it');
    await assert.rejects(facekey.verify(template, []), withCode('bad-embedding'));
    await assert.rejects(facekey.verify(template, [at(0), at(0).subarray(1)]), withCode('bad-embedding'));
  });

  it('is not made of two people, of nothing, or of invalid numbers', async () => {
    await assert.rejects(facekey.enrol([at(0), at(90)]), withCode('samples-disagree'));
    await assert.rejects(facekey.enrol([]), withCode('bad-embedding'));
    const spoilt = JSON.parse(JSON.stringify(at(0)));
    await assert.rejects(facekey.enrol([spoilt]), withCode('bad-embedding'));
    await assert.rejects(facekey.enrol([at(0), at(0).subarray(1)]), withCode('bad-embedding'));
  });

  it('is not compared if another model made it', async () => {
    const template = { modelId: 'another', samples: [at(0)] };
    await assert.rejects(facekey.verify(template, at(0)), withCode('other-model'));
  });

  it('is not compared at a rate that has not been measured', async () => {
    const template = await facekey.enrol([at(0)]);
    await assert.rejects(facekey.verify(template, at(0), { maxFmr: 1e-6 }), withCode('fmr-unsupported'));
    for (const maxFmr of [0, -1, 2, NaN, /** @type {any} */ ('high')]) {
      await assert.rejects(facekey.verify(template, at(0), { maxFmr }), withCode('bad-rate'));
    }
  });
});

describe('an error', () => {
  it('stays the same object, or copies code and message', () => {
    const error = new FacekeyError('no-face');
    assert.equal(FacekeyError.from(error), error);
    assert.equal(FacekeyError.from({ code: 'backend', message: 'lost' }).detail, 'lost');
    assert.equal(FacekeyError.from({ code: 'no-such-code' }).code, 'unexpected');
    assert.equal(FacekeyError.from(new TypeError('what')).code, 'unexpected');
    assert.equal(FacekeyError.from(undefined).code, 'unexpected');
  });

  it('says what is wrong, why, and what helps', () => {
    const error = new FacekeyError('no-live-face', 'after 3 s', { reason: 'jumped' });
    assert.deepEqual([error.code, error.reason, error.hint], ['no-live-face', 'jumped', 'try-again']);
    assert.equal(error.message, 'The movement check was not passed. (after 3 s)');
    assert.equal(new FacekeyError('no-face').message, 'There is no face in the picture.');
  });

  it('has a code that the readme explains', () => {
    const source = (/** @type {string} */ file) => read(`www/package/${file}`);
    const listed = all(source('errors.js'), /^ {2}'?([a-z-]+)'?: \['/gm);
    assert.deepEqual(rows('Code').sort(), [...listed].sort());

    const modules = readdirSync(`${ROOT}www/package`).filter((file) => file.endsWith('.js'));
    const thrown = modules.flatMap((file) => all(source(file), /(?:FacekeyError\(|throw \{ code: |trapped \? )'([a-z-]+)'/g));
    const issues = all(read('src/face/quality.rs').split('pub enum QualityIssue')[1].split('}')[0], /^ {4}(\w+),$/gm);
    const rust = all(read('src/error.rs'), /=> "([a-z-]+)"/g);
    assert.ok(thrown.length > 10 && rust.length > 10 && issues.length > 4);
    assert.deepEqual([...thrown, ...rust, ...issues.map(kebab)].filter((code) => !listed.includes(code)), []);
  });
});

describe('two pictures', () => {
  it('are compared at a requested rate, and the estimated rate is a separate property', async () => {
    const { samePerson, maxFmr, estimatedFmr, estimatedFmrUpper, assurance, samples, thresholds } = await facekey.compare(picture(0), picture(20));
    assert.deepEqual([samePerson, maxFmr, assurance], [true, 1e-3, 'picture']);
    assert.ok(Math.abs(/** @type {number} */ (estimatedFmr) - 0.0012) < 1e-4 && estimatedFmrUpper > 0.002);
    assert.deepEqual(samples.map(({ embedding }) => embedding), [at(0), at(20)]);
    assert.deepEqual(thresholds, [{ maxFmr: 1e-3, score: 0.3 }]);
    assert.equal((await facekey.compare(picture(0), picture(90))).samePerson, false);
    assert.equal((await facekey.compare(picture(0), picture(38))).samePerson, false);
    assert.equal((await facekey.compare(picture(0), picture(38), { maxFmr: 1e-2 })).samePerson, true);
  });

  it('with several faces need a choice', async () => {
    await assert.rejects(facekey.compare(picture(0), picture(0, 3)), withCode('several-faces'));
    assert.equal((await facekey.compare(picture(0), picture(0, 3), { face: 'largest' })).samePerson, true);
    const { faces, frame } = await facekey.detect(picture(0, 3));
    assert.deepEqual((await facekey.embed(frame, { face: faces[1] })).embedding, at(90));
    await assert.rejects(facekey.embed(picture(0, 0), { face: 'largest' }), withCode('no-face'));
  });
});

describe('a face', () => {
  it('can be given as a picture, a sample or an embedding', async () => {
    const sample = await facekey.embed(picture(10));
    const template = await facekey.enrol([picture(0), sample, at(5), Array.from(at(6))]);
    assert.equal(template.samples.length, 4);
    for (const probe of [picture(3), sample, at(3), Array.from(at(3)), [picture(3), sample]]) {
      assert.equal((await facekey.verify(template, probe)).accepted, true);
    }
  });

  it('is refused with a code if it is something else', async () => {
    const template = await facekey.enrol([at(0)]);
    for (const nothing of /** @type {any[]} */ ([undefined, null, 7, {}, [], new Float32Array(3)])) {
      await assert.rejects(facekey.verify(template, nothing), withCode('bad-embedding'));
      await assert.rejects(facekey.embed(nothing), withCode('picture-unsupported'));
    }
    for (const nothing of /** @type {any[]} */ ([undefined, null, 7, {}, { modelId: 'model' }, { modelId: 'model', samples: [{}] }])) {
      await assert.rejects(facekey.verify(nothing, at(0)), withCode('bad-template'));
    }
  });

  it('is known as live if it comes from a movement check', async () => {
    const template = await facekey.enrol([at(0)]);
    const live = [at(0), at(1)];
    live.forEach(markLive);
    assert.equal((await facekey.verify(template, live)).assurance, 'live');
    assert.equal((await facekey.verify(template, live.slice(1))).assurance, 'live');
    assert.equal((await facekey.verify(template, [...live, at(1)])).assurance, 'picture');
    assert.equal((await facekey.identify([template], live)).assurance, 'live');
  });
});

describe('identification', () => {
  const people = [40, 0, 100].map((degrees) => ({ name: `at ${degrees}`, modelId: 'model', samples: [at(degrees)] }));

  it('finds the nearest person, and lists the next ones', async () => {
    const { match, candidates } = await facekey.identify(people, at(10), { maxFmr: 1e-2, limit: 2 });
    assert.equal(match?.template.name, 'at 0');
    assert.deepEqual(candidates.map(({ index }) => index), [1, 0]);
  });

  it('finds nobody if nobody is near, or if there are no templates', async () => {
    assert.equal((await facekey.identify(people, at(180), { maxFmr: 1e-2 })).match, undefined);
    assert.deepEqual((await facekey.identify([], at(0))).candidates, []);
  });

  it('keeps to the rate of the whole search', async () => {
    const one = await facekey.identify(people.slice(0, 1), at(3), { maxFmr: 2e-3 });
    assert.equal(one.match?.index, 0, 'alone, 37 degrees are near enough at this rate');
    const [near] = (await facekey.identify(people.slice(0, 2), at(3 + 74), { maxFmr: 2e-3 })).candidates;
    assert.deepEqual([near.index, near.decision.accepted, near.decision.maxFmr], [0, false, 1e-3]);
    const { estimatedFmr, candidates } = await facekey.identify(people, at(10), { maxFmr: 1e-2 });
    assert.equal(estimatedFmr, 3 * /** @type {number} */ (candidates[0].decision.estimatedFmr));
    await assert.rejects(facekey.identify(people, at(0), { maxFmr: 1e-3 }), withCode('fmr-unsupported'));
  });
});

describe('the documentation of the movement check', () => {
  it('explains every reason for which a movement check fails', () => {
    const enumerated = read('src/liveness/protocol.rs').split('pub enum Failure')[1].split('\n}')[0];
    const reasons = all(enumerated, /^ {4}(\w+),$/gm).map(kebab);
    assert.ok(reasons.length > 5);
    assert.deepEqual(['no-neutral', ...rows('Reason', liveness)].sort(), reasons.sort(), '`no-neutral` has an error code of its own');
  });

  it('says how often the movement check was passed in the measurement', () => {
    const words = liveness.replace(/\s+/g, ' ');
    const [, people, dim, paper, recordings] =
      /(\d+ of \d+) people who .* passed, and (\d+ of \d+) in dim light\. (\d+ of \d+) photos on rolled paper passed, and (\d+ of \d+) attacks with recordings/.exec(words) ?? [];
    const passed = (/** @type {string} */ kind) => {
      const [, count, of] = new RegExp(`^\\| ${kind} (?:\\* )?\\| (\\d+) \\| (\\d+) \\|`, 'm').exec(read('docs/liveness.md')) ?? [];
      return `${count} of ${of}`;
    };
    assert.deepEqual(
      [people, dim, paper, recordings],
      [passed('person'), passed('person, dim light'), passed('rolled paper, turned as asked'), passed('recordings played on demand')],
    );
  });
});

it('has an example of fewer than 100 lines', () => {
  const lines = ['example.js', 'index.html'].flatMap((file) => read(`www/example/${file}`).trimEnd().split('\n'));
  assert.ok(lines.length > 50 && lines.length < 100, `${lines.length} lines`);
});

it('links to pages and headings that exist', () => {
  const pages = ['README.md', ...readdirSync(`${ROOT}www/package/docs`).map((file) => `docs/${file}`)];
  for (const page of pages) {
    const text = read(`www/package/${page}`);
    const headings = all(text, /^#+ (.*)$/gm).map((it) => it.toLowerCase().replace(/[^\w\s-]/g, '').replace(/ /g, '-'));
    for (const [, to] of text.matchAll(/\]\((?!https?:)([^)]+)\)/g)) {
      const file = new URL(to, new URL(page, `file://${ROOT}www/package/`));
      assert.ok(to.startsWith('#') ? headings.includes(to.slice(1)) : existsSync(file), `${page}: ${to}`);
    }
  }
});

it('has the same version as the crate and the further packages', () => {
  const [crate] = all(read('Cargo.toml'), /^version = "(.*)"$/gm);
  const [own, movement, webgpu] = ['', 'movement-package/', 'webgpu-package/'].map((folder) => JSON.parse(read(`www/package/${folder}package.json`)));
  assert.deepEqual([own, movement, webgpu].map(({ version }) => version), [crate, crate, crate]);
  assert.deepEqual([own.peerDependencies['facekey-movement'], webgpu.peerDependencies.facekey], [crate, crate]);
  assert.ok(read('www/package/CHANGELOG.md').includes(`## ${crate}\n`));
});
