/**
 * The camera step: a full-screen dialog that shows the camera's picture in a ring with a progress
 * bar, one instruction at a time, and a cancel button. It handles the camera and the screen; the caller
 * analyses the pictures.
 */

import { FacekeyError } from '../errors.js';
import { Camera, listCameras } from './camera.js';
import { html, setText, svg } from './dom.js';
import { canSpeak, speak, stopSpeaking } from './voice.js';

/** How long a hint must last before it is shown, in milliseconds, so that it does not flicker. */
const HINT_DELAY = 500;

/** How long the device vibrates when an instruction has been followed, in milliseconds. */
const VIBRATION = 40;

const ICONS = {
  starting: 'M8 22v-8a6 6 0 0 1 6-6h8M42 8h8a6 6 0 0 1 6 6v8M56 42v8a6 6 0 0 1-6 6h-8M22 56h-8a6 6 0 0 1-6-6v-8',
  failed: 'M32 14v22M32 48v1',
  good: 'M14 34l12 12 24-26',
};

/**
 * What the visitor is to do now.
 * @typedef {object} Scene
 * @property {string} code of the instruction
 * @property {string} instruction
 * @property {string} [hint] why the work cannot continue
 * @property {'left' | 'right' | 'up' | 'down'} [direction] where to turn, as in a mirror
 * @property {{x: number, y: number}} [target] where to point the head, as in a mirror: `x` to the right
 *   and `y` down from the middle, 1 for the farthest target
 * @property {{x: number, y: number}} [pointer] where the head points
 * @property {number} reach how much of this instruction is done, from 0 to 1
 * @property {number} progress how much of the whole task is done, from 0 to 1
 * @property {string} count the progress in words, such as "2 of 5"
 */

/**
 * A button of a screen. With `again`, the button starts the step again. Otherwise the step closes, and then
 * `act` is called.
 * @typedef {object} Action
 * @property {string} label
 * @property {boolean} [again]
 * @property {() => void} [act]
 */

/**
 * What is shown in place of the camera's picture.
 * @typedef {object} Screen
 * @property {string} title
 * @property {string} text
 * @property {{text: string, share: number}[]} [parts] the progress of each part of the work, from 0 to 1
 * @property {Action[]} actions the first one is the main one
 */

/**
 * @template T
 * @typedef {object} Task
 * @property {string} label what the step is for, for screen readers
 * @property {(camera: LiveCamera) => Promise<T>} work
 * @property {(error: unknown) => Screen | undefined} onFailure what to show; without a screen
 *   the step closes and the error is thrown
 * @property {(result: T) => Screen} [onSuccess] what to show before the step closes
 * @property {AbortSignal} [signal] ends it
 */

/**
 * What a task can use.
 * @typedef {object} LiveCamera
 * @property {HTMLVideoElement} video
 * @property {(scene: Scene) => void} show
 * @property {AbortSignal} signal aborted when the visitor cancels or the camera goes away
 */

/**
 * The step's own texts.
 * @typedef {Record<'cancel' | 'close' | 'starting' | 'startingText' | 'camera' | 'speak' | 'progress', string>} Words
 */

/** Runs one task at a time. */
export class CameraStep {
  #words;
  #settings;
  #parts;
  #camera;
  /** Ends the running task. @type {AbortController | undefined} */
  #running;
  #hint = { text: '', since: 0 };
  /** The action of the pressed button, which is called after the step has closed. @type {(() => void) | undefined} */
  #next;

