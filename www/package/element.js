/**
 * `<face-verifier>`: a full-screen step with the camera that guides the visitor through the movement
 * check, in any page or framework:
 *
 * ```html
 * <face-verifier max-fmr="0.001"><button>Unlock</button></face-verifier>
 * ```
 *
 * A click on it starts the check. The results are events:
 * - `verify`, with the {@link Decision} as its `detail`;
 * - `enrol`, with the {@link Template}, after `enrol()`;
 * - `trouble`, with the {@link FacekeyError}, which the visitor has already seen;
 * - `cancel`, if the visitor left.
 *
 * Parts to style: `step`, `prompt`, `guidance`, `counter`, `ring`, `video`, `notice`, `actions`,
 * `bar`. Custom properties: `--facekey-accent`, `--facekey-surface`, `--facekey-soft`,
 * `--facekey-line`, `--facekey-good`, `--facekey-bad`. Importing this module defines the element.
 * @module
 */

import { CameraStep } from './camera-step/camera-step.js';
import { movementScene, reached, TARGETS } from './camera-step/movement-scene.js';
import { wordsOf } from './camera-step/words.js';
import { Facekey, FacekeyError } from './facekey.js';
import { movement } from './movement.js';

/** @typedef {import('./facekey.js').Decision} Decision */
/** @typedef {import('./facekey.js').Template} Template */
/** @typedef {import('./camera-step/words.js').Words} Words */
/** @typedef {import('./camera-step/camera-step.js').LiveCamera} LiveCamera */

const CSS = new URL('./camera-step/camera-step.css', import.meta.url);

/** Names of the custom properties; the page sets them with the prefix `facekey-`. */
const PROPERTIES = ['accent', 'surface', 'soft', 'line', 'good', 'bad'];

const HOST_STYLE = `
  :host { display: inline-block; ${PROPERTIES.map((name) => `--${name}: var(--facekey-${name});`).join(' ')} }
  .camera-step, .camera-step * { box-sizing: border-box; }
  .camera-step { font: 1rem/1.5 system-ui, sans-serif; color: CanvasText; --stage: var(--surface, Canvas); }
  .camera-step p, .camera-step h2 { margin: 0; }
  .camera-step button { min-height: 2.75rem; padding: 0 1.25rem; font: inherit; border-radius: 0.6rem; border: 1px solid; background: none; color: inherit; cursor: pointer; }
  .camera-step button.main { background: var(--accent, #0f6069); border-color: transparent; color: #fff; }
  [hidden] { display: none !important; }
`;

/** The number of pictures for an enrolment, and the milliseconds between them, so that the pictures differ. */
const PICTURES = { count: 3, pause: 700 };

// A server that renders pages has no such class.
const Element = globalThis.HTMLElement ?? /** @type {typeof HTMLElement} */ (class {});

export class FaceVerifier extends Element {
  /** The engine. Set it to one that was loaded with `movement`, or leave it to be loaded when first needed. @type {Facekey | Promise<Facekey> | undefined} */
  facekey;
  /** The template of the person to verify. @type {Template | undefined} */
  template;
  /** Texts that replace the element's own. @type {Partial<Words>} */
  words = {};
  /** Whether instructions are spoken; the visitor can change this. */
  settings = { speak: false };
  #running = false;

  connectedCallback() {
    if (this.shadowRoot) return;
    const root = this.attachShadow({ mode: 'open' });
    const style = new CSSStyleSheet();
    style.replaceSync(HOST_STYLE);
    root.adoptedStyleSheets = [style];
    const slot = document.createElement('slot');
    slot.addEventListener('click', () => void this.verify().catch(() => {})); // reported by events
    root.append(slot);
  }

  /** When the element is removed from the page, ends the step and turns the camera off. */
  disconnectedCallback() {
    this.shadowRoot?.querySelector('dialog')?.dispatchEvent(new Event('cancel', { cancelable: true }));
  }

  /** The share of strangers that may pass, from the attribute `max-fmr`; 1 in 1,000 by default. */
  get maxFmr() {
    return Number(this.getAttribute('max-fmr') ?? 1e-3);
  }

  set maxFmr(rate) {
    this.setAttribute('max-fmr', String(rate));
  }

