/** Levels, comparisons, reasons, the count of failures, and the checks of an enrolment. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkAgreement } from '../../www/package/agreement.js';
import { median } from '../../www/package/decision.js';
import { join, joined } from '../../www/package/embeddings.js';
import { findDuplicate, isStranger } from '../../www/src/enrol/likeness.js';
import { PageError } from '../../www/src/errors.js';
import { comparable, compare, reasonOf, searchFmr } from '../../www/src/verify/comparison.js';
import { levels, oneOf, defaultRate } from '../../www/src/verify/assurance.js';
import { Attempts, FREE_FAILURES, MAX_FAILURES, waitAfter } from '../../www/src/verify/attempts.js';
import { FRAMES, takeProbes } from '../../www/src/verify/probes.js';
import { person, withCode } from './people.js';

const thresholds = (/** @type {number[]} */ ...rates) => ({ thresholds: rates.map((maxFmr) => ({ maxFmr, score: 1 })) });

/** An embedding with this angle in a plane, in degrees. */
const at = (/** @type {number} */ degrees) => {
  const values = new Float32Array(128);
  values[0] = Math.cos((degrees * Math.PI) / 180);
  values[1] = Math.sin((degrees * Math.PI) / 180);
  return values;
};

/** A simulated engine: the limit is a squared distance of 0.5 at 1 in 1,000, and of 1 at 1 in 10. */
const engine = {
  async decide(/** @type {Float32Array} */ samples, /** @type {Float32Array} */ probe, /** @type {number} */ fmr) {
    const count = samples.length / 128;
    let distance = 0;
    for (let i = 0; i < samples.length; i++) distance += (samples[i] - probe[i % 128]) ** 2 / count;
    const threshold = fmr >= 0.1 ? 1 : 0.5;
    return { accepted: distance <= threshold, score: distance, similarity: 1 - distance / 2, threshold, fmr, fmrUpper: 1 };
  },
  async decideEach(/** @type {Float32Array[]} */ templates, /** @type {Float32Array} */ probe, /** @type {number} */ fmr) {
    return Promise.all(templates.map((samples) => engine.decide(samples, probe, fmr)));
  },
};

/** A simulated `Facekey` with the same limits; the estimated rate grows with the square of the score. */
const facekey = /** @type {any} */ ({
  model: thresholds(1e-2, 1e-3),
  async verify(/** @type {any} */ { samples }, /** @type {Float32Array[]} */ probes, /** @type {{maxFmr: number}} */ { maxFmr }) {
    const decision = median(/** @type {any} */ (await Promise.all(probes.map((probe) => engine.decide(joined(samples), probe, maxFmr)))));
    return { ...decision, estimatedFmr: 4e-3 * decision.score ** 2, estimatedFmrUpper: 1 };
  },
});

describe('assurance levels', () => {
  it('are supported only if the calibration supports them', () => {
    const supported = levels(thresholds(1e-2, 1e-3)).filter((level) => level.supported);
    assert.deepEqual(supported.map(({ fmr }) => fmr), [1e-2, 1e-3]);
  });

  it('default to 1 in 1,000, or to a more lenient rate if that is not supported', () => {
    assert.equal(defaultRate(thresholds(1e-2, 1e-3, 1e-4, 1e-5)), 1e-3);
    assert.equal(defaultRate(thresholds(1e-2)), 1e-2);
    assert.equal(defaultRate(thresholds()), undefined);
  });
});

describe('the N of “1 in N”', () => {
  it('is a whole number with at most two significant digits', () => {
    assert.deepEqual([0.28, 0.5, 1 / 37.4, 1e-3, 1 / 1234, 1 / 98765].map(oneOf), [4, 2, 37, 1000, 1200, 99000]);
  });
});