  /**
   * @param {ParentNode} root where its dialog is added
   * @param {object} options
   * @param {string} options.language of the words
   * @param {Words} options.words
   * @param {{speak: boolean}} options.settings the visitor's settings, which the step changes
   */
  constructor(root, { language, words, settings }) {
    this.#words = { language, ...words };
    this.#settings = settings;
    this.#parts = build(words);
    root.append(this.#parts.dialog);
    this.#camera = new Camera(this.#parts.video);
    this.#camera.onlost = () => this.#running?.abort(new FacekeyError('camera-lost'));
    const { dialog, cancel, voice, choice } = this.#parts;
    cancel.addEventListener('click', () => this.#cancel());
    dialog.addEventListener('cancel', (event) => {
      event.preventDefault();
      this.#cancel();
    });
    voice.addEventListener('change', () => {
      this.#settings.speak = voice.checked;
      if (!voice.checked) stopSpeaking();
    });
    choice.addEventListener('change', () => {
      void this.#open(choice.value).catch((error) => isAbort(error) || this.#running?.abort(error));
    });
  }

  /**
   * Opens the camera and does the work, and repeats this until the work succeeds or the visitor leaves.
   * Afterwards the camera is off.
   * @template T
   * @param {Task<T>} task
   * @returns {Promise<T>}
   * @throws {DOMException} an `AbortError` if the visitor left
   */
  async run(task) {
    const { dialog } = this.#parts;
    dialog.setAttribute('aria-label', task.label);
    dialog.showModal();
    try {
      for (;;) {
        const result = await this.#attempt(task);
        if (result) return result.value;
      }
    } finally {
      this.#camera.close();
      dialog.close();
      this.#setState('off');
      const next = this.#next;
      this.#next = undefined;
      if (next) setTimeout(next); // after the caller has finished its own work
    }
  }

  /**
   * @template T
   * @param {Task<T>} task
   * @returns {Promise<{value: T} | undefined>} nothing if the step must start again
   */
  async #attempt(task) {
    const running = (this.#running = new AbortController());
    const signal = task.signal ? AbortSignal.any([running.signal, task.signal]) : running.signal;
    try {
      const value = await this.#work(task, signal);
      const screen = task.onSuccess?.(value);
      if (screen) await this.#showScreen(screen, 'good', signal).catch(() => {});
      return { value };
    } catch (reason) {
      const error = signal.aborted ? signal.reason : reason;
      const screen = isAbort(error) ? undefined : task.onFailure(error);
      if (!screen) throw error;
      this.#parts.dialog.dataset.error = codeOf(error);
      this.#running = new AbortController();
      await this.#showScreen(screen, 'failed', this.#running.signal);
      return undefined;
    }
  }

  /**
   * @template T
   * @param {Task<T>} task
   * @param {AbortSignal} signal
   */
  async #work(task, signal) {
    const aborted = new Promise((_, reject) => {
      signal.throwIfAborted();
      signal.addEventListener('abort', () => reject(signal.reason));
    });
    const { starting: title, startingText: text } = this.#words;
    this.#notice({ title, text, actions: [] }, 'starting');
    try {
      await Promise.race([this.#open(), aborted]);
      this.#setState('live');
      const show = (/** @type {Scene} */ scene) => this.#show(scene);
      return /** @type {T} */ (await Promise.race([task.work({ video: this.#parts.video, show, signal }), aborted]));
    } finally {
      aborted.catch(() => {});
      this.#camera.close();
      stopSpeaking();
    }
  }

  /** @param {string} [deviceId] */
  async #open(deviceId) {
    await this.#camera.open(deviceId);
    const cameras = await listCameras();
    const { choice, dialog } = this.#parts;
    choice.replaceChildren(...cameras.map((it, index) => new Option(it.label || `${this.#words.camera} ${index + 1}`, it.deviceId)));
    choice.value = this.#camera.deviceId ?? '';
    dialog.toggleAttribute('data-choice', cameras.length > 1);
  }

  #cancel() {
    this.#running?.abort(new DOMException('the visitor cancelled', 'AbortError'));
  }

  /** @param {Scene} scene */
  #show({ code, instruction, hint = '', direction, target, pointer, reach, progress, count }) {
    const { dialog, ring, prompt, counter } = this.#parts;
    if (dialog.dataset.state !== 'live') return;
    place(ring, 'target', target);
    place(ring, 'pointer', pointer);
    ring.dataset.instruction = code;
    ring.dataset.direction = direction ?? '';
    ring.style.setProperty('--reach', reach.toFixed(3));
    ring.style.setProperty('--progress', progress.toFixed(3));
    ring.setAttribute('aria-valuenow', String(Math.round(100 * progress)));
    ring.setAttribute('aria-valuetext', count);
    setText(counter, count);
    this.#showHint(hint);
    if (prompt.textContent === instruction) return;
    if (prompt.textContent) navigator.vibrate?.(VIBRATION);
    setText(prompt, instruction);
    if (this.#settings.speak) speak(instruction, this.#words.language);
  }

  /** @param {string} hint */
  #showHint(hint) {
    const now = performance.now();
    if (this.#hint.text !== hint) this.#hint = { text: hint, since: now };
    if (now - this.#hint.since >= HINT_DELAY) setText(this.#parts.guidance, hint);
  }

  /**
   * Shows a screen until one of its buttons is pressed.
   * @param {Screen} screen
   * @param {'failed' | 'good'} state
   * @param {AbortSignal} signal
   * @returns {Promise<void>} resolves when the step must start again
   */
  #showScreen(screen, state, signal) {
    this.#notice(screen, state);
    return new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason));
      screen.actions.forEach(({ again, act }, index) => {
        const button = this.#parts.actions.children[index];
        button.addEventListener('click', () => {
          if (again) return resolve();
          this.#next = act;
          this.#cancel();
        });
      });
    });
  }

  /**
   * @param {Screen} screen
   * @param {'starting' | 'failed' | 'good'} state
   */
  #notice({ title, text, parts = [], actions }, state) {
    const { icon, title: heading, text: line, parts: list, actions: row } = this.#parts;
    icon.setAttribute('d', state === 'failed' ? ICONS.failed : ICONS[state]);
    setText(heading, title);
    setText(line, text);
    list.replaceChildren(...parts.map(partRow));
    row.replaceChildren(
      ...actions.map(({ label }, index) => html('button', { type: 'button', class: index === 0 ? 'main' : '' }, label)),
    );
    this.#setState(state);
    if (state !== 'starting') /** @type {HTMLElement} */ (row.firstElementChild ?? heading).focus();
  }

  /** @param {'off' | 'starting' | 'live' | 'failed' | 'good'} state */
  #setState(state) {
    const { dialog, prompt, guidance, counter, ring, voice, cancel, notice, stage } = this.#parts;
    dialog.dataset.state = state;
    if (state !== 'failed') delete dialog.dataset.error;
    voice.checked = this.#settings.speak;
    notice.hidden = state === 'live';
    stage.hidden = state !== 'live';
    cancel.textContent = state === 'failed' || state === 'good' ? this.#words.close : this.#words.cancel;
    for (const element of [prompt, guidance, counter]) setText(element, '');
    delete ring.dataset.instruction;
    place(ring, 'target', undefined);
    place(ring, 'pointer', undefined);
    this.#hint = { text: '', since: 0 };
  }
}

