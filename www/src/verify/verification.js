/** The task of verifying: from the form to the decision. */

import { movementScene, reached, TARGETS } from '../../package/camera-step/movement-scene.js';
import { PageError } from '../errors.js';
import { message } from '../locale.js';
import { guidance, instructionText, undecided } from '../messages.js';
import { byId, onFiles, setText } from '../ui/dom.js';
import { clearNotice, showError, showWorking } from '../ui/notice.js';
import { pickFace } from '../ui/pick-face.js';
import { comparable, compare, reasonOf } from './comparison.js';
import { showWait } from './countdown.js';
import { choosePerson, offerPeople, offerSkipping, offerStrictness, onChosen, readChoice } from './form.js';
import { FRAMES, takeProbes } from './probes.js';
import { hideResult, showResult, showUndecided } from './result-card.js';

/** @typedef {import('../../package/gallery/records.js').Person} Person */
/** @typedef {import('../../package/facekey.js').Facekey} Facekey */
/** @typedef {import('../../package/facekey.js').ChallengeState} ChallengeState */
/** @typedef {import('../../package/camera-step/camera-step.js').LiveCamera} LiveCamera */

/**
 * How certain it is that a person was there: `live` after the movement check, `unchecked` if it was skipped, `photo`
 * for a file.
 * @typedef {'live' | 'unchecked' | 'photo'} Liveness
 */

/**
 * The data for a decision. The try has already been counted.
 * @typedef {object} Taken
 * @property {ArrayLike<number>[]} probes
 * @property {Person[]} candidates to compare; some may have been deleted meanwhile
 * @property {import('./attempts.js').Row[]} countsBefore the candidates' counts of failures before this try
 */

const place = byId('verify-outcome', HTMLElement);

/** Fires `live-match` after a match with the movement check. */
export class Verification extends EventTarget {
  #parts;