  /**
   * Guides the visitor through the movement check and compares the face with the template.
   * @param {Template} [template] the element's own by default
   * @returns {Promise<Decision>}
   * @throws {FacekeyError} the error that the visitor has already seen; an `AbortError` if the visitor left
   */
  verify(template = this.template) {
    return this.#run('verify', async (facekey, live, words) => {
      if (!template) throw new FacekeyError('bad-template');
      const onState = (/** @type {import('./facekey.js').ChallengeState} */ state) => {
        if (state.status === 'asking') live.show(scene(state, words));
      };
      const probes = await facekey.checkMovement(live.video, { signal: live.signal, onState });
      return facekey.verify(template, probes, { maxFmr: this.maxFmr });
    });
  }

  /**
   * Takes pictures of the person in front of the camera and makes a template from them.
   * @returns {Promise<Template>}
   * @throws {FacekeyError} the error that the visitor has already seen; an `AbortError` if the visitor left
   */
  enrol() {
    return this.#run('enrol', async (facekey, { video, show, signal }, words) => {
      const samples = [];
      while (samples.length < PICTURES.count) {
        const { frame, face, problem } = await facekey.detect(video).catch(asNoFace);
        signal.throwIfAborted();
        const sample = frame && face && (await facekey.embed(frame, { face }).catch(ignoreCovered));
        if (sample) samples.push(sample);
        show(pictureScene(samples.length, sample ? undefined : (problem ?? 'covered'), words));
        await new Promise((resolve) => setTimeout(resolve, sample ? PICTURES.pause : 0));
      }
      return facekey.enrol(samples);
    });
  }

  /**
   * @template T
   * @param {'verify' | 'enrol'} kind
   * @param {(facekey: Facekey, live: LiveCamera, words: Words) => Promise<T>} work
   * @returns {Promise<T>}
   */
  async #run(kind, work) {
    if (this.#running) throw new FacekeyError('already-checking');
    this.#running = true;
    const language = this.closest('[lang]')?.getAttribute('lang') || navigator.language;
    const words = wordsOf(language, this.words);
    /** @type {FacekeyError | undefined} */
    let trouble;
    try {
      const step = await this.#step(language, words);
      const detail = await step.run({
        label: words.label,
        work: async (live) => work(await this.#engine(), live, words),
        onFailure: (reason) => {
          trouble = FacekeyError.from(reason);
          return { title: words.failed, text: explanation(trouble, words), actions: [{ label: words.again, again: true }] };
        },
      });
      this.#emit(kind, detail);
      return detail;
    } catch (reason) {
      this.#emit(trouble ? 'trouble' : 'cancel', trouble);
      throw trouble ?? reason;
    } finally {
      this.#running = false;
    }
  }

  /** The engine. If loading failed, the next call tries again. */
  async #engine() {
    this.facekey ??= Facekey.load({ movement: movement() });
    try {
      this.facekey = await this.facekey;
      return this.facekey;
    } catch (reason) {
      this.facekey = undefined;
      throw reason;
    }
  }

  /**
   * Creates a new step with these texts.
   * @param {string} language
   * @param {Words} words
   */
  async #step(language, words) {
    const root = /** @type {ShadowRoot} */ (this.shadowRoot);
    root.querySelector('.camera-step')?.remove();
    if (!root.querySelector('link')) await styled(root);
    const step = new CameraStep(root, { language, words, settings: this.settings });
    for (const name of ['prompt', 'guidance', 'counter', 'ring', 'notice', 'actions', 'bar']) {
      root.querySelector(`.${name}`)?.setAttribute('part', name);
    }
    root.querySelector('.camera-step')?.setAttribute('part', 'step');
    root.querySelector('video')?.setAttribute('part', 'video');
    return step;
  }

  /**
   * @param {string} type
   * @param {unknown} detail
   */
  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

/** Loads the step's style sheet. @param {ShadowRoot} root */
function styled(root) {
  const link = Object.assign(document.createElement('link'), { rel: 'stylesheet', href: CSS.href });
  return new Promise((resolve) => {
    link.addEventListener('load', resolve, { once: true });
    link.addEventListener('error', resolve, { once: true });
    root.append(link);
  });
}

/** A video that shows nothing yet. @param {FacekeyError} error @returns {Partial<import('./facekey.js').Detected>} */
function asNoFace(error) {
  if (error.code !== 'picture-empty') throw error;
  return { problem: 'no-face' };
}

/** @param {FacekeyError} error what `embed` throws */
function ignoreCovered(error) {
  if (error.code !== 'covered') throw error;
}

/**
 * @param {Extract<import('./facekey.js').ChallengeState, {status: 'asking'}>} state
 * @param {Words} words
 */
function scene(state, words) {
  const { instruction, progress, hint } = state;
  const count = words.done.replace('{done}', String(reached(progress))).replace('{all}', String(TARGETS));
  const guidance = hint && (hint === 'again' ? words.once_more : words[hint]);
  return movementScene(state, { instruction: words[instruction], hint: guidance, count });
}

/**
 * @param {number} done
 * @param {string | undefined} problem
 * @param {Words} words
 */
function pictureScene(done, problem, words) {
  const count = words.taken.replace('{done}', String(done)).replace('{all}', String(PICTURES.count));
  return { code: 'neutral', instruction: words.neutral, hint: word(problem, words), reach: 1, progress: done / PICTURES.count, count };
}

/**
 * @param {FacekeyError} error
 * @param {Words} words
 */
function explanation({ reason, code, hint, message }, words) {
  return word(reason, words) ?? word(code, words) ?? word(hint, words) ?? message;
}

/**
 * @param {string | undefined} name
 * @param {Words} words
 * @returns {string | undefined}
 */
function word(name, words) {
  return /** @type {Record<string, string>} */ (words)[name ?? ''];
}

if (globalThis.customElements && !customElements.get('face-verifier')) customElements.define('face-verifier', FaceVerifier);
