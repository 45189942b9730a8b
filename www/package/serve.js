/**
 * The code of the worker, which owns one wasm engine, so that the page never freezes and a crash costs only one
 * worker. It only forwards calls to the engine.
 */

import * as Comlink from 'comlink';

/** @typedef {Pick<typeof import('../pkg/cpu/facekey.js').Engine, 'load'>} EngineClass */

/** @typedef {BufferSource | Response} Wasm */

/** The parts of an engine build that are used here. @typedef {{default: (wasm?: {module_or_path: Wasm}) => Promise<unknown>, Engine: EngineClass}} Bundle */

/** A frame from the page; `lent` if its pixels were moved here and must be moved back. @typedef {import('./types.js').Frame & {lent?: boolean}} SentFrame */

/** Time limit for `time`, in milliseconds. */
const TIMING_BUDGET = 2000;

/** The build that this worker runs. @type {{backend: import('./types.js').Backend, bundle: Bundle, readWasm: () => Promise<Wasm>}} */
let build;

/** @type {import('./types.js').Engine | undefined} */
let engine;

/** The running movement check. @type {import('./types.js').Challenge | undefined} */
let challenge;

/** Pending while the challenge processes a frame: until then it cannot be freed. @type {Promise<unknown>} */
let lastObservation = Promise.resolve();

const api = {
  /** Fetches and compiles the engine. */
  async prepare() {
    await build.bundle.default({ module_or_path: await build.readWasm() });
  },

  /**
   * @param {import('./types.js').Models} models
   * @returns {Promise<import('./types.js').EngineModel>}
   */
  async load({ detector, weights }) {
    engine = await build.bundle.Engine.load(detector, weights, build.backend);
    return engine.model;
  },

  /**
   * Lowest cosine between golden embeddings computed here and those stored with the weights.
   * @param {number} pictures how many of the four golden pictures to use
   */
  selfTest: (pictures) => loaded().selfTest(pictures),

  /** @param {SentFrame} frame */
  async detect(frame) {
    const { rgba, width, height, live } = frame;
    return returning(frame, await loaded().detect(rgba, width, height, live));
  },

  /**
   * @param {SentFrame} frame
   * @param {import('./detected.js').FaceChoice} choice
   */
  async embed(frame, choice) {
    const { rgba, width, height, live } = frame;
    return returning(frame, await loaded().embed(rgba, width, height, choice, live));
  },

  /**
   * Begins a movement check, which replaces the previous one.
   * @param {Uint8Array} mesh
   */
  async beginChallenge(mesh) {
    await api.endChallenge();
    challenge = loaded().challenge(mesh);
  },

  /** Ends the movement check, if there is one. */
  async endChallenge() {
    await lastObservation;
    challenge?.free();
    challenge = undefined;
  },

  /**
   * @param {import('./types.js').Frame} frame
   * @param {number} time when it was taken, in milliseconds
   */
  observe({ rgba, width, height }, time) {
    const observation = loaded().observe(currentChallenge(), rgba, width, height, time);
    lastObservation = observation.catch(() => {});
    return observation;
  },

  /** Embeddings of the face that passed the movement check. */
  probes: () => currentChallenge().probes(),

  /**
   * Compares a probe with each of several templates.
   * @param {Float32Array[]} templates
   * @param {Float32Array} probe
   * @param {number} fmr
   */
  decideEach: (templates, probe, fmr) => templates.map((samples) => loaded().decide(samples, probe, fmr)),

  /**
   * Median milliseconds to find and embed one face in a camera-sized frame: up to `runs` runs
   * within two seconds, after a first run that is not counted.
   * @param {number} runs
   */
  async time(runs) {
    const frame = blankFrame(640, 480);
    const times = [];
    const deadline = performance.now() + TIMING_BUDGET;
    for (let run = 0; run <= runs; run++) {
      const start = performance.now();
      await loaded().detect(frame.rgba, frame.width, frame.height, true);
      await loaded().embed(frame.rgba, frame.width, frame.height, FACE).catch(ignoreCovered);
      if (run > 0) times.push(performance.now() - start);
      if (times.length > 0 && performance.now() > deadline) break;
    }
    return times.sort((a, b) => a - b)[Math.floor(times.length / 2)];
  },
};

/** @typedef {typeof api} EngineApi */

/** The blank frame is embedded, but then refused as covered. @param {import('./errors.js').FacekeyError} error */
function ignoreCovered(error) {
  if (error.code !== 'covered') throw error;
}

/** A face in the middle of a 640x480 frame, to time the engine with. @type {import('./types.js').Face} */
const FACE = {
  bounds: { x: 220, y: 120, width: 200, height: 200 },
  score: 1,
  landmarks: {
    leftEye: { x: 280, y: 190 },
    rightEye: { x: 360, y: 190 },
    nose: { x: 320, y: 235 },
    mouth: { x: 320, y: 275 },
    leftEar: { x: 230, y: 205 },
    rightEar: { x: 410, y: 205 },
  },
  quality: { size: 80, brightness: 0.5, contrast: 0.2, sharpness: 1, yaw: 0, pitch: 0, roll: 0 },
};

/**
 * @param {number} width
 * @param {number} height
 */
function blankFrame(width, height) {
  return { rgba: new Uint8ClampedArray(width * height * 4).fill(128), width, height };
}

/**
 * The answer; if the frame is only lent, it also contains the frame, whose pixels move back to the page.
 * @template {object} T
 * @param {SentFrame} sent
 * @param {T} answer
 * @returns {T & {frame?: import('./types.js').Frame}}
 */
function returning({ lent, ...frame }, answer) {
  return lent ? Comlink.transfer({ ...answer, frame }, [frame.rgba.buffer]) : answer;
}

function loaded() {
  if (!engine) throw { code: 'engine-not-ready', message: 'the engine has not been loaded' };
  return engine;
}

function currentChallenge() {
  if (!challenge) throw { code: 'no-challenge', message: 'no movement check has been begun' };
  return challenge;
}

/**
 * Passes an error on with its code, as a plain object, because Comlink keeps only an error's name and message. A
 * trap (a Rust panic) leaves the instance unusable, so it has its own code.
 * @param {any} reason
 */
function rethrow(reason) {
  const trapped = reason instanceof WebAssembly.RuntimeError;
  throw {
    code: trapped ? 'engine-crashed' : (reason?.code ?? 'unexpected'),
    message: reason?.message ?? String(reason),
  };
}

const guarded = Object.fromEntries(
  Object.entries(api).map(([name, method]) => [
    name,
    async (/** @type {any[]} */ ...args) => {
      try {
        return await /** @type {Function} */ (method)(...args);
      } catch (reason) {
        rethrow(reason);
      }
    },
  ]),
);

/**
 * Answers the page's calls with an engine of this build.
 * @param {import('./types.js').Backend} backend
 * @param {Bundle} bundle
 * @param {object} host
 * @param {() => Promise<Wasm>} host.readWasm the bundle's WebAssembly
 * @param {Comlink.Endpoint} [host.endpoint] the source of the calls, if it is not a browser's page
 */
export function serve(backend, bundle, { readWasm, endpoint }) {
  build = { backend, bundle, readWasm };
  // A panic inside a future never settles its promise. It shows only here; the page receives an `error`
  // event of the worker.
  globalThis.addEventListener?.('unhandledrejection', (event) => reportError(event.reason));
  Comlink.expose(guarded, endpoint);
}