describe('a comparison', () => {
  it('is decided by the frame with the median score', async () => {
    const alex = person({ samples: at(0) });
    const good = await compare(facekey, [at(90), at(5), at(10)], [alex], 1e-3);
    assert.equal(good.decision.accepted, true);
    const bad = await compare(facekey, [at(90), at(5), at(95)], [alex], 1e-3);
    assert.equal(bad.decision.accepted, false);
  });

  describe('without the movement check', () => {
    const { signal } = new AbortController();
    const onFrame = () => {};
    const embedder = { embed: async (/** @type {any} */ _, /** @type {any} */ { face }) => /** @type {any} */ ({ embedding: face.quality.yaw }) };
    /** A camera that shows a face with these yaws, one in each frame; the last one is repeated. */
    const camera = (/** @type {number[]} */ ...yaws) => async () => {
      const yaw = yaws.length > 1 ? yaws.shift() : yaws[0];
      return /** @type {any} */ ({ face: { quality: { yaw, pitch: 0 } } });
    };

    it('uses frames in which the face looks straight ahead', async () => {
      const probes = await takeProbes(camera(0.5, 0.01, -0.4, 0.02, 0.3, 0.03), embedder, { signal, onFrame });
      assert.deepEqual(probes, [0.01, 0.02, 0.03]);
    });

    it('uses any frames after a time limit', async () => {
      const limit = { time: 0, pictures: 4 };
      const probes = await takeProbes(camera(0.5), embedder, { signal, onFrame, limit });
      assert.deepEqual(probes, Array(FRAMES).fill(0.5));
    });
  });

  it('is decided by the higher of two scores', () => {
    const decisions = /** @type {any[]} */ ([{ score: 2 }, { score: 1 }]);
    assert.equal(median(decisions).score, 2);
  });

  it('finds the closest of several people', async () => {
    const [alex, kim] = [person({ name: 'Alex', samples: at(0) }), person({ name: 'Kim', samples: at(60) })];
    const outcome = await compare(facekey, [at(50)], [alex, kim], 1e-3);
    assert.equal(outcome.person.name, 'Kim');
    assert.equal(outcome.compared, 2);
  });

  it('keeps to the rate of the whole search, not of each pair', async () => {
    const alex = person({ samples: at(0) });
    const others = Array.from({ length: 9 }, () => person({ samples: at(90) }));
    assert.equal((await compare(facekey, [at(30)], [alex], 1e-3)).accepted, true, 'alone');
    assert.equal((await compare(facekey, [at(30)], [alex, ...others], 1e-3)).accepted, false, 'one of ten');
    assert.equal((await compare(facekey, [at(2)], [alex, ...others], 1e-3)).accepted, true, 'much closer');
  });

  it('multiplies a stranger’s chance by the number of people', () => {
    const decision = /** @type {any} */ ({ estimatedFmr: 1e-4, estimatedFmrUpper: 2e-4 });
    assert.equal(searchFmr(decision, 10), 1e-3);
    assert.equal(searchFmr({ ...decision, estimatedFmr: undefined }, 10), 2e-3, 'if only a bound is known');
    assert.equal(searchFmr({ ...decision, estimatedFmr: 0.3 }, 10), 1);
  });
});

describe('reasons', () => {
  it('say why there is no decision', () => {
    for (const code of ['capture-timeout', 'no-face', 'blurred']) {
      assert.equal(reasonOf(new PageError(code)), 'poor-image');
    }
    for (const code of ['no-live-face', 'other-model', 'expired']) assert.equal(reasonOf(new PageError(code)), code);
    assert.equal(reasonOf(new PageError('engine-hung')), undefined);
  });

  it('say what is wrong with the chosen template', () => {
    const ready = person();
    assert.deepEqual(comparable([ready, person({ modelId: 'other' })], 'model'), [ready]);
    assert.throws(() => comparable([], 'model'), withCode('nobody-enrolled'));
    assert.throws(() => comparable([person({ modelId: 'other' })], 'model'), withCode('other-model'));
    assert.throws(() => comparable([person({ expiresAt: 1 })], 'model'), withCode('expired'));
  });
});

