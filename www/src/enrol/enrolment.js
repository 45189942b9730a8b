/** The task of enrolling: from the form to the stored template. */

import { PageError } from '../errors.js';
import { askToPersist } from '../keeping/storage.js';
import { message } from '../locale.js';
import { enrolFailure, guidance, photoReport, poseText, question } from '../messages.js';
import { confirm } from '../ui/dialog.js';
import { byId, make, onFiles } from '../ui/dom.js';
import { clearNotice, showError, showNotice, showWorking } from '../ui/notice.js';
import { pickFace } from '../ui/pick-face.js';
import { fieldOf, isReplacedPersonDeleted, readEntry, resetForm } from './form.js';
import { enrolFromCamera } from './from-camera.js';
import { enrolFromPhotos } from './from-photos.js';
import { findDuplicate, isStranger } from './likeness.js';
import { POSES } from './poses.js';

/** @typedef {import('../../package/gallery/records.js').Person} Person */
/** @typedef {import('./form.js').Entry} Entry */

/** Where to turn for each pose, in the mirrored picture. @type {Partial<Record<import('./poses.js').Pose, 'left' | 'right' | 'up' | 'down'>>} */
const DIRECTIONS = { left: 'left', right: 'right', up: 'up', down: 'down' };

const place = byId('enrol-outcome', HTMLElement);
const reports = byId('photo-reports', HTMLElement);

export class Enrolment {
  #parts;
  /** Photos that were chosen before the form was complete. @type {File[]} */
  #waiting = [];

  /**
   * @param {object} parts
   * @param {import('../engine.js').Engine} parts.engine
   * @param {import('../people/people.js').People} parts.people
   * @param {import('../../package/camera-step/camera-step.js').CameraStep} parts.camera
   * @param {import('../task.js').Tasks} parts.tasks
   * @param {(person: Person) => void} parts.onTry called if the visitor wants to try the template
   */
  constructor(parts) {
    this.#parts = parts;
    byId('enrol', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
      void (this.#waiting.length > 0 ? this.fromPhotos(this.#waiting) : this.fromCamera());
    });
    parts.people.addEventListener('change', () => {
      if (isReplacedPersonDeleted(parts.people.contents.people)) this.prepare(undefined);
    });
    onFiles('enrol-files', (files) => void this.fromPhotos(files));
    byId('enrol-cancel', HTMLElement).addEventListener('click', () => this.prepare(undefined));
  }

  /** Resets the form. @param {Person | undefined} person whose template will be replaced, if any */
  prepare(person) {
    this.#setWaiting([]);
    resetForm(person);
  }

