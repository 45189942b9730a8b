/** The loop of the movement check, with a simulated engine. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Facekey } from '../../www/package/facekey.js';
import { MovementCheck, watch } from '../../www/package/movement-check.js';
import { withCode } from './people.js';

/** @typedef {import('../../www/package/types.js').ChallengeState} ChallengeState */

const FRAME = { rgba: new Uint8ClampedArray(4), width: 1, height: 1 };
const PROBES = [new Float32Array(128)];

/** @param {import('../../www/package/types.js').Instruction} instruction @returns {ChallengeState} */
const asking = (instruction) => ({ status: 'asking', instruction, reach: 0, progress: 0 });
const [NEUTRAL, LEFT, UP] = [asking('neutral'), asking('turn-left'), asking('look-up')];
/** @type {ChallengeState} */
const PASSED = { status: 'passed' };

const soon = (milliseconds = 0) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** An engine that answers each frame with the next of these. It throws errors, and repeats the last answer. */
class Script {
  /** The calls so far. @type {string[]} */
  calls = [];
  /** @type {number[]} */
  times = [];
  /** Milliseconds for each frame. */
  takes = 0;
  inFlight = 0;
  most = 0;

  /** @param {(ChallengeState | {code: string})[]} answers */
  constructor(...answers) {
    this.answers = answers;
  }

  async beginChallenge() {
    this.calls.push('begin');
  }

  async endChallenge() {
    this.calls.push('end');
  }

  async probes() {
    this.calls.push('probes');
    return PROBES;
  }

  /** @param {unknown} _ @param {number} time */
  async observe(_, time) {
    this.calls.push('observe');
    this.times.push(time);
    this.most = Math.max(this.most, ++this.inFlight);
    await soon(this.takes);
    this.inFlight -= 1;
    const [answer] = this.answers.length > 1 ? this.answers.splice(0, 1) : this.answers;
    if ('code' in answer) throw answer;
    return { faces: [], state: answer };
  }
}

/** The parts of a video element that a check uses. It is a `Frame` as well, because Node has no canvas. */
class Video extends EventTarget {
  rgba = FRAME.rgba;
  width = 1;
  height = 1;
  ended = false;
  /** @type {{active: boolean} | null} */
  srcObject = { active: true };
  /** @type {Map<number, VideoFrameRequestCallback>} */
  waiting = new Map();

  /** @param {VideoFrameRequestCallback} callback */
  requestVideoFrameCallback(callback) {
    this.waiting.set(this.waiting.size + 1, callback);
    return this.waiting.size;
  }

  /** @param {number} handle */
  cancelVideoFrameCallback(handle) {
    this.waiting.delete(handle);
  }

  /** @param {{captureTime?: number, presentationTime: number}} times */
  async show(times) {
    while (this.waiting.size === 0) await soon();
    const callbacks = [...this.waiting.values()];
    this.waiting.clear();
    for (const callback of callbacks) callback(0, /** @type {any} */ (times));
  }
}

/**
 * @param {Script} engine
 * @param {any} source
 * @param {import('../../www/package/movement-check.js').MovementOptions} [options]
 */
function run(engine, source, options = {}) {
  const check = new MovementCheck(engine, options);
  void watch(check, source);
  return check.outcome;
}

const picture = () => FRAME;

describe('a movement check', () => {
  it('reports each state and returns the probes of the face that turned', async () => {
    const engine = new Script(NEUTRAL, LEFT, NEUTRAL, UP, PASSED);
    /** @type {ChallengeState[]} */
    const states = [];
    assert.equal(await run(engine, picture, { onState: (state) => states.push(state) }), PROBES);
    assert.deepEqual(states, [NEUTRAL, LEFT, NEUTRAL, UP, PASSED]);
    assert.deepEqual(engine.calls.filter((call) => call !== 'observe'), ['begin', 'probes', 'end']);
  });

  it('waits for `onFirstTurn` before it reports the first target', async () => {
    /** @type {string[]} */
    const order = [];
    await run(new Script(NEUTRAL, LEFT, UP, PASSED), picture, {
      onFirstTurn: async () => {
        await soon();
        order.push('counted');
      },
      onState: (state) => order.push(state.status === 'asking' ? state.instruction : state.status),
    });
    assert.deepEqual(order, ['neutral', 'counted', 'turn-left', 'look-up', 'passed']);
  });

  it('processes one frame at a time', async () => {
    const engine = new Script(NEUTRAL, LEFT, PASSED);
    engine.takes = 200; // longer than the time between two frames
    let taken = 0;
    await run(engine, () => {
      taken += 1;
      return FRAME;
    });
    assert.deepEqual([taken, engine.most], [3, 1]);
  });

  it('says why there is no live face', async () => {
    const failed = (/** @type {any} */ rest) => new Script(NEUTRAL, { status: 'failed', ...rest });
    await assert.rejects(run(failed({ reason: 'jumped' }), picture), { code: 'no-live-face', reason: 'jumped' });
    const dark = failed({ reason: 'no-neutral', hint: 'too-dark' });
    await assert.rejects(run(dark, picture), { code: 'capture-timeout', reason: 'too-dark' });
    assert.equal(dark.calls.at(-1), 'end');
  });

  it('begins a new challenge if another engine has taken over', async () => {
    const engine = new Script(NEUTRAL, LEFT, { code: 'no-challenge' }, NEUTRAL, LEFT, PASSED);
    let counted = 0;
    assert.equal(await run(engine, picture, { onFirstTurn: () => void (counted += 1) }), PROBES);
    assert.equal(engine.calls.filter((call) => call === 'begin').length, 2);
    assert.equal(counted, 1);
  });

  it('fails with the error that the engine, the source or the caller throws', async () => {
    const engine = new Script({ code: 'engine-crashed' });
    await assert.rejects(run(engine, picture), withCode('engine-crashed'));
    const unplugged = new Error('unplugged');
    await assert.rejects(run(new Script(NEUTRAL), () => Promise.reject(unplugged)), unplugged);
    const broken = new Error('broken');
    const onState = () => {
      throw broken;
    };
    await assert.rejects(run(new Script(NEUTRAL), picture, { onState }), broken);
    class Unlucky extends Script {
      /** @override */
      async beginChallenge() {
        throw { code: 'no-random' };
      }
    }
    await assert.rejects(new MovementCheck(new Unlucky(), {}).outcome, withCode('no-random'));
  });
});

