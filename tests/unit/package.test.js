/** The npm package's interface, with an engine that knows only angles; and what its readme lists. */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { EMBEDDING_DIM, Facekey, FacekeyError } from '../../www/package/facekey.js';
import { withCode } from './people.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const read = (/** @type {string} */ file) => readFileSync(ROOT + file, 'utf8');
const all = (/** @type {string} */ text, /** @type {RegExp} */ pattern) => [...text.matchAll(pattern)].map(([, it]) => it);
/** A name in Rust as a code. */
const kebab = (/** @type {string} */ name) => name.replace(/\B[A-Z]/g, '-$&').toLowerCase();

const readme = read('www/package/README.md');

/** What the readme's table with this heading explains. @param {string} heading */
function rows(heading) {
  const [, table] = readme.split(`| ${heading} | Meaning |`);
  const cells = all(table.split('\n\n')[0], /^\| (`.*`) \|/gm).join();
  return all(cells, /`([a-z0-9-]+)`/g);
}

/** An embedding in a plane, at this angle in degrees. */
const at = (/** @type {number} */ degrees) => {
  const values = new Float32Array(EMBEDDING_DIM);
  values[0] = Math.cos((degrees * Math.PI) / 180);
  values[1] = Math.sin((degrees * Math.PI) / 180);
  return values;
};

/** Rates up to 1 in 1,000 are measured; a squared distance of 0.5 is the limit for it. */
const engine = {
  model: { id: 'model' },
  async decide(/** @type {Float32Array} */ samples, /** @type {Float32Array} */ probe, /** @type {number} */ fmr) {
    const distance = 2 - 2 * samples.slice(0, EMBEDDING_DIM).reduce((sum, value, index) => sum + value * probe[index], 0);
    const threshold = fmr >= 1e-3 ? 0.5 : undefined;
    return { accepted: threshold !== undefined && distance <= threshold, score: distance, threshold };
  },
};

// @ts-expect-error applications use `Facekey.load`
const facekey = new Facekey(engine);

describe('a template', () => {
  it('survives JSON and matches its person', async () => {
    const template = await facekey.enrol([at(0), at(10)]);
    const kept = JSON.parse(JSON.stringify(template));
    assert.deepEqual(kept, template);
    assert.equal((await facekey.verify(kept, at(5))).accepted, true);
    assert.equal((await facekey.verify(kept, at(90), { fmr: 1e-2 })).accepted, false);
  });

  it('is compared with several probes by the one in the middle', async () => {
    const template = await facekey.enrol([at(0)]);
    assert.equal((await facekey.verify(template, [at(90), at(5), at(10)])).accepted, true);
    assert.equal((await facekey.verify(template, [at(90), at(5), at(95)])).accepted, false);
    assert.equal((await facekey.verify(template, [at(5)])).accepted, true);
    assert.equal((await facekey.verify(template, Array.from(at(5)))).accepted, true, 'one, as JSON has it');
    await assert.rejects(facekey.verify(template, []), withCode('bad-embedding'));
    await assert.rejects(facekey.verify(template, [at(0), at(0).subarray(1)]), withCode('bad-embedding'));
  });

  it('is not made of two people, of nothing, or of what JSON spoilt', async () => {
    await assert.rejects(facekey.enrol([at(0), at(90)]), withCode('samples-disagree'));
    await assert.rejects(facekey.enrol([]), withCode('bad-embedding'));
    const spoilt = JSON.parse(JSON.stringify(at(0)));
    await assert.rejects(facekey.enrol([spoilt]), withCode('bad-embedding'));
    await assert.rejects(facekey.enrol([at(0), at(0).subarray(1)]), withCode('bad-embedding'));
  });

  it('of another model is not compared', async () => {
    const template = { modelId: 'another', samples: [at(0)] };
    await assert.rejects(facekey.verify(template, at(0)), withCode('other-model'));
  });

  it('is not decided upon at a rate that is not measured', async () => {
    const template = await facekey.enrol([at(0)]);
    await assert.rejects(facekey.verify(template, at(0), { fmr: 1e-6 }), withCode('fmr-unsupported'));
  });
});

describe('an error', () => {
  it('is itself again, or takes over code and message', () => {
    const error = new FacekeyError('no-face');
    assert.equal(FacekeyError.from(error), error);
    assert.equal(FacekeyError.from({ code: 'backend', message: 'lost' }).message, 'lost');
    assert.equal(FacekeyError.from(new TypeError('what')).code, 'unexpected');
    assert.equal(FacekeyError.from(undefined).code, 'unexpected');
  });

  it('has a code that the types and the readme list', () => {
    const source = (/** @type {string} */ file) => read(`www/package/${file}`);
    const typed = all(source('errors.js'), /^ \* {3}\| '([a-z-]+)'$/gm);
    const issues = all(read('src/face/quality.rs').split('pub enum QualityIssue')[1].split('}')[0], /^ {4}(\w+),$/gm);
    const listed = [...typed, ...issues.map(kebab)];
    assert.deepEqual(rows('Code').sort(), listed.sort());

    const modules = readdirSync(`${ROOT}www/package`).filter((file) => file.endsWith('.js'));
    const thrown = modules.flatMap((file) => all(source(file), /(?:FacekeyError\(|code: (?:trapped \? )?)'([a-z-]+)'/g));
    const rust = all(read('src/error.rs'), /=> "([a-z-]+)"/g);
    assert.ok(thrown.length > 10 && rust.length > 10);
    assert.deepEqual([...thrown, ...rust].filter((code) => !listed.includes(code)), []);
  });
});

describe('the readme', () => {
  it('explains every reason for which a movement check fails', () => {
    const enumerated = read('src/liveness/protocol.rs').split('pub enum Failure')[1].split('\n}')[0];
    const reasons = all(enumerated, /^ {4}(\w+),$/gm).map(kebab);
    assert.ok(reasons.length > 5);
    assert.deepEqual(['no-neutral', ...rows('Reason')].sort(), reasons.sort(), '`no-neutral` has an error code of its own');
  });

  it('says how often the movement check was passed in the measurement', () => {
    const [, people, paper, recordings] = /(\d+ of \d+) people passed.*?, (\d+ of \d+) photos on\s+rolled paper, and (\d+ of \d+) recordings/s.exec(readme) ?? [];
    const passed = (/** @type {string} */ kind) => {
      const [, count, of] = new RegExp(`^\\| ${kind} (?:\\* )?\\| (\\d+) \\| (\\d+) \\|`, 'm').exec(read('docs/liveness.md')) ?? [];
      return `${count} of ${of}`;
    };
    assert.deepEqual(
      [people, paper, recordings],
      [passed('person'), passed('rolled paper, turned as asked'), passed('recordings played on demand')],
    );
  });
});

it('has an example of less than 100 lines', () => {
  const lines = ['example.js', 'index.html'].flatMap((file) => read(`www/example/${file}`).trimEnd().split('\n'));
  assert.ok(lines.length > 50 && lines.length < 100, `${lines.length} lines`);
});

it('has the version of the crate', () => {
  const [crate] = all(read('Cargo.toml'), /^version = "(.*)"$/gm);
  assert.equal(JSON.parse(read('www/package/package.json')).version, crate);
});
