/** The page: its parts put together. */

import './trusted-types.js';
import { checkAgreement } from '../package/agreement.js';
import { EMBEDDING_DIM } from '../package/embeddings.js';
import { EngineClient } from '../package/engine-client.js';
import { enrolFromCamera, enrolFromPhotos } from './enrol.js';
import { isAbort, PageError } from './errors.js';
import { findDouble, isStranger } from './enrol/likeness.js';
import { Gallery } from './gallery.js';
import { Database } from './gallery/database.js';
import { isExpired, standing } from './gallery/records.js';
import { askToPersist } from './gallery/storage.js';
import { Keeping } from './keeping.js';
import { list, message } from './locale.js';
import { levelName, photoReport, question, restarted } from './messages.js';
import { followVersion, keepForOfflineUse } from './offline.js';
import { checkMovement } from './movement.js';
import { readPhoto } from '../package/pictures.js';
import { look } from '../package/sight.js';
import { followHead, hideSteps, showStep } from './ui/coach.js';
import { askName, confirm } from './ui/dialog.js';
import { byId, make } from './ui/dom.js';
import { showEngine } from './ui/engine-panel.js';
import './ui/language.js';
import { showPeople } from './ui/people-list.js';
import { hideResult, showResult, showUndecided } from './ui/result-card.js';
import { agreedTerms, resetTerms } from './ui/terms.js';
import { hush, tell, tellError } from './ui/toast.js';
import { hideTurns, showTurn, STRAIGHT } from './ui/turns.js';
import { Viewfinder } from './ui/viewfinder.js';
import { showWait } from './ui/wait.js';
import { comparable, compare, reasonOf } from './verify.js';
import { levels, usualRate } from './verify/assurance.js';
import { Attempts } from './verify/attempts.js';
import { takeProbes } from './verify/probes.js';

/** @typedef {import('./gallery/records.js').Person} Person */

/** The value of "anyone who is enrolled" in the list of people to compare with. */
const ANYONE = '';

const engine = new EngineClient();
const viewfinder = new Viewfinder(engine);
const forms = { verify: byId('verify', HTMLFormElement), enrol: byId('enrol', HTMLFormElement) };
const whom = byId('whom', HTMLSelectElement);
const strictness = byId('strictness', HTMLSelectElement);
const skipMovement = byId('skip-movement', HTMLInputElement);
const nameField = byId('name', HTMLInputElement);
const reports = byId('photo-reports', HTMLElement);

const database = new Database();
const attempts = new Attempts(database);
const gallery = new Gallery(database);
const keeping = new Keeping(gallery, {
  change: refresh,
  unlock: forgiven,
  halt: () => task?.abort(),
});

/** @type {import('./gallery.js').Contents} */
let contents = { people: [], aside: [] };
/** Whose template the next enrolment replaces. @type {Person | undefined} */
let again;
/** Ends the task under way. @type {AbortController | undefined} */
let task;

// ---- Tasks ----------------------------------------------------------------------------------

/**
 * Runs one task at a time and tells what went wrong with it.
 * @param {(signal: AbortSignal) => Promise<void>} work
 * @param {(error: PageError) => void} [onError]
 */
async function run(work, onError = report) {
  task?.abort();
  const mine = (task = new AbortController());
  hush();
  hideResult();
  reports.replaceChildren();
  document.body.dataset.busy = 'true';
  try {
    await work(mine.signal);
  } catch (reason) {
    if (!isAbort(reason)) onError(PageError.from(reason));
  } finally {
    if (task === mine) {
      task = undefined;
      delete document.body.dataset.busy;
      hideSteps();
    }
  }
}

/** @param {PageError} error */
function report(error) {
  if (error.code.startsWith('camera-')) return; // the viewfinder shows these
  tellError(error);
}

function verifyWithCamera() {
  return run(async (signal) => {
    const candidates = chosenPeople();
    if ((await attempts.wait()) > 0) throw new PageError('too-many-tries');
    await viewfinder.open();
    if (skipMovement.checked) {
      const probes = await takeStraightProbes(signal);
      await attempts.charge();
      await decide(probes, candidates, 'unchecked', signal);
    } else {
      await decide(await takeLiveProbes(signal), candidates, 'live', signal);
    }
  }, reportUndecided);
}