  fromCamera() {
    const { engine, camera, onTry } = this.#parts;
    return this.#run(async (signal) => {
      const entry = await this.#entry();
      await camera.run({
        label: message('enrol-camera'),
        signal,
        work: async ({ video, show, signal }) => {
          clearNotice();
          const facekey = await engine.ready();
          const onStep = (/** @type {import('./from-camera.js').Step} */ step) => show(sceneOf(step));
          const samples = await enrolFromCamera(() => facekey.detect(video), facekey, { signal, onStep });
          const person = await this.#save(facekey, samples, entry, signal);
          this.#showEnrolled(person);
          return person;
        },
        onFailure: (error) => {
          const failure = PageError.from(error);
          showError(failure); // so that the message is beside the button after the step closes
          return {
            ...enrolFailure(failure),
            actions: [
              { label: message('camera-again'), again: true },
              { label: message('enrol-photos'), act: () => byId('enrol-files', HTMLInputElement).click() },
            ],
          };
        },
        onSuccess: (person) => ({
          title: message('enrol-done'),
          text: message('enrolled', { name: person.name }),
          actions: [{ label: message('enrol-try'), act: () => onTry(person) }],
        }),
      });
    });
  }

  /** @param {File[]} files */
  fromPhotos(files) {
    const { engine, tasks } = this.#parts;
    return this.#run(async (signal) => {
      this.#setWaiting(files);
      const entry = await this.#entry();
      this.#setWaiting([]);
      const cancel = { label: message('cancel'), act: () => tasks.cancel() };
      const progress = (/** @type {number} */ done) =>
        showWorking(message('photos-progress', { done, all: files.length }), cancel);
      progress(0);
      const facekey = await engine.ready();
      signal.throwIfAborted();
      const pick = pickFace(signal);
      const found = await enrolFromPhotos(files, facekey, { signal, onPhoto: progress, pick });
      if (found.samples.length === 0) {
        reports.replaceChildren(...found.reports.map(photoLine));
        throw new PageError('no-samples');
      }
      const person = await this.#save(facekey, found.samples, entry, signal);
      reports.replaceChildren(...found.reports.map(photoLine));
      this.#showEnrolled(person);
    });
  }

  /** @param {Person} person */
  #showEnrolled(person) {
    const action = { label: message('enrol-try'), act: () => this.#parts.onTry(person) };
    showNotice(message('enrolled', { name: person.name }), 'enrolled', 'success', action);
  }

  /** @param {import('../task.js').Work} work */
  async #run(work) {
    reports.replaceChildren();
    /** @type {HTMLElement | undefined} */
    let missingField;
    await this.#parts.tasks.run(place, work, (error) => {
      missingField = fieldOf(error);
      const hasWaiting = this.#waiting.length > 0;
      showError(error, hasWaiting ? { label: message('photos-go-on', { count: this.#waiting.length }), act: () => void this.fromPhotos(this.#waiting) } : undefined);
    });
    missingField?.focus(); // the form is unlocked by now
  }

  /** Checks the name and the consent before the work starts. */
  #entry() {
    return readEntry((name) => this.#parts.people.gallery.checkName(name));
  }

  /**
   * @param {import('../../package/facekey.js').Facekey} facekey
   * @param {Float32Array[]} samples
   * @param {Entry} entry
   * @param {AbortSignal} signal
   * @returns {Promise<Person>}
   */
  async #save(facekey, samples, { replaced, name, terms }, signal) {
    const { people } = this.#parts;
    const template = await facekey.enrol(samples);
    const duplicate = await findDuplicate(facekey, template, people.contents.people, replaced?.id);
    if (duplicate) await confirmOrAbort(question('question-double', { name: duplicate.name }));
    if (replaced && (await isStranger(facekey, template, replaced))) {
      await confirmOrAbort({ ...question('question-stranger', { name: replaced.name }), danger: true });
    }
    askToPersist();
    signal.throwIfAborted();
    const { modelId } = template;
    const record = { modelId, samples: Float32Array.from(template.samples.flat()), ...terms };
    const person = replaced
      ? await people.gallery.replaceTemplate(replaced.id, record)
      : await people.gallery.add({ name, ...record });
    await people.refresh();
    this.prepare(undefined);
    return person;
  }

  /** @param {File[]} files */
  #setWaiting(files) {
    this.#waiting = files;
  }
}

/**
 * @param {import('../ui/dialog.js').Question} asked
 * @throws {DOMException} an `AbortError` if the visitor does not agree
 */
async function confirmOrAbort(asked) {
  if (!(await confirm(asked))) throw new DOMException('the visitor did not agree', 'AbortError');
}

/** @param {import('./from-camera.js').Step} step @returns {import('../../package/camera-step/camera-step.js').Scene} */
function sceneOf({ pose, done, reach, advice, problem }) {
  return {
    code: pose,
    instruction: poseText(pose),
    hint: advice ? message(`advice-${advice}`) : problem && guidance(problem),
    direction: DIRECTIONS[pose],
    reach,
    progress: done / POSES.length,
    count: message('looks-taken', { done, all: POSES.length }),
  };
}

/** @param {import('./from-photos.js').PhotoReport} photo */
function photoLine(photo) {
  const { outcome } = photo;
  const line = make('li', { text: photoReport(photo) });
  line.dataset.code = typeof outcome === 'string' ? outcome : outcome.code;
  return line;
}
