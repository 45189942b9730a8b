/** The page: its parts put together. */

import { EngineClient } from './engine-client.js';
import { CAMERA_SAMPLES, enrolFromCamera, enrolFromPhotos } from './enrol.js';
import { isAbort, PageError } from './errors.js';
import { EMBEDDING_DIM, Gallery, standing } from './gallery.js';
import { guidance, oneIn, photoProblem, plural, restarted } from './messages.js';
import { readPhoto } from './pictures.js';
import { look } from './sight.js';
import { askName, confirm } from './ui/dialog.js';
import { byId, make } from './ui/dom.js';
import { showEngine } from './ui/engine-panel.js';
import { showPeople } from './ui/people-list.js';
import { hideResult, showResult } from './ui/result-card.js';
import { hideRing, showRing } from './ui/ring.js';
import { hush, tell, tellError } from './ui/toast.js';
import { Viewfinder } from './ui/viewfinder.js';
import { compare } from './verify.js';

/** @typedef {import('./gallery.js').Person} Person */

/** The value of "anyone who is enrolled" in the list of people to compare with. */
const ANYONE = '';

/** False match rate that is chosen at first, where the model supports it. */
const USUAL_FMR = 1e-3;

const engine = new EngineClient();
const viewfinder = new Viewfinder(engine);
const forms = { verify: byId('verify', HTMLFormElement), enrol: byId('enrol', HTMLFormElement) };
const whom = byId('whom', HTMLSelectElement);
const strictness = byId('strictness', HTMLSelectElement);
const nameField = byId('name', HTMLInputElement);
const reports = byId('photo-reports', HTMLElement);

/** @type {Gallery | undefined} */
let gallery;
/** @type {Person[]} */
let people = [];
/** Whose template the next enrolment replaces. @type {Person | undefined} */
let again;
/** Ends the task under way. @type {AbortController | undefined} */
let task;

// ---- Tasks ----------------------------------------------------------------------------------

/**
 * Runs one task at a time and tells what went wrong with it.
 * @param {(signal: AbortSignal) => Promise<void>} work
 */
async function run(work) {
  task?.abort();
  const mine = (task = new AbortController());
  hush();
  hideResult();
  reports.replaceChildren();
  document.body.dataset.busy = 'true';
  try {
    await work(mine.signal);
  } catch (reason) {
    if (!isAbort(reason)) report(PageError.from(reason));
  } finally {
    if (task === mine) {
      task = undefined;
      delete document.body.dataset.busy;
      hideRing();
    }
  }
}

/** @param {PageError} error */
function report(error) {
  if (error.code.startsWith('camera-')) return; // the viewfinder shows these
  if (error.code === 'capture-timeout') {
    tell(`No clear picture of a face. ${guidance(error.message)}`, error.code);
  } else {
    tellError(error);
  }
}

function verifyWithCamera() {
  return run(async (signal) => {
    const candidates = chosenPeople();
    await viewfinder.open();
    const { frame, face } = await viewfinder.capture(signal);
    const probe = await engine.embed(frame, face);
    signal.throwIfAborted();
    await decide(probe, candidates);
  });
}

/** @param {File} file */
function verifyPhoto(file) {
  return run(async () => {
    const candidates = chosenPeople();
    const sight = await look(engine, await readPhoto(file));
    viewfinder.showPhoto(sight);
    if (!sight.face) throw new PageError(sight.problem ?? 'no-face');
    await decide(await engine.embed(sight.frame, sight.face), candidates);
  });
}

/**
 * @param {Float32Array} probe
 * @param {Person[]} candidates
 */
async function decide(probe, candidates) {
  const outcome = await compare(engine, probe, candidates, Number(strictness.value));
  showResult(outcome, whom.value === ANYONE, engine.model);
}

/** Those to compare with, whose templates the running model can read. */
function chosenPeople() {
  const { id } = engine.model;
  const ready = people.filter((person) => standing(person, id) === 'ready');
  const chosen = whom.value === ANYONE ? ready : ready.filter((person) => person.id === whom.value);
  if (chosen.length === 0) throw new PageError('nobody-enrolled');
  return chosen;
}

function enrolWithCamera() {
  return run(async (signal) => {
    checkName();
    await viewfinder.open();
    showRing(0, CAMERA_SAMPLES);
    const samples = await enrolFromCamera(viewfinder, engine, {
      signal,
      onSample: (count) => showRing(count, CAMERA_SAMPLES),
    });
    await keep(samples);
  });
}

/** @param {File[]} files */
function enrolPhotos(files) {
  return run(async () => {
    checkName();
    const samples = await enrolFromPhotos(files, engine, ({ name, error }) => {
      const line = make('li', { text: `${name}: ${error ? photoProblem(error) : 'used.'}` });
      line.dataset.code = error?.code ?? 'used';
      reports.append(line);
    });
    if (samples.length === 0) throw new PageError('no-samples');
    await keep(samples);
  });
}