/** @param {AbortSignal} signal */
async function takeStraightProbes(signal) {
  showTurn(STRAIGHT);
  try {
    return await takeProbes(viewfinder, engine, { signal });
  } finally {
    hideTurns();
  }
}

/**
 * Those of a face that does what is asked. From the first turn on it counts as a try, since who knows
 * the turns could prepare for them and try again.
 * @param {AbortSignal} signal
 */
async function takeLiveProbes(signal) {
  try {
    return await checkMovement(viewfinder, engine, {
      signal,
      onState: showTurn,
      onFirstTurn: () => attempts.charge(),
    });
  } finally {
    hideTurns();
    if (!signal.aborted) showWait(await attempts.wait());
  }
}

/** @param {File} file */
function verifyPhoto(file) {
  return run(async (signal) => {
    const candidates = chosenPeople();
    const sight = await look(engine, await readPhoto(file));
    signal.throwIfAborted();
    viewfinder.showPhoto(sight);
    if (!sight.face) throw new PageError(sight.problem ?? 'no-face');
    const probe = await engine.embed(sight.frame, sight.face);
    signal.throwIfAborted();
    await attempts.charge();
    await decide([probe], candidates, 'photo', signal);
  }, reportUndecided);
}

/**
 * To be called when the try has been counted.
 * @param {Float32Array[]} probes
 * @param {Person[]} candidates of whom some may have been deleted in the meantime
 * @param {import('./movement.js').Liveness} liveness
 * @param {AbortSignal} signal
 */
async function decide(probes, candidates, liveness, signal) {
  const kept = contents.people.filter(({ id }) => candidates.some((candidate) => candidate.id === id));
  const outcome = await compare(engine, probes, comparable(kept, engine.model.id), Number(strictness.value));
  signal.throwIfAborted();
  if (outcome.decision.accepted) await attempts.forgive();
  showResult(outcome, { searching: whom.value === ANYONE, liveness });
  showWait(await attempts.wait());
}

/** @param {PageError} error */
function reportUndecided(error) {
  const reason = reasonOf(error);
  if (reason) showUndecided(reason, error);
  else report(error);
}

/** Those to compare with, whose templates the running model can read. */
function chosenPeople() {
  const { people } = contents;
  const chosen = whom.value === ANYONE ? people : people.filter((person) => person.id === whom.value);
  return comparable(chosen, engine.model.id);
}

function enrolWithCamera() {
  return run(async (signal) => {
    const entry = await checkForm();
    await viewfinder.open();
    const samples = await enrolFromCamera(viewfinder, engine, { signal, onStep: showStep });
    hideSteps();
    await keep(samples, entry, signal);
  });
}

/** @param {File[]} files */
function enrolPhotos(files) {
  return run(async (signal) => {
    const entry = await checkForm();
    const onPhoto = (/** @type {number} */ count) => {
      const text = message('photos-progress', { done: count, all: files.length });
      reports.replaceChildren(make('li', { text }));
    };
    const found = await enrolFromPhotos(files, engine, { signal, onPhoto });
    reports.replaceChildren(...found.reports.map(photoLine));
    if (found.samples.length === 0) throw new PageError('no-samples');
    await keep(found.samples, entry, signal);
  });
}

/** @param {import('./enrol.js').PhotoReport} photo */
function photoLine(photo) {
  const { outcome } = photo;
  const line = make('li', { text: photoReport(photo) });
  line.dataset.code = typeof outcome === 'string' ? outcome : outcome.code;
  return line;
}

/**
 * Asks for the name and the agreement before the work and not after it, and holds on to whose
 * template it is to be: the form may be changed during the work.
 */
async function checkForm() {
  const replaced = again;
  const name = nameField.value;
  if (!replaced) {
    try {
      await gallery.checkName(name);
    } catch (reason) {
      nameField.focus();
      throw reason;
    }
  }
  return { replaced, name, terms: agreedTerms() };
}

