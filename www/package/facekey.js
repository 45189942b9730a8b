/**
 * Face verification inside the browser: whether two pictures show the same person, at a stated false
 * match rate.
 *
 * ```js
 * const facekey = await Facekey.load();
 * const template = await facekey.enrol([photo, another]);
 * const { accepted } = await facekey.verify(template, probe, { maxFmr: 1e-3 });
 * ```
 *
 * Everything is computed in a worker on this device; nothing is sent anywhere.
 * @module
 */

import { checkAgreement } from './agreement.js';
import { assuranceOf, decideEach, markLive } from './decision.js';
import { detect } from './detected.js';
import { EMBEDDING_DIM, isEmbedding, join, joined, similarity } from './embeddings.js';
import { EngineClient } from './engine-client.js';
import { FacekeyError } from './errors.js';
import { search } from './identify.js';
import { MovementCheck, watch } from './movement-check.js';
import { isFrame, isPicture, readPicture } from './pictures.js';

export { EMBEDDING_DIM, FacekeyError, similarity };

/** @typedef {import('./types.js').Aim} Aim */
/** @typedef {import('./types.js').Instruction} Instruction */
/** @typedef {import('./types.js').Backend} Backend */
/** @typedef {import('./types.js').ChallengeState} ChallengeState */
/** @typedef {import('./types.js').Face} Face */
/** @typedef {import('./types.js').Failure} Failure */
/** @typedef {import('./types.js').Frame} Frame */
/** @typedef {import('./types.js').Hint} Hint */
/** @typedef {import('./types.js').Landmarks} Landmarks */
/** @typedef {import('./types.js').Point} Point */
/** @typedef {import('./types.js').Quality} Quality */
/** @typedef {import('./types.js').QualityIssue} QualityIssue */
/** @typedef {import('./types.js').Rect} Rect */
/** @typedef {import('./types.js').Training} Training */
/** @typedef {import('./decision.js').Decision} Decision */
/** @typedef {import('./detected.js').Detected} Detected */
/** @typedef {import('./detected.js').FaceChoice} FaceChoice */
/** @typedef {import('./decision.js').Threshold} Threshold */
/** @typedef {import('./engine-client.js').EngineState} EngineState */
/** @typedef {import('./engine-client.js').ModelInfo} ModelInfo */
/** @typedef {import('./errors.js').ErrorCode} ErrorCode */
/** @typedef {import('./errors.js').ErrorHint} ErrorHint */
/** @typedef {import('./models.js').Amount} Amount */
/** @typedef {import('./models.js').Movement} Movement */
/** @typedef {import('./models.js').Part} Part */
/** @typedef {import('./models.js').Progress} Progress */
/** @typedef {import('./movement-check.js').MovementOptions} MovementOptions */
/** @typedef {import('./movement-check.js').MovementSource} MovementSource */
/** @typedef {import('./pictures.js').PictureSource} PictureSource */
/** @typedef {import('./workers.js').Build} Build */

/**
 * @template T
 * @typedef {import('./identify.js').Candidate<T>} Candidate
 */

/**
 * @template T
 * @typedef {import('./identify.js').Identification<T>} Identification
 */

/**
 * @typedef {object} LoadOptions
 * @property {string | URL} [baseUrl] the address of the package's files on your own host or a CDN,
 *   if they are not beside this module: the folder that contains `dist`, `models` and `pkg`
 * @property {Build} [webgpu] the build for WebGPU, from the package `facekey-webgpu`
 * @property {Movement} [movement] what `checkMovement` needs, from the package `facekey-movement`
 * @property {'auto' | Backend} [backend] `auto` (the default) starts on the CPU and switches to WebGPU,
 *   if `webgpu` is given and gives the same embeddings faster
 * @property {string | URL} [weights] address of weights of your own (`facenet.bpk`), instead of
 *   those in the package, which are for research and demonstration only
 * @property {AbortSignal} [signal] cancels loading, which then fails with the signal's reason
 * @property {(progress: Progress) => void} [onProgress] called while the models are downloaded
 * @property {(state: EngineState) => void} [onChange] called whenever the state of the engine changes:
 *   while it loads, when it switches to WebGPU, and when it fails or is restarted
 */

/**
 * One face of one picture, embedded.
 * @typedef {object} Sample
 * @property {Frame} frame the analysed picture; positions are in its pixels
 * @property {Face} face
 * @property {Float32Array} embedding 128 numbers of length one
 */

/** A face as an argument: an embedding, a result of `embed`, or a picture of the face. @typedef {ArrayLike<number> | Sample | PictureSource} FaceSource */

