/** The poses of an enrolment, the choice of samples, and the enrolment from a camera. */

import assert from 'node:assert/strict';
import { afterEach, describe, it, mock } from 'node:test';
import { enrolFromCamera } from '../../www/src/enrol/from-camera.js';
import { advice, fits, LEVEL, POSES, reach, relative } from '../../www/src/enrol/poses.js';
import { choose, isRepeat, qualityScore, MAX_SAMPLES } from '../../www/src/enrol/samples.js';
import { withCode } from './people.js';

const GOOD = { size: 60, brightness: 0.5, contrast: 0.2, sharpness: 0.3, yaw: 0, pitch: 0, roll: 0 };
const FRAME = { rgba: new Uint8ClampedArray(4), width: 640, height: 480 };

/** An embedding with this angle in a plane, in degrees. */
const at = (/** @type {number} */ degrees) => {
  const values = new Float32Array(128);
  values[0] = Math.cos((degrees * Math.PI) / 180);
  values[1] = Math.sin((degrees * Math.PI) / 180);
  return values;
};

const face = (/** @type {Partial<typeof GOOD>} */ quality = {}, height = 200) =>
  /** @type {any} */ ({ bounds: { x: 220, y: 100, width: 150, height }, quality: { ...GOOD, ...quality } });

describe('poses', () => {
  it('are recognised by yaw and pitch, with left and right as seen by the person', () => {
    const seen = {
      straight: { yaw: 0.05, pitch: 0.03 },
      left: { yaw: 0.3, pitch: 0 },
      right: { yaw: -0.3, pitch: 0 },
      up: { yaw: 0, pitch: -0.2 },
      down: { yaw: 0, pitch: 0.2 },
    };
    for (const pose of POSES) {
      assert.deepEqual(Object.keys(seen).filter((name) => fits(pose, seen[/** @type {typeof pose} */ (name)])), [pose]);
    }
  });

  it('report how far the head has turned', () => {
    assert.equal(reach('left', { yaw: 0, pitch: 0 }), 0);
    assert.ok(Math.abs(reach('left', { yaw: 0.09, pitch: 0 }) - 0.5) < 0.01);
    assert.equal(reach('left', { yaw: 0.5, pitch: 0 }), 1);
    assert.equal(reach('right', { yaw: 0.5, pitch: 0 }), 0, 'the other way');
    assert.equal(reach('up', { yaw: 0, pitch: -0.2 }), 1);
  });

  it('are measured relative to the person’s own straight pose', () => {
    const low = { yaw: 0.1, pitch: -0.1 };
    assert.ok(!fits('up', relative(low, low)));
    assert.ok(fits('up', relative({ yaw: 0.1, pitch: -0.2 }, low)));
    assert.ok(fits('up', relative(low, LEVEL)));
  });
});

describe('advice', () => {
  it('is about distance and light', () => {
    assert.equal(advice(face(), FRAME), undefined);
    assert.equal(advice(face({ size: 20 }), FRAME), 'come-closer');
    assert.equal(advice(face({}, 420), FRAME), 'move-back');
    assert.equal(advice(face({ brightness: 0.15 }), FRAME), 'more-light');
    assert.equal(advice(face({ brightness: 0.88 }), FRAME), 'less-light');
  });
});

describe('a picture', () => {
  it('has a lower quality score for each measure that is poor', () => {
    assert.equal(qualityScore(GOOD), 1);
    for (const lack of [{ size: 15 }, { sharpness: 0.1 }, { contrast: 0.04 }, { brightness: 0.15 }, { brightness: 0.9 }]) {
      assert.ok(qualityScore({ ...GOOD, ...lack }) < 1, JSON.stringify(lack));
      assert.ok(qualityScore({ ...GOOD, ...lack }) > qualityScore({ ...GOOD, ...lack, size: 10 }), 'each counts');
    }
  });
});

describe('samples', () => {
  const candidate = (/** @type {number} */ degrees, goodness = 1) => ({ embedding: at(degrees), quality: goodness });

  it('begin with the best picture and continue with pictures that differ', () => {
    const all = [candidate(0, 0.9), candidate(1, 1), candidate(2, 0.9), candidate(30, 0.8), candidate(-25, 0.7)];
    assert.deepEqual(choose(all, 3), [all[1], all[3], all[4]]);
  });

  it('prefer quality to difference', () => {
    const all = [candidate(0, 1), candidate(30, 0.9), candidate(40, 0.1)];
    assert.deepEqual(choose(all, 2), [all[0], all[1]]);
  });

  it('never contain the same picture twice', () => {
    const all = [candidate(0), candidate(0.1), candidate(20), candidate(20)];
    const chosen = choose(all);
    assert.equal(chosen.length, 2);
    assert.ok(isRepeat(all[1], [all[0]]));
    assert.ok(!isRepeat(candidate(5), chosen));
  });

  it('are limited to the number that the model is calibrated for', () => {
    const many = Array.from({ length: 70 }, (_, index) => candidate(2 * index));
    assert.equal(choose(many).length, MAX_SAMPLES);
    assert.deepEqual(choose([]), []);
  });
});