/** Asks for the name before the work and not after it. */
function checkName() {
  openedGallery();
  if (nameField.value.trim()) return;
  nameField.focus();
  throw new PageError('name-missing');
}

/** @param {Float32Array} samples */
async function keep(samples) {
  const modelId = engine.model.id;
  const store = openedGallery();
  const person = again
    ? await store.replaceTemplate(again.id, { modelId, samples })
    : await store.add({ name: nameField.value, modelId, samples });
  await refresh();
  enrolAgain(undefined);
  const count = plural(samples.length / EMBEDDING_DIM, 'sample');
  tell(`${person.name} is enrolled with ${count}.`, 'enrolled');
}

function openedGallery() {
  if (!gallery) throw new PageError('storage-unavailable');
  return gallery;
}

// ---- People ---------------------------------------------------------------------------------

async function refresh() {
  people = await openedGallery().list();
  showAll();
}

function showAll() {
  const modelId = engine.state.model?.id;
  showPeople(people, modelId, { onEnrolAgain: enrolAgain, onRename: rename, onDelete: remove });
  const chosen = whom.value;
  const ready = people.filter((person) => modelId !== undefined && standing(person, modelId) === 'ready');
  whom.replaceChildren(
    new Option('Anyone who is enrolled', ANYONE),
    ...ready.map((person) => new Option(person.name, person.id)),
  );
  whom.value = ready.some((person) => person.id === chosen) ? chosen : ANYONE;
  byId('verify-hint', HTMLElement).textContent = ready.length > 0 ? '' : 'Enrol a person first.';
}

/** @param {Person | undefined} person whose template to replace, or nobody */
function enrolAgain(person) {
  again = person;
  nameField.value = person?.name ?? '';
  nameField.readOnly = person !== undefined;
  byId('enrol-heading', HTMLElement).textContent = person ? `Enrol ${person.name} again` : 'Enrol a person';
  byId('enrol-cancel', HTMLElement).hidden = !person;
  if (!person) return;
  chooseTask('enrol');
  byId('enrol-camera', HTMLElement).focus();
}

/** @param {Person} person */
async function rename(person) {
  const question = { title: `Rename ${person.name}`, text: '', yes: 'Rename' };
  const done = await askName(question, person.name, async (name) => {
    await openedGallery().rename(person.id, name);
  });
  if (done) await refresh();
}

/** @param {Person} person */
async function remove(person) {
  const question = {
    title: `Delete ${person.name}?`,
    text: 'The name and the embeddings are removed from this browser.',
    yes: 'Delete',
    danger: true,
  };
  if (await confirm(question)) await change((store) => store.remove(person.id));
}

async function removeAll() {
  const question = {
    title: 'Delete everyone?',
    text: `${plural(people.length, 'person', 'people')} with all embeddings will be removed from this browser.`,
    yes: 'Delete all',
    danger: true,
  };
  if (await confirm(question)) await change((store) => store.removeAll());
}

/** @param {(store: Gallery) => Promise<void>} act */
async function change(act) {
  try {
    await act(openedGallery());
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

/** Offers the rates that the model's calibration supports. */
function showStrictness() {
  const rates = engine.model.thresholds.map(({ fmr }) => fmr);
  if (strictness.options.length === rates.length) return;
  strictness.replaceChildren(...rates.map((fmr) => new Option(oneIn(fmr), String(fmr))));
  strictness.value = String(rates.includes(USUAL_FMR) ? USUAL_FMR : rates.at(-1));
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
  byId('enrol-cancel', HTMLElement).addEventListener('click', () => enrolAgain(undefined));
  byId('delete-all', HTMLElement).addEventListener('click', () => void removeAll());
  engine.addEventListener('change', onEngineChange);
  engine.addEventListener('restart', (event) => {
    tell(restarted(/** @type {CustomEvent} */ (event).detail.lost), 'engine-restarted');
  });
}

/** The phase and model that the page was last shown for. */
let shownFor = '';

function onEngineChange() {
  const { state } = engine;
  showEngine(state);
  document.body.dataset.engine = state.phase;
  const now = `${state.phase} ${state.model?.id}`;
  if (now === shownFor) return;
  shownFor = now;
  if (state.phase === 'failed' && state.error) tellError(state.error);
  if (state.phase === 'ready') {
    showStrictness();
    showAll();
  }
}

/** @returns {'auto' | import('./types').Backend} */
function chosenBackend() {
  const choice = new URLSearchParams(location.search).get('backend');
  return choice === 'cpu' || choice === 'webgpu' ? choice : 'auto';
}

async function openGallery() {
  try {
    gallery = await Gallery.open();
    await refresh();
    if (people.length === 0) chooseTask('enrol');
  } catch (reason) {
    report(PageError.from(reason));
  }
}

connect();
chooseTask('verify');
onEngineChange();
await Promise.all([openGallery(), engine.start(chosenBackend())]);