/**
 * The enrolled data of a person: plain numbers, which can be stored as JSON and should be encrypted.
 * @typedef {object} Template
 * @property {string} modelId the model that made the samples; samples of different models cannot be compared
 * @property {ArrayLike<number>[] | Float32Array} samples at least one embedding, as a list, or
 *   concatenated in one array as a gallery stores them
 */

/**
 * Whether two pictures show the same person.
 * @typedef {Omit<Decision, 'accepted'> & {samePerson: boolean, samples: [Sample, Sample]}} Comparison
 */

/** The default false match rate: 1 in 1,000. */
const MAX_FMR = 1e-3;

/** The engine, loaded and ready. */
export class Facekey {
  #engine;
  /** The last movement check. @type {MovementCheck | undefined} */
  #movement;

  /**
   * @param {EngineClient} engine
   * @private
   */
  constructor(engine) {
    this.#engine = engine;
  }

  /**
   * Downloads the engine and the models and starts them in a worker.
   * @param {LoadOptions} [options]
   * @returns {Promise<Facekey>}
   * @throws {FacekeyError} `weights-…` or `detector-weights` if a file is missing or damaged,
   *   `self-test-failed` if this browser computes wrong results, `wasm-unsupported`
   */
  static async load({ signal, onProgress, onChange, ...options } = {}) {
    signal?.throwIfAborted();
    const engine = new EngineClient();
    engine.addEventListener('change', () => {
      const { phase, progress } = engine.state;
      if (phase === 'downloading' && progress) onProgress?.(progress);
      onChange?.(engine.state);
    });
    const end = () => engine.close();
    signal?.addEventListener('abort', end);
    await engine.start(options);
    signal?.removeEventListener('abort', end);
    signal?.throwIfAborted();
    if (engine.state.phase === 'failed') throw engine.state.error;
    return new Facekey(engine);
  }

  /** The loaded model: its id, its thresholds, how it was trained. @returns {ModelInfo} */
  get model() {
    return this.#engine.model;
  }

  /** The build in use; undefined while a crashed one is being replaced. @returns {Backend | undefined} */
  get backend() {
    return this.#engine.state.backend;
  }

  /**
   * Settles when the choice between CPU and WebGPU is made; until then the CPU computes.
   * @returns {Promise<void>}
   */
  get settled() {
    return this.#engine.settled;
  }