describe('enrolment from the camera', () => {
  afterEach(() => mock.reset());

  /**
   * A person in front of the camera, who turns the head as `can` returns; each picture takes 400 ms.
   * @param {(step: import('../../www/src/enrol/from-camera.js').Step) => Partial<typeof GOOD>} can
   * @param {(index: number) => Float32Array} [embedding] of the frame with this number
   * @param {number} [covered] how many of the taken frames show a covered face
   */
  function session(can, embedding = (index) => at(index), covered = 0) {
    let now = 0;
    mock.method(performance, 'now', () => now);
    /** @type {import('../../www/src/enrol/from-camera.js').Step[]} */
    const steps = [];
    let frames = 0;
    const nextPicture = async () => {
      now += 400;
      frames += 1;
      return /** @type {any} */ ({ frame: { ...FRAME, index: frames }, faces: [], face: face(can(/** @type {any} */ (steps.at(-1)))) });
    };
    /** @type {any[]} */
    const taken = [];
    const facekey = {
      async embed(/** @type {any} */ frame, /** @type {any} */ { face }) {
        if (covered-- > 0) throw Object.assign(new Error('covered'), { code: 'covered' });
        taken.push(face.quality);
        return { frame, face, embedding: embedding(frame.index) };
      },
    };
    const abort = new AbortController();
    const options = { signal: abort.signal, onStep: (/** @type {any} */ step) => steps.push(step) };
    const result = enrolFromCamera(nextPicture, facekey, options);
    return { result, steps, taken, abort, time: () => now };
  }

  const HEAD = {
    straight: { yaw: 0.02, pitch: 0.05 },
    left: { yaw: 0.3 },
    right: { yaw: -0.3 },
    up: { pitch: -0.1 },
    down: { pitch: 0.2 },
  };

  it('takes one sample in each pose', async () => {
    const { result, steps, taken } = session(({ pose }) => HEAD[pose]);
    assert.equal((await result).length, 5);
    assert.deepEqual([...new Set(steps.map(({ pose }) => pose))], [...POSES]);
    assert.deepEqual(taken, Object.values(HEAD).map((angles) => ({ ...GOOD, ...angles })));
    assert.deepEqual(steps.at(-1)?.done, 4);
  });

  it('takes the best frame of each pose', async () => {
    const sharpness = [0.12, 0.2, 0.15];
    let frame = 0;
    const { result, taken } = session(({ pose }) => ({ ...HEAD[pose], sharpness: sharpness[frame++ % 3] }));
    await result;
    assert.deepEqual(taken.map((quality) => quality.sharpness), Array(5).fill(0.2));
  });

  it('continues by itself if the person cannot turn', async () => {
    const { result, time } = session(() => ({}));
    assert.equal((await result).length, 5);
    assert.ok(time() > 4 * 6000, 'it waited for each pose');
  });

  it('asks for better light, then takes the best picture that it gets', async () => {
    const { result, steps, taken } = session(({ pose }) => ({ ...HEAD[pose], brightness: 0.2 }));
    await result;
    assert.ok(steps.some(({ advice }) => advice === 'more-light'));
    assert.equal(taken.length, 5);
  });

  it('waits until nothing covers the face', async () => {
    const { result, steps, taken } = session(({ pose }) => HEAD[pose], undefined, 3);
    assert.equal((await result).length, 5);
    assert.equal(steps.filter(({ problem }) => problem === 'covered').length, 3);
    assert.equal(taken.length, 5);
  });

  it('fails if the face stays covered', async () => {
    const { result } = session(({ pose }) => HEAD[pose], undefined, Infinity);
    await assert.rejects(result, (/** @type {any} */ error) => error.code === 'capture-timeout' && error.reason === 'covered');
  });

  it('fails if the camera’s picture is frozen', async () => {
    const { result } = session(() => ({}), () => at(0));
    await assert.rejects(result, withCode('picture-frozen'));
  });

  it('ends when it is cancelled', async () => {
    const { result, abort, taken } = session(({ pose }) => {
      if (pose === 'up') abort.abort();
      return HEAD[pose];
    });
    await assert.rejects(result, { name: 'AbortError' });
    assert.equal(taken.length, 3);
  });
});