/**
 * @param {Float32Array} samples
 * @param {Awaited<ReturnType<typeof checkForm>>} entry
 * @param {AbortSignal} signal
 */
async function keep(samples, { replaced, name, terms }, signal) {
  const modelId = engine.model.id;
  await checkAgreement(engine, samples);
  const double = await findDouble(engine, samples, contents.people, { modelId, except: replaced?.id });
  if (double && !(await confirm(question('question-double', { name: double.name })))) return;
  const stranger = replaced && (await isStranger(engine, samples, replaced, modelId));
  if (stranger && !(await confirm({ ...question('question-stranger', { name: replaced.name }), danger: true }))) return;
  await askToPersist();
  signal.throwIfAborted();
  const template = { modelId, samples, ...terms };
  const person = replaced
    ? await gallery.replaceTemplate(replaced.id, template)
    : await gallery.add({ name, ...template });
  await refresh();
  enrolAgain(undefined);
  resetTerms();
  const news = message('enrolled', { name: person.name, samples: samples.length / EMBEDDING_DIM });
  tell(news, 'enrolled', 'good');
}

// ---- People ---------------------------------------------------------------------------------

async function refresh() {
  contents = await gallery.list();
  showAll();
  await keeping.show(contents);
}

/** The passphrase does more than a face: failures before it count no more. */
async function forgiven() {
  await attempts.forgive();
  showWait(0);
  await refresh();
}

/** Nothing is read here, and what is under way is not kept: that would make a new database. */
function emptied() {
  task?.abort();
  contents = { people: [], aside: [] };
  enrolAgain(undefined);
  hideResult();
  showWait(0);
  showAll();
  void keeping.show(contents);
}

function showAll() {
  const { people, aside } = contents;
  const modelId = engine.state.model?.id;
  showPeople(contents, modelId, { onEnrolAgain: enrolAgain, onRename: rename, onDelete: remove });
  const expired = people.filter((person) => isExpired(person)).length;
  byId('delete-expired', HTMLElement).hidden = expired === 0;
  byId('delete-expired', HTMLElement).textContent = message('delete-expired', { count: expired });
  byId('nobody', HTMLElement).hidden = people.length + aside.length > 0 || gallery.isLocked;
  const chosen = whom.value;
  whom.replaceChildren(
    new Option(message('verify-anyone'), ANYONE),
    ...people.map((person) => new Option(person.name, person.id)),
  );
  whom.value = people.some((person) => person.id === chosen) ? chosen : ANYONE;
  const ready = people.some((person) => modelId !== undefined && standing(person, modelId) === 'ready');
  byId('verify-hint', HTMLElement).textContent = ready ? '' : message('verify-nobody');
}

/** @param {Person | undefined} person whose template to replace, or nobody */
function enrolAgain(person) {
  again = person;
  nameField.value = person?.name ?? '';
  nameField.readOnly = person !== undefined;
  byId('enrol-heading', HTMLElement).textContent = person
    ? message('enrol-heading-again', { name: person.name })
    : message('enrol-heading');
  byId('enrol-cancel', HTMLElement).hidden = !person;
  if (!person) return;
  chooseTask('enrol');
  byId('enrol-camera', HTMLElement).focus();
}

/** @param {Person} person */
async function rename(person) {
  const title = message('question-rename.title', { name: person.name });
  const done = await askName({ title, text: '', yes: message('question-rename.yes') }, person.name, async (name) => {
    await gallery.rename(person.id, name);
  });
  if (done) await reread();
}

/**
 * @param {string} name
 * @param {string} id
 */
async function remove(name, id) {
  if (await confirm({ ...question('question-delete', { name }), danger: true })) await removeNow([id]);
}

async function removeExpired() {
  const expired = contents.people.filter((person) => isExpired(person));
  const names = list(expired.map(({ name }) => name));
  const doubt = question('question-delete-expired', { count: expired.length, names });
  if (await confirm({ ...doubt, danger: true })) await removeNow(expired.map(({ id }) => id));
}

/** @param {string[]} ids */
async function removeNow(ids) {
  try {
    await gallery.remove(ids);
    hideResult();
    enrolAgain(undefined);
    await refresh();
  } catch (reason) {
    report(PageError.from(reason));
  }
}