  /**
   * All faces in a picture, the largest and most central first; and the face to use, or the reason why
   * there is none.
   * @param {PictureSource} source
   * @returns {Promise<Detected>}
   * @throws {FacekeyError} if the picture cannot be read
   */
  async detect(source) {
    return detect(this.#engine, await readPicture(source), { lend: !isFrame(source) });
  }

  /**
   * The embedding of a face; by default, of the only face in the picture.
   * @param {PictureSource} source
   * @param {object} [options]
   * @param {FaceChoice} [options.face] `only` (the default), `largest`, or one that `detect` found;
   *   in the last case, `source` should be the `frame` of that result
   * @returns {Promise<Sample>}
   * @throws {FacekeyError} `no-face`, `several-faces`, a `QualityIssue` such as `too-dark` or
   *   `covered`, or if the picture cannot be read
   */
  async embed(source, { face: choice = 'only' } = {}) {
    return this.#engine.embed(await readPicture(source), choice, { lend: !isFrame(source) });
  }

  /**
   * Whether two pictures show the same person.
   * @param {PictureSource | Sample} a or a result of `embed`
   * @param {PictureSource | Sample} b
   * @param {object} [options]
   * @param {number} [options.maxFmr] share of pairs of strangers that may pass, 1 in 1,000 by default
   * @param {'only' | 'largest'} [options.face] which face of a picture to use, `only` by default
   * @returns {Promise<Comparison>}
   * @throws {FacekeyError} as `embed` and `verify` do
   */
  async compare(a, b, { maxFmr = MAX_FMR, face } = {}) {
    const sample = (/** @type {PictureSource | Sample} */ it) => (isSample(it) ? it : this.embed(it, { face }));
    const samples = await Promise.all([sample(a), sample(b)]);
    const [one, other] = samples.map(({ embedding }) => embedding);
    const [{ accepted, ...decision }] = await decideEach(this.#engine, [one], [other], maxFmr, 'picture');
    return { samePerson: accepted, ...decision, samples };
  }

  /**
   * Makes a template of one person from pictures or embeddings; two to five from different moments are best.
   * @param {FaceSource[]} faces
   * @returns {Promise<{modelId: string, samples: number[][]}>} a `Template`
   * @throws {FacekeyError} `samples-disagree` if they do not look like one person,
   *   `bad-embedding`, or as `embed` does
   */
  async enrol(faces) {
    const embeddings = await this.#embeddings(faces);
    await checkAgreement(this.#engine, join(embeddings));
    return { modelId: this.model.id, samples: embeddings.map((one) => Array.from(one)) };
  }

  /**
   * Asks the person in front of the camera to look straight ahead, to point the head at three random targets,
   * one after the other, and to look straight ahead again. This takes about eight seconds. A photo cannot do
   * it. The first check downloads the face mesh (1.2 MB) from the address in the option `movement` of `load`.
   * @param {MovementSource} source a playing video, or a function that returns the next picture
   * @param {MovementOptions} [options]
   * @returns {Promise<Float32Array[]>} embeddings of the face that turned; `verify` recognises them as
   *   live
   * @throws {FacekeyError} `no-live-face` with a `Failure` as its `reason`, `capture-timeout` with the
   *   last `Hint` if no good picture was seen for 20 seconds, `camera-lost` if the video ended,
   *   `already-checking` if another check is running, `movement-missing` if `load` got no `movement`, or
   *   an error of `embed` if a picture cannot be read
   */
  async checkMovement(source, options = {}) {
    if (this.#movement?.isOver === false) throw new FacekeyError('already-checking');
    const check = new MovementCheck(this.#engine, options);
    this.#movement = check;
    void watch(check, source);
    const probes = await check.outcome;
    probes.forEach(markLive);
    return probes;
  }

  /**
   * Whether a face belongs to the person of a template. If there are several probes of one face, such as
   * those of `checkMovement`, the probe with the median score decides.
   * @param {Template} template
   * @param {FaceSource | FaceSource[]} probe
   * @param {object} [options]
   * @param {number} [options.maxFmr] share of strangers that may pass, 1 in 1,000 if left out
   * @returns {Promise<Decision>}
   * @throws {FacekeyError} `other-model` if the template was made with other weights,
   *   `fmr-unsupported` if the calibration has too few comparisons for this rate,
   *   `bad-template`, `bad-embedding`, `bad-rate`, or as `embed` does
   */
  async verify(template, probe, { maxFmr = MAX_FMR } = {}) {
    const samples = this.#samples(template);
    const probes = await this.#embeddings(isSeveral(probe) ? probe : [probe]);
    const [decision] = await decideEach(this.#engine, [samples], probes, maxFmr, assuranceOf(probes));
    return decision;
  }

  /**
   * Finds the person of a face among several templates. The rate is that of the whole search: a stranger has
   * as many chances as there are templates, so more templates make each comparison stricter.
   * @template {Template} T
   * @param {readonly T[]} templates
   * @param {FaceSource | FaceSource[]} probe
   * @param {object} [options]
   * @param {number} [options.maxFmr] share of strangers who may match any of the templates, 1 in
   *   1,000 by default
   * @param {number} [options.limit] how many of the nearest are returned, 5 by default
   * @returns {Promise<Identification<T>>}
   * @throws {FacekeyError} as `verify` does; `fmr-unsupported` if the rate is too low for so many
   *   templates
   */
  async identify(templates, probe, { maxFmr = MAX_FMR, limit = 5 } = {}) {
    const samples = templates.map((template) => this.#samples(template));
    const probes = await this.#embeddings(isSeveral(probe) ? probe : [probe]);
    const assurance = assuranceOf(probes);
    return search(this.#engine, { templates: [...templates], samples, probes }, { maxFmr, limit, assurance });
  }

  /** Ends the worker and frees its memory. Pending and later calls fail with `engine-closed`. */
  close() {
    this.#engine.close();
  }

  /**
   * The samples of a template, concatenated.
   * @param {Template} template
   */
  #samples(template) {
    const { modelId, samples } = template ?? {};
    if (typeof modelId !== 'string') throw new FacekeyError('bad-template');
    if (modelId !== this.model.id) throw new FacekeyError('other-model', `${modelId}, not ${this.model.id}`);
    return joined(samples);
  }

  /** @param {FaceSource[]} faces */
  async #embeddings(faces) {
    if (!Array.isArray(faces) || faces.length === 0) throw new FacekeyError('bad-embedding', 'there is none');
    return Promise.all(faces.map((face) => this.#embedding(face)));
  }

  /** @param {FaceSource} face @returns {Promise<Float32Array>} */
  async #embedding(face) {
    if (isPicture(face)) return (await this.embed(face)).embedding;
    const embedding = isSample(face) ? face.embedding : face;
    if (!isEmbedding(embedding)) throw new FacekeyError('bad-embedding');
    return embedding instanceof Float32Array ? embedding : Float32Array.from(embedding);
  }
}

/**
 * @param {unknown} value
 * @returns {value is Sample}
 */
function isSample(value) {
  return typeof value === 'object' && value !== null && 'embedding' in value;
}

/**
 * @param {FaceSource | FaceSource[]} probe
 * @returns {probe is FaceSource[]}
 */
function isSeveral(probe) {
  return Array.isArray(probe) && typeof probe[0] !== 'number';
}