/** @param {Words} words */
function build(words) {
  const video = html('video', { id: 'video', playsinline: true, tabindex: '-1', 'aria-hidden': 'true' });
  video.muted = true;
  const prompt = html('p', { class: 'prompt', id: 'prompt', role: 'status' });
  const guidance = html('p', { class: 'guidance', id: 'guidance', role: 'status' });
  const counter = html('p', { class: 'counter', 'aria-hidden': 'true' });
  const ring = html('div', { class: 'ring', id: 'cue', role: 'progressbar', 'aria-label': words.progress, 'aria-valuemin': '0', 'aria-valuemax': '100' }, video, drawRing());
  const stage = html('div', { class: 'stage' }, prompt, ring, counter, guidance);
  const icon = svg('path');
  const title = html('h2', { id: 'notice-title', tabindex: '-1' });
  const text = html('p', { id: 'notice-text' });
  const parts = html('ul', { class: 'parts' });
  const actions = html('div', { class: 'actions' });
  const picture = svg('svg', { viewBox: '0 0 64 64', 'aria-hidden': 'true' }, icon);
  const notice = html('div', { class: 'notice', id: 'notice', role: 'status' }, picture, title, text, parts, actions);
  const voice = html('input', { type: 'checkbox', id: 'speak' });
  const choice = html('select', { id: 'camera', 'aria-label': words.camera });
  const cancel = html('button', { type: 'button', id: 'camera-cancel' }, words.cancel);
  const speech = html('label', { class: 'voice', hidden: !canSpeak }, voice, html('span', {}, words.speak));
  const bar = html('div', { class: 'bar' }, speech, choice, cancel);
  const dialog = html('dialog', { class: 'camera-step', id: 'viewfinder', 'data-state': 'off' }, stage, notice, bar);
  return { dialog, stage, video, prompt, guidance, counter, ring, notice, icon, title, text, parts, actions, voice, choice, cancel };
}

/**
 * Passes the position of a mark in the ring to the style sheet; without a position, hides the mark.
 * @param {HTMLElement} ring
 * @param {'target' | 'pointer'} mark
 * @param {{x: number, y: number} | undefined} at
 */
function place(ring, mark, at) {
  ring.toggleAttribute(`data-${mark}`, at !== undefined);
  if (!at) return;
  ring.style.setProperty(`--${mark}-x`, at.x.toFixed(3));
  ring.style.setProperty(`--${mark}-y`, at.y.toFixed(3));
}

/**
 * Draws the ring that shows the progress, an arc with an arrow on the side to turn to, the target, and the
 * pointer that shows where the head points.
 */
function drawRing() {
  const circle = (/** @type {string} */ name) => svg('circle', { class: name, r: '47', pathLength: '100', transform: 'rotate(-90)' });
  return svg(
    'svg',
    { viewBox: '-50 -50 100 100', 'aria-hidden': 'true' },
    circle('track'),
    circle('done'),
    svg(
      'g',
      { class: 'turn' },
      svg('circle', { class: 'arc', r: '47', pathLength: '360', transform: 'rotate(-35)' }),
      svg('circle', { class: 'reached', r: '47', pathLength: '360', transform: 'rotate(-35)' }),
      svg('path', { class: 'arrow', d: 'M33 -6L40 0L33 6' }),
    ),
    svg('circle', { class: 'target', r: '8' }),
    svg('circle', { class: 'pointer', r: '2.6' }),
  );
}

/** @param {{text: string, share: number}} part */
function partRow({ text, share }) {
  const value = Math.round(100 * Math.min(1, Math.max(0, share)));
  const meter = html('meter', { min: '0', max: '100', value: String(value) }, `${value} %`);
  return html('li', {}, html('label', {}, html('span', {}, text), meter));
}

/** @param {any} reason an error of the package or of the caller */
function codeOf(reason) {
  return typeof reason?.code === 'string' ? reason.code : 'unexpected';
}

/** @param {unknown} reason */
function isAbort(reason) {
  return reason instanceof DOMException && reason.name === 'AbortError';
}