describe('failures in a row', () => {
  it('have no consequence five times, then cause a wait that doubles up to an hour', () => {
    const waits = [0, 4, 5, 6, 7, 12, 49].map((failures) => waitAfter({ failures, last: 1000 }, 1000) / 1000);
    assert.deepEqual(waits, [0, 0, 30, 60, 120, 3600, 3600]);
  });

  it('end all attempts after fifty', () => {
    assert.equal(waitAfter({ failures: MAX_FAILURES, last: 0 }, 1e15), Infinity);
  });

  it('never cause more than the full wait, even if the clock was set back', () => {
    assert.equal(waitAfter({ failures: 5, last: 1e12 }, 0), 30_000);
    assert.equal(waitAfter({ failures: 5, last: 0 }, 29_000), 1000);
    assert.equal(waitAfter({ failures: 5, last: 0 }, 31_000), 0);
  });

  it('are counted before the decision, for each person', async () => {
    const attempts = new Attempts(memory());
    for (let failure = 0; failure < FREE_FAILURES; failure++) await attempts.countFailures(['alex']);
    await assert.rejects(attempts.countFailures(['alex']), withCode('too-many-tries'));
    await assert.rejects(attempts.countFailures(['kim', 'alex']), withCode('too-many-tries'), 'also in a search');
    assert.ok((await attempts.wait(['alex'])) > 29_000);
    assert.equal(await attempts.wait(['kim']), 0);
  });

  it('are reset for the person who matches, and for nobody else', async () => {
    const attempts = new Attempts(memory());
    for (let failure = 0; failure < FREE_FAILURES - 1; failure++) await attempts.countFailures(['alex']);
    const countsBefore = await attempts.countFailures(['alex', 'kim']);
    await attempts.recordMatch(countsBefore, 'kim');
    assert.equal(await attempts.wait(['alex', 'kim']), 0, 'the search does not count as a failure');
    await attempts.countFailures(['alex']);
    assert.ok((await attempts.wait(['alex'])) > 29_000, 'the failures before it still count');
    await attempts.reset();
    assert.equal(await attempts.wait(['alex']), 0, 'after the passphrase');
  });

  it('are deleted with the person', async () => {
    const db = memory();
    const attempts = new Attempts(db);
    await attempts.countFailures(['alex', 'kim']);
    await attempts.prune(['kim']);
    assert.deepEqual((await db.readAll())[0].map((/** @type {any} */ { name }) => name), ['attempts kim']);
  });
});

describe('samples', () => {
  it('agree if they show one person', async () => {
    await checkAgreement(engine, join([at(0), at(20), at(40)]));
    await checkAgreement(engine, at(0));
  });

  it('disagree if one shows another person', async () => {
    await assert.rejects(checkAgreement(engine, join([at(0), at(20), at(120)])), withCode('samples-disagree'));
  });

  it('are found if the person is enrolled under another name', async () => {
    const kim = person({ id: 'kim', samples: join([at(0), at(10)]) });
    assert.equal(await findDuplicate(facekey, template(at(5), at(8)), [kim]), kim);
    assert.equal(await findDuplicate(facekey, template(at(90), at(95)), [kim]), undefined);
    assert.equal(await findDuplicate(facekey, template(at(5)), [kim], 'kim'), undefined);
    assert.equal(await findDuplicate(facekey, template(at(5)), [person({ samples: at(5), expiresAt: 1 })]), undefined);
  });
});

describe('new samples of a person', () => {
  const alex = person({ samples: join([at(0), at(10)]) });

  it('count as a stranger’s if they do not match the old ones', async () => {
    assert.equal(await isStranger(facekey, template(at(20), at(30)), alex), false);
    assert.equal(await isStranger(facekey, template(at(100), at(110)), alex), true);
  });

  it('are not compared with samples of another model', async () => {
    assert.equal(await isStranger(facekey, { ...template(at(100)), modelId: 'another' }, alex), false);
  });
});

/** @param {Float32Array[]} samples */
function template(...samples) {
  return { modelId: 'model', samples };
}

/** A database of one store, in memory. */
function memory() {
  const rows = new Map();
  const store = {
    get: async (/** @type {string} */ name) => rows.get(name),
    put: async (/** @type {{name: string}} */ row) => rows.set(row.name, row),
    delete: async (/** @type {string} */ name) => void rows.delete(name),
  };
  return /** @type {any} */ ({
    readAll: async () => [[...rows.values()]],
    write: async (/** @type {any} */ _, /** @type {Function} */ act) => act({ objectStore: () => store }),
  });
}
