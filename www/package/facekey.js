/**
 * Face verification wholly inside the browser: whether two pictures show one person, at a stated
 * false match rate.
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
import { chooseFace, detect } from './detected.js';
import { EMBEDDING_DIM, isEmbedding, join, joined, similarity } from './embeddings.js';
import { EngineClient } from './engine-client.js';
import { FacekeyError } from './errors.js';
import { search } from './identify.js';
import { MovementCheck, watch } from './movement-check.js';
import { isPicture, readPicture } from './pictures.js';

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
 * @property {string | URL} [baseUrl] where the files of the package lie, on your own host or a CDN,
 *   if not beside this module: the folder that holds `dist`, `models` and `pkg`
 * @property {Build} [webgpu] the build for WebGPU, from the package `facekey-webgpu`
 * @property {Movement} [movement] what `checkMovement` needs, from the package `facekey-movement`
 * @property {'auto' | Backend} [backend] `auto` (the default) computes on the CPU at once, and on
 *   WebGPU, if that is given, as soon as it has proved to give the same embeddings faster
 * @property {string | URL} [weights] address of weights of your own (`facenet.bpk`), instead of
 *   those in the package, which are for research and demonstration only
 * @property {AbortSignal} [signal] calls it off, which then fails with the signal's reason
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

/** What a face can be given as: an embedding, what `embed` gave, or a picture of the face. @typedef {ArrayLike<number> | Sample | PictureSource} FaceSource */

/**
 * What is kept of a person. Plain numbers: it can be stored as JSON, and should be encrypted.
 * @typedef {object} Template
 * @property {string} modelId the model that made the samples; others' cannot be compared with them
 * @property {ArrayLike<number>[] | Float32Array} samples embeddings, at least one; or, one after the
 *   other, in one array, as a gallery keeps them
 */

/**
 * Whether two pictures show one person.
 * @typedef {Omit<Decision, 'accepted'> & {samePerson: boolean, samples: [Sample, Sample]}} Comparison
 */

/** The false match rate that is kept to unless another is asked for: 1 in 1,000. */
const MAX_FMR = 1e-3;

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
   * Downloads the engine and the models and starts them in a worker.
   * @param {LoadOptions} [options]
   * @returns {Promise<Facekey>}
   * @throws {FacekeyError} `weights-…` or `detector-weights` where a file is missing or damaged,
   *   `self-test-failed` where this browser computes wrong results, `wasm-unsupported`
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
   * @returns {Promise<Detected>}
   * @throws {FacekeyError} where the picture cannot be read
   */
  async detect(source) {
    return detect(this.#engine, await readPicture(source));
  }

  /**
   * The embedding of a face: of the only one in a picture, unless told otherwise.
   * @param {PictureSource} source
   * @param {object} [options]
   * @param {FaceChoice} [options.face] `only` (the default), `largest`, or one that `detect` found,
   *   whose `frame` then should be the source
   * @returns {Promise<Sample>}
   * @throws {FacekeyError} `no-face`, `several-faces`, a `QualityIssue` such as `too-dark` or
   *   `covered`, or where the picture cannot be read
   */
  async embed(source, { face: choice = 'only' } = {}) {
    const frame = await readPicture(source);
    const face = await chooseFace(this.#engine, frame, choice);
    return { frame, face, embedding: await this.#engine.embed(frame, face) };
  }

  /**
   * Whether two pictures show one person.
   * @param {PictureSource | Sample} a or what `embed` gave
   * @param {PictureSource | Sample} b
   * @param {object} [options]
   * @param {number} [options.maxFmr] share of pairs of strangers that may pass, 1 in 1,000 if left out
   * @param {'only' | 'largest'} [options.face] which face of a picture is meant, `only` if left out
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
   * A template of one person: pictures or embeddings, two to five from different moments are best.
   * @param {FaceSource[]} faces
   * @returns {Promise<{modelId: string, samples: number[][]}>} a `Template`
   * @throws {FacekeyError} `samples-disagree` where they do not look like one person,
   *   `bad-embedding`, or as `embed` does
   */
  async enrol(faces) {
    const embeddings = await this.#embeddings(faces);
    await checkAgreement(this.#engine, join(embeddings));
    return { modelId: this.model.id, samples: embeddings.map((one) => Array.from(one)) };
  }

  /**
   * Asks whoever is before the camera to look straight ahead, to point the head at three targets drawn
   * at random, one after the other, and to look straight ahead again; about eight seconds. A photo cannot
   * do that. The first check downloads the face mesh (1.2 MB), whose place `load` was told by `movement`.
   * @param {MovementSource} source a video that plays, or a function that is called for each picture
   * @param {MovementOptions} [options]
   * @returns {Promise<Float32Array[]>} embeddings of the face that turned, to be given to `verify`,
   *   which knows them as live
   * @throws {FacekeyError} `no-live-face` with a `Failure` as its `reason`, `capture-timeout` with the
   *   last `Hint` where no good picture was seen for 20 seconds, `camera-lost` where the video ended,
   *   `already-checking` where another check is under way, `movement-missing` where `load` was given
   *   no `movement`, or where a picture cannot be read
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
   * Whether a face is the one of a template. Of several probes of one face, such as those of
   * `checkMovement`, the one with the median score decides.
   * @param {Template} template
   * @param {FaceSource | FaceSource[]} probe
   * @param {object} [options]
   * @param {number} [options.maxFmr] share of strangers that may pass, 1 in 1,000 if left out
   * @returns {Promise<Decision>}
   * @throws {FacekeyError} `other-model` where the template was made with other weights,
   *   `fmr-unsupported` where the calibration counts too few comparisons to keep to this rate,
   *   `bad-template`, `bad-embedding`, `bad-rate`, or as `embed` does
   */
  async verify(template, probe, { maxFmr = MAX_FMR } = {}) {
    const samples = this.#samples(template);
    const probes = await this.#embeddings(isSeveral(probe) ? probe : [probe]);
    const [decision] = await decideEach(this.#engine, [samples], probes, maxFmr, assuranceOf(probes));
    return decision;
  }

  /**
   * Whose face it is, of several templates. The rate is that of the whole search: a stranger has as
   * many chances as there are templates, so each comparison is the stricter the more there are.
   * @template {Template} T
   * @param {readonly T[]} templates
   * @param {FaceSource | FaceSource[]} probe
   * @param {object} [options]
   * @param {number} [options.maxFmr] share of strangers who may be taken for anybody of these, 1 in
   *   1,000 if left out
   * @param {number} [options.limit] how many of the nearest are told, 5 if left out
   * @returns {Promise<Identification<T>>}
   * @throws {FacekeyError} as `verify` does; `fmr-unsupported` where the rate is too low for as many
   */
  async identify(templates, probe, { maxFmr = MAX_FMR, limit = 5 } = {}) {
    const samples = templates.map((template) => this.#samples(template));
    const probes = await this.#embeddings(isSeveral(probe) ? probe : [probe]);
    const assurance = assuranceOf(probes);
    return search(this.#engine, { templates: [...templates], samples, probes }, { maxFmr, limit, assurance });
  }

  /** Ends the worker and frees its memory. Calls under way, and later ones, fail with `engine-closed`. */
  close() {
    this.#engine.close();
  }

  /**
   * The samples of a template, one after the other.
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