  /**
   * @param {object} parts
   * @param {import('../engine.js').Engine} parts.engine
   * @param {import('../people/people.js').People} parts.people
   * @param {import('../settings/owner.js').Owner} parts.owner
   * @param {import('./attempts.js').Attempts} parts.attempts
   * @param {import('../history/history.js').History} parts.history
   * @param {import('../../package/camera-step/camera-step.js').CameraStep} parts.camera
   * @param {import('../task.js').Tasks} parts.tasks
   */
  constructor(parts) {
    super();
    this.#parts = parts;
    byId('verify', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
      void this.withCamera();
    });
    onFiles('verify-file', ([file]) => void this.withPhoto(file));
    onChosen(() => void this.showWait());
  }

  /** Updates the choices of the form. */
  show() {
    const { engine, people, owner } = this.#parts;
    offerPeople(people.contents.people, owner.rules.maySearch);
    offerSkipping(owner.rules.maySkip);
    if (engine.model) offerStrictness(engine.model, owner.rules.leastFmr);
    const isEmpty = people.isRead && !people.gallery.isLocked && !people.isReady;
    setText(byId('verify-hint', HTMLElement), isEmpty ? message('verify-nobody') : '');
  }

  /** Verifies one person at once, for example after an enrolment. @param {Person} person */
  tryOut(person) {
    choosePerson(person);
    return this.withCamera();
  }

  /** @param {{skip?: boolean}} [options] whether to skip the movement check; overrides the form */
  withCamera({ skip } = {}) {
    const { engine, owner, attempts, camera, tasks } = this.#parts;
    return tasks.run(place, async (signal) => {
      const choice = this.#choice();
      const skips = owner.rules.maySkip && (skip ?? choice.skipsMovement);
      if ((await attempts.wait(idsOf(choice.people))) > 0) throw new PageError('too-many-tries');
      const parts = new TargetsDone();
      const taken = await camera.run({
        label: message('verify-camera'),
        signal,
        work: async (live) => {
          const facekey = await engine.ready();
          const candidates = comparable(choice.people, facekey.model.id);
          parts.reset();
          hideResult();
          clearNotice();
          return skips
            ? this.#straightProbes(facekey, live, candidates)
            : this.#liveProbes(facekey, live, candidates, parts);
        },
        onFailure: (error) => {
          const failure = PageError.from(error);
          reportUndecided(failure); // so that the message is beside the button after the step closes
          return this.#failure(failure, parts, skips);
        },
      });
      await this.#decide(taken, choice, skips ? 'unchecked' : 'live', signal);
    }, reportUndecided);
  }

  /** @param {File} file */
  withPhoto(file) {
    const { engine, owner, attempts, tasks } = this.#parts;
    return tasks.run(place, async (signal) => {
      if (!owner.rules.maySkip) throw new PageError('photo-forbidden');
      const choice = this.#choice();
      showWorking(message('photo-looking'), { label: message('cancel'), act: () => tasks.cancel() });
      const facekey = await engine.ready();
      const candidates = comparable(choice.people, facekey.model.id);
      const detected = await facekey.detect(file);
      signal.throwIfAborted();
      const { embedding } = await facekey.embed(detected.frame, { face: await pickFace(signal)(detected) });
      signal.throwIfAborted();
      const countsBefore = await attempts.countFailures(idsOf(candidates));
      await this.#decide({ probes: [embedding], candidates, countsBefore }, choice, 'photo', signal);
    }, reportUndecided);
  }

  async showWait() {
    showWait(await this.#parts.attempts.wait(idsOf(this.#choice().people)));
  }

  #choice() {
    return readChoice(this.#parts.people.contents.people, this.#parts.owner.rules);
  }

  /**
   * @param {Facekey} facekey
   * @param {LiveCamera} live
   * @param {Person[]} candidates
   * @returns {Promise<Taken>}
   */
  async #straightProbes(facekey, { video, show, signal }, candidates) {
    const onFrame = (/** @type {number} */ done, problem = 'good') =>
      show({
        code: 'neutral',
        instruction: instructionText('neutral'),
        hint: guidance(problem),
        reach: 1,
        progress: done / FRAMES,
        count: message('pictures-taken', { done, all: FRAMES }),
      });
    const probes = await takeProbes(() => facekey.detect(video), facekey, { signal, onFrame });
    return { probes, candidates, countsBefore: await this.#parts.attempts.countFailures(idsOf(candidates)) };
  }

  /**
   * Takes the probes of a face that passes the movement check. It counts as a try from the first target on: otherwise
   * an attacker could see the targets, cancel and try again for free.
   * @param {Facekey} facekey
   * @param {LiveCamera} live
   * @param {Person[]} candidates
   * @param {TargetsDone} parts
   * @returns {Promise<Taken>}
   */
  async #liveProbes(facekey, { video, show, signal }, candidates, parts) {
    /** @type {import('./attempts.js').Row[]} */
    let countsBefore = [];
    try {
      const probes = await facekey.checkMovement(video, {
        signal,
        onState: (state) => {
          if (state.status !== 'asking') return;
          parts.take(state);
          show(sceneOf(state));
        },
        onFirstTurn: async () => void (countsBefore = await this.#parts.attempts.countFailures(idsOf(candidates))),
      });
      return { probes, candidates, countsBefore };
    } finally {
      await this.showWait();
    }
  }

  /**
   * @param {PageError} error
   * @param {TargetsDone} parts
   * @param {boolean} skipped whether the movement check was skipped
   * @returns {import('../../package/camera-step/camera-step.js').Screen | undefined}
   */
  #failure(error, parts, skipped) {
    const isCamera = error.code.startsWith('camera-');
    const reason = reasonOf(error);
    if (!isCamera && reason !== 'no-live-face' && reason !== 'poor-image') return undefined;
    const photo = { label: message('verify-photo'), act: () => byId('verify-file', HTMLInputElement).click() };
    const skip = { label: message('verify-skip-once'), act: () => void this.withCamera({ skip: true }) };
    const others = isCamera || skipped ? [photo] : [skip, photo];
    return {
      ...undecided(reason, error),
      parts: reason === 'no-live-face' ? parts.list() : [],
      actions: [{ label: message('camera-again'), again: true }, ...(this.#parts.owner.rules.maySkip ? others : [])],
    };
  }

  /**
   * @param {Taken} taken
   * @param {import('./form.js').Choice} choice
   * @param {Liveness} liveness
   * @param {AbortSignal} signal
   */
  async #decide({ probes, candidates, countsBefore }, { searching, targetFmr }, liveness, signal) {
    const { engine, people, attempts, history } = this.#parts;
    const facekey = await engine.ready();
    const present = people.contents.people.filter(({ id }) => candidates.some((candidate) => candidate.id === id));
    const outcome = await compare(facekey, probes, comparable(present, facekey.model.id), targetFmr);
    signal.throwIfAborted();
    if (outcome.accepted) await attempts.recordMatch(countsBefore, outcome.person.id);
    clearNotice();
    showResult(outcome, { searching, liveness });
    const verdict = outcome.accepted ? 'accepted' : 'refused';
    const name = searching && !outcome.accepted ? message('verify-anyone') : outcome.person.name;
    await history.add({ name, verdict, liveness });
    if (outcome.accepted && liveness === 'live') this.dispatchEvent(new Event('live-match'));
    await this.showWait();
  }
}

/** Records how close the head came to each target of a movement check. */
class TargetsDone {
  /** @type {number[]} */
  #shares = [];

  reset() {
    this.#shares = [];
  }

  /** @param {Extract<ChallengeState, {status: 'asking'}>} state */
  take({ instruction, reach, progress }) {
    const done = reached(progress);
    this.#shares.fill(1, 0, done);
    if (instruction === 'neutral' || done === TARGETS) return;
    this.#shares[done] = Math.max(this.#shares[done] ?? 0, reach);
  }

  /** The targets that were shown. */
  list() {
    return this.#shares.map((share, index) => ({ text: message('target-number', { number: index + 1 }), share }));
  }
}

/**
 * @param {Extract<ChallengeState, {status: 'asking'}>} state
 * @returns {import('../../package/camera-step/camera-step.js').Scene}
 */
function sceneOf(state) {
  const { instruction, progress, hint } = state;
  const count = message('targets-reached', { done: reached(progress), all: TARGETS });
  return movementScene(state, { instruction: instructionText(instruction), hint: hint && guidance(hint), count });
}

/** @param {Person[]} people */
function idsOf(people) {
  return people.map(({ id }) => id);
}

/** @param {PageError} error */
function reportUndecided(error) {
  const reason = reasonOf(error);
  clearNotice();
  if (reason) showUndecided(reason, error);
  else showError(error);
}