describe('cancelling', () => {
  it('ends the check at once and frees the challenge, even while the engine processes a frame', async () => {
    const engine = new Script(NEUTRAL);
    engine.observe = () => new Promise(() => engine.calls.push('observe'));
    const caller = new AbortController();
    const outcome = run(engine, picture, { signal: caller.signal });
    while (!engine.calls.includes('observe')) await soon();
    caller.abort('enough');
    assert.deepEqual(engine.calls, ['begin', 'observe', 'end']);
    await assert.rejects(outcome, (reason) => reason === 'enough');
  });

  it('reports no further state', async () => {
    const caller = new AbortController();
    let shown = 0;
    const options = { signal: caller.signal, onState: () => void (shown += 1), onFirstTurn: () => caller.abort() };
    await assert.rejects(run(new Script(NEUTRAL, LEFT), picture, options), { name: 'AbortError' });
    await soon();
    assert.equal(shown, 1);
  });

  it('before the start begins no challenge', async () => {
    const engine = new Script(NEUTRAL);
    assert.throws(() => new MovementCheck(engine, { signal: AbortSignal.abort() }), { name: 'AbortError' });
    assert.deepEqual(engine.calls, []);
  });
});

describe('a second check', () => {
  it('is refused until the first is over or cancelled', async () => {
    const engine = new Script(NEUTRAL);
    // @ts-expect-error applications use `Facekey.load`
    const facekey = new Facekey(engine);
    const caller = new AbortController();
    const first = assert.rejects(facekey.checkMovement(picture, { signal: caller.signal }), { name: 'AbortError' });
    await assert.rejects(facekey.checkMovement(picture), withCode('already-checking'));
    assert.deepEqual(engine.calls, ['begin']);
    caller.abort();
    engine.answers = [PASSED];
    assert.equal(await facekey.checkMovement(picture), PROBES);
    await first;
    assert.deepEqual(engine.calls.filter((call) => call !== 'observe'), ['begin', 'end', 'begin', 'probes', 'end']);
    assert.equal(await facekey.checkMovement(picture), PROBES);
  });
});

describe('a video', () => {
  it('provides its frames as it shows them, with their own times', async () => {
    const engine = new Script(NEUTRAL, LEFT, PASSED);
    const video = new Video();
    const outcome = run(engine, video);
    await video.show({ captureTime: 1000, presentationTime: 1040 });
    await video.show({ captureTime: 1100, presentationTime: 1140 });
    await video.show({ presentationTime: 1240 });
    assert.equal(await outcome, PROBES);
    assert.deepEqual(engine.times, [1000, 1100, 1240]);
  });

  it('is read at intervals if the browser does not report frames', async () => {
    const engine = new Script(NEUTRAL, LEFT, PASSED);
    const before = performance.now();
    const { requestVideoFrameCallback: _, ...old } = { ...new Video(), requestVideoFrameCallback: 0 };
    assert.equal(await run(engine, old), PROBES);
    const [first, second] = engine.times;
    assert.ok(first >= before && second - first >= 50, engine.times.join());
  });

  it('is read again if it shows no new frame, so that the check detects the stall', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const engine = new Script({ status: 'failed', reason: 'stalled' });
    const video = new Video();
    const outcome = run(engine, video);
    outcome.catch(() => {});
    t.mock.timers.tick(1999);
    assert.equal(video.waiting.size, 1);
    t.mock.timers.tick(1);
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(video.waiting.size, 0);
    t.mock.timers.tick(1);
    await assert.rejects(outcome, { code: 'no-live-face', reason: 'stalled' });
  });

  it('ends the check when it ends, as when a camera is unplugged', async () => {
    for (const end of [{ ended: true }, { srcObject: { active: false } }]) {
      const engine = new Script(NEUTRAL);
      const video = new Video();
      const lost = assert.rejects(run(engine, video), withCode('camera-lost'));
      await video.show({ presentationTime: 1000 });
      await soon();
      Object.assign(video, end);
      await video.show({ presentationTime: 1100 });
      await lost;
      assert.deepEqual(engine.calls, ['begin', 'observe', 'end']);
    }
  });
});