// ---- Controls -------------------------------------------------------------------------------

/** @param {string} chosen */
function chooseTask(chosen) {
  for (const radio of document.querySelectorAll('input[name=task]')) {
    if (radio instanceof HTMLInputElement) radio.checked = radio.value === chosen;
  }
  forms.verify.hidden = chosen !== 'verify';
  forms.enrol.hidden = chosen !== 'enrol';
}

/** Offers the levels that the model's calibration supports, and names the others. */
function showStrictness() {
  if (strictness.options.length > 0) return;
  for (const level of levels(engine.model)) {
    const option = new Option(levelName(level), String(level.fmr));
    option.disabled = !level.supported;
    strictness.append(option);
  }
  strictness.value = String(usualRate(engine.model));
}

/**
 * @param {string} id of a file field
 * @param {(files: File[]) => void} act
 */
function onFiles(id, act) {
  const field = byId(id, HTMLInputElement);
  field.addEventListener('change', () => {
    const files = [...(field.files ?? [])];
    field.value = ''; // so that the same file can be chosen again
    if (files.length > 0) act(files);
  });
}

function connect() {
  document.querySelector('.switch')?.addEventListener('change', (event) => {
    task?.abort();
    hush();
    hideResult();
    chooseTask(/** @type {HTMLInputElement} */ (event.target).value);
  });
  forms.verify.addEventListener('submit', (event) => {
    event.preventDefault();
    void verifyWithCamera();
  });
  forms.enrol.addEventListener('submit', (event) => {
    event.preventDefault();
    void enrolWithCamera();
  });
  onFiles('verify-file', ([file]) => void verifyPhoto(file));
  onFiles('enrol-files', (files) => void enrolPhotos(files));
  byId('enrol-cancel', HTMLElement).addEventListener('click', () => {
    task?.abort();
    enrolAgain(undefined);
  });
  byId('delete-expired', HTMLElement).addEventListener('click', () => void removeExpired());
  viewfinder.addEventListener('sight', (event) => followHead(/** @type {CustomEvent} */ (event).detail));
  gallery.addEventListener('change', () => void reread());
  gallery.addEventListener('wiped', emptied);
  gallery.addEventListener('blocked', () => tellError(new PageError('storage-blocked')));
  gallery.addEventListener('outdated', () => tellError(new PageError('storage-newer')));
  engine.addEventListener('change', onEngineChange);
  engine.addEventListener('restart', (event) => {
    tell(restarted(/** @type {CustomEvent} */ (event).detail.lost), 'engine-restarted', 'news');
  });
}

/** The phase and model that the page was last shown for. */
let shownFor = '';

function onEngineChange() {
  const { state } = engine;
  showEngine(state);
  for (const control of document.querySelectorAll('[data-needs-engine]')) {
    control.toggleAttribute('disabled', state.phase !== 'ready');
  }
  const now = `${state.phase} ${state.model?.id}`;
  if (now === shownFor) return;
  shownFor = now;
  if (state.phase === 'failed' && state.error) tellError(state.error);
  if (state.phase === 'ready') {
    showStrictness();
    showAll();
  }
}

/** @returns {'auto' | import('../package/types.js').Backend} */
function chosenBackend() {
  const choice = new URLSearchParams(location.search).get('backend');
  return choice === 'cpu' || choice === 'webgpu' ? choice : 'auto';
}

async function reread() {
  try {
    await refresh();
  } catch (reason) {
    report(PageError.from(reason));
  }
}

async function openGallery() {
  if (!isSecureContext) return report(new PageError('storage-insecure'));
  const wait = attempts.wait().catch(() => 0);
  await reread();
  if (contents.people.length === 0) chooseTask('enrol');
  showWait(await wait);
}

async function startEngine() {
  await engine.start(chosenBackend());
  keepForOfflineUse(() => void keeping.show(contents)); // only now, lest its downloads delay the engine
}

followVersion();
connect();
chooseTask('verify');
onEngineChange();
await Promise.all([openGallery(), startEngine()]);
