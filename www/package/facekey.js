/**
 * Face verification wholly inside the browser: a picture in, an embedding out, and a decision about
 * whether two embeddings are of one person, at a stated false match rate.
 *
 * ```js
 * const facekey = await Facekey.load();
 * const { embedding } = await facekey.embed(photo);
 * const template = await facekey.enrol([embedding]);
 * const probes = await facekey.checkMovement(video, { onState: showWhatIsAsked });
 * const { accepted } = await facekey.verify(template, probes, { fmr: 1e-3 });
 * ```
 *
 * Everything is computed in a worker on this device; nothing is sent anywhere.
 * @module
 */

import { checkAgreement } from './agreement.js';
import { decideTogether } from './decision.js';
import { EMBEDDING_DIM, join, similarity, split } from './embeddings.js';
import { EngineClient } from './engine-client.js';
import { FacekeyError } from './errors.js';
import { MovementCheck, watch } from './movement.js';
import { readPicture } from './pictures.js';
import { look } from './sight.js';

export { EMBEDDING_DIM, FacekeyError, similarity };

/** @typedef {import('./types.js').Instruction} Instruction */
/** @typedef {import('./types.js').Backend} Backend */
/** @typedef {import('./types.js').ChallengeState} ChallengeState */
/** @typedef {import('./types.js').Decision} Decision */
/** @typedef {import('./engine-client.js').EngineState} EngineState */
/** @typedef {import('./types.js').Face} Face */
/** @typedef {import('./types.js').Failure} Failure */
/** @typedef {import('./types.js').Frame} Frame */
/** @typedef {import('./types.js').Hint} Hint */
/** @typedef {import('./types.js').Landmarks} Landmarks */
/** @typedef {import('./types.js').ModelInfo} ModelInfo */
/** @typedef {import('./types.js').Point} Point */
/** @typedef {import('./types.js').Quality} Quality */
/** @typedef {import('./types.js').QualityIssue} QualityIssue */
/** @typedef {import('./types.js').Rect} Rect */
/** @typedef {import('./types.js').Threshold} Threshold */
/** @typedef {import('./types.js').Training} Training */
/** @typedef {import('./errors.js').ErrorCode} ErrorCode */
/** @typedef {import('./models.js').Progress} Progress */
/** @typedef {import('./movement.js').MovementOptions} MovementOptions */
/** @typedef {import('./movement.js').MovementSource} MovementSource */
/** @typedef {import('./pictures.js').PictureSource} PictureSource */
/** @typedef {import('./sight.js').Sight} Sight */

/**
 * @typedef {object} LoadOptions
 * @property {'auto' | Backend} [backend] `auto` (the default) computes on the CPU at once, and on
 *   WebGPU as soon as that has proved to give the same embeddings faster
 * @property {string | URL} [weights] address of weights of your own (`facenet.bpk`), instead of
 *   those in the package, which are for research and demonstration only
 * @property {(progress: Progress) => void} [onProgress] called while the models are downloaded
 * @property {(state: EngineState) => void} [onChange] called whenever the state of the engine changes:
 *   while it loads, when another build takes over, and when it fails or is started again
 */

/**
 * One face of one picture, embedded.
 * @typedef {object} Sample
 * @property {Frame} frame the picture as it was looked at; positions are in its pixels
 * @property {Face} face
 * @property {Float32Array} embedding 128 numbers of length one
 */

/**
 * What is kept of a person. Plain numbers: it can be stored as JSON, and should be encrypted.
 * @typedef {object} Template
 * @property {string} modelId the model that made the samples; others' cannot be compared with them
 * @property {ArrayLike<number>[]} samples embeddings, at least one
 */

/** The engine, loaded and ready. */
export class Facekey {
  #engine;
  /** The last one. @type {MovementCheck | undefined} */
  #movement;

  /**
   * @param {EngineClient} engine
   * @private
   */
  constructor(engine) {
    this.#engine = engine;
  }

  /**
   * Downloads the models (about 1.5 MB) and starts the engine in a worker.
   * @param {LoadOptions} [options]
   * @returns {Promise<Facekey>}
   * @throws {FacekeyError} `weights-…` or `detector-weights` where a file is missing or damaged,
   *   `self-test-failed` where this browser computes wrong results
   */
  static async load({ backend = 'auto', weights, onProgress, onChange } = {}) {
    const engine = new EngineClient();
    engine.addEventListener('change', () => {
      const { phase, progress } = engine.state;
      if (phase === 'downloading' && progress) onProgress?.(progress);
      onChange?.(engine.state);
    });
    await engine.start(backend, weights);
    if (engine.state.phase === 'failed') throw engine.state.error;
    return new Facekey(engine);
  }

  /** What is known of the loaded model: its id, its thresholds, how it was trained. @returns {ModelInfo} */
  get model() {
    return this.#engine.model;
  }

  /** Which build computes at the moment; none while a crashed one is replaced. @returns {Backend | undefined} */
  get backend() {
    return this.#engine.state.backend;
  }

  /**
   * Settles when it is decided which build goes on to compute; until then it is the CPU's.
   * @returns {Promise<void>}
   */
  get settled() {
    return this.#engine.settled;
  }

  /**
   * All faces in a picture, the largest and most central first; and the one to work with, or what
   * stands in its way.
   * @param {PictureSource} source
   * @returns {Promise<Sight>}
   * @throws {FacekeyError} where the picture cannot be read
   */
  async look(source) {
    return look(this.#engine, await readPicture(source));
  }

  /**
   * The embedding of the only face in a picture, if it is good enough to be relied upon; or of any
   * face that `look` has found, which then should be given its own `frame`.
   * @param {PictureSource} source
   * @param {Face} [chosen] the face to embed, whatever its quality
   * @returns {Promise<Sample>}
   * @throws {FacekeyError} `no-face`, `several-faces`, a `QualityIssue` such as `too-dark`, or
   *   where the picture cannot be read
   */
  async embed(source, chosen) {
    const frame = await readPicture(source);
    const face = chosen ?? (await this.#onlyFace(frame));
    return { frame, face, embedding: await this.#engine.embed(frame, face) };
  }

  /**
   * A template of one person's embeddings: three to five from different moments are best.
   * @param {ArrayLike<number>[]} embeddings
   * @returns {Promise<Template>}
   * @throws {FacekeyError} `samples-disagree` where they do not look like one person, `bad-embedding`
   */
  async enrol(embeddings) {
    await checkAgreement(this.#engine, concatenated(embeddings));
    return { modelId: this.model.id, samples: embeddings.map((one) => Array.from(one)) };
  }

  /**
   * Asks whoever is before the camera to turn their head three times, in an order drawn at random,
   * and to look straight ahead before and after each turn; about ten seconds. A photo cannot do that.
   * @param {MovementSource} source a video that plays, or a function that is called for each picture
   * @param {MovementOptions} [options]
   * @returns {Promise<Float32Array[]>} embeddings of the face that turned, to be given to `verify`
   * @throws {FacekeyError} `no-live-face` with a `Failure` as its message, `capture-timeout` with the
   *   last `Hint` where no good picture was seen for 20 seconds, `camera-lost` where the video ended,
   *   `already-checking` where another check is under way, or where a picture cannot be read
   */
  async checkMovement(source, options = {}) {
    if (this.#movement?.isOver === false) throw new FacekeyError('already-checking');
    const check = new MovementCheck(this.#engine, options);
    this.#movement = check;
    void watch(check, source);
    return check.outcome;
  }

  /**
   * Whether a probe is of the person of a template, accepting at most the share `fmr` of strangers.
   * Of several probes of one face, such as those of `checkMovement`, the one in the middle decides.
   * @param {Template} template
   * @param {ArrayLike<number> | ArrayLike<number>[]} probe an embedding, or several
   * @param {object} [options]
   * @param {number} [options.fmr] false match rate, 1 in 1,000 if left out
   * @returns {Promise<Decision>}
   * @throws {FacekeyError} `other-model` where the template was made with other weights,
   *   `fmr-unsupported` where the calibration counts too few comparisons to state this rate,
   *   `bad-embedding`
   */
  async verify({ modelId, samples }, probe, { fmr = 1e-3 } = {}) {
    if (modelId !== this.model.id) throw new FacekeyError('other-model', `${modelId}, not ${this.model.id}`);
    const probes = split(concatenated(isSeveral(probe) ? probe : [probe]));
    const decision = await decideTogether(this.#engine, concatenated(samples), probes, fmr);
    if (decision.threshold === undefined) throw new FacekeyError('fmr-unsupported', String(fmr));
    return decision;
  }

  /** Ends the worker and frees its memory. Calls under way, and later ones, fail with `engine-closed`. */
  close() {
    this.#engine.close();
  }

  /** @param {Frame} frame */
  async #onlyFace(frame) {
    const { face, problem = 'no-face' } = await look(this.#engine, frame);
    if (!face) throw new FacekeyError(problem);
    return face;
  }
}

/**
 * @param {ArrayLike<number> | ArrayLike<number>[]} probe
 * @returns {probe is ArrayLike<number>[]}
 */
function isSeveral(probe) {
  return Array.isArray(probe) && typeof probe[0] !== 'number';
}

/**
 * @param {ArrayLike<number>[]} embeddings
 * @throws {FacekeyError} `bad-embedding`
 */
function concatenated(embeddings) {
  if (embeddings.length === 0 || !embeddings.every((one) => one?.length === EMBEDDING_DIM)) {
    throw new FacekeyError('bad-embedding', `each must have ${EMBEDDING_DIM} numbers`);
  }
  return join(embeddings);
}
