/** Creates the parts of the page and connects them. */

import './trusted-types.js';
import { CameraStep } from '../package/camera-step/camera-step.js';
import { PhotoComparison } from './compare/photo-comparison.js';
import { Engine } from './engine.js';
import { showEngine } from './engine-panel.js';
import { Enrolment } from './enrol/enrolment.js';
import { PageError } from './errors.js';
import { Database } from '../package/gallery/database.js';
import { Gallery } from '../package/gallery/gallery.js';
import { History } from './history/history.js';
import { Keeping } from './keeping/keeping.js';
import { noteReady } from './keeping/receipt.js';
import { language, message } from './locale.js';
import { restartText } from './messages.js';
import { followVersion, keepForOfflineUse } from './offline.js';
import { People } from './people/people.js';
import { preferences } from './preferences.js';
import { IdleLock } from './settings/idle-lock.js';
import { Owner } from './settings/owner.js';
import { SettingsForm } from './settings/settings-form.js';
import { Tasks } from './task.js';
import { yieldToBrowser } from './ui/yield.js';
import { byId } from './ui/dom.js';
import { acceptFiles } from './ui/drop.js';
import './ui/language.js';
import { clearNotice, placeNotices, showError, showNotice } from './ui/notice.js';
import { Vault } from './vault/vault.js';
import { VaultCard } from './vault/vault-card.js';
import { Attempts } from './verify/attempts.js';
import { showWait } from './verify/countdown.js';
import { hideResult } from './verify/result-card.js';
import { Verification } from './verify/verification.js';
import { Welcome } from './welcome/welcome.js';

/** Each has a form with this id. */
const TASKS = /** @type {const} */ (['verify', 'enrol', 'compare']);

await yieldToBrowser(); // the imported modules have already done some work

const engine = new Engine(chosenBackend());
const database = new Database();
const gallery = new Gallery(database);
const owner = new Owner(database);
const attempts = new Attempts(database);
const history = new History(gallery);
const people = new People(gallery, engine);
const tasks = new Tasks();
const camera = new CameraStep(document.body, { language, words: stepWords(), settings: preferences });
await yieldToBrowser();
const verification = new Verification({ engine, people, owner, attempts, history, camera, tasks });
const enrolment = new Enrolment({ engine, people, camera, tasks, onTry: tryOut });
const keeping = new Keeping(gallery, { change: () => people.refresh(), unlock: onUnlock, halt: () => tasks.cancel() });
await yieldToBrowser();
const settings = new SettingsForm(owner, gallery);
const vault = new VaultCard(new Vault(database));
const comparison = new PhotoComparison({ engine, tasks });
const welcome = new Welcome({ people, onStart: () => chooseTask('enrol'), onDrawnFaces: tryDrawnFaces });

function stepWords() {
  return {
    cancel: message('cancel'),
    close: message('close'),
    starting: message('camera-starting'),
    startingText: message('camera-starting-text'),
    camera: message('camera-choice'),
    speak: message('camera-speak'),
    progress: message('camera-progress'),
  };
}

/** @returns {import('./engine.js').Choice} */
function chosenBackend() {
  const choice = new URLSearchParams(location.search).get('backend');
  return choice === 'cpu' || choice === 'webgpu' ? choice : 'auto';
}

/** @param {typeof TASKS[number]} chosen */
function chooseTask(chosen) {
  for (const radio of document.querySelectorAll('input[name=task]')) {
    if (radio instanceof HTMLInputElement) radio.checked = radio.value === chosen;
  }
  for (const task of TASKS) byId(task, HTMLElement).hidden = task !== chosen;
}

function tryDrawnFaces() {
  chooseTask('compare');
  void comparison.withDrawnFaces();
}

/** @param {import('../package/gallery/records.js').Person} person */
function tryOut(person) {
  chooseTask('verify');
  void verification.tryOut(person);
}

/** @param {import('../package/gallery/records.js').Person} person */
function enrolAgain(person) {
  chooseTask('enrol');
  enrolment.prepare(person);
  byId('enrol-camera', HTMLElement).focus();
}

/** The passphrase is stronger evidence than a face, so earlier failures no longer count. */
async function onUnlock() {
  await attempts.reset();
  showWait(0);
  await people.refresh();
}

function showAll() {
  people.show();
  verification.show();
  welcome.show();
  if (engine.model) settings.offer(engine.model);
}

/** Id of the model that the page currently shows. @type {string | undefined} */
let shownFor;

function onEngineChange() {
  showEngine(engine.state);
  if (engine.model?.id === shownFor) return;
  shownFor = engine.model?.id;
  showAll();
}

/** Whether the service worker has the engine's files. Then fetching them does not slow down the first screen. */
const isCached = Boolean(navigator.serviceWorker?.controller);

/** Shows the page. Fetches the engine only then, because the first screen does not need its files. */
function showPage() {
  if (!document.body.hasAttribute('data-opening')) return;
  document.body.removeAttribute('data-opening');
  byId('welcome', HTMLElement).inert = false;
  if (!isCached) void firstPaint().then(startEngine);
}

/** Longest wait in milliseconds until the browser is idle. */
const IDLE_TIMEOUT = 300;

/** Resolves when the page has been painted and the browser is idle. A hidden page is never painted, so it does not wait. */
function firstPaint() {
  const idle = globalThis.requestIdleCallback ?? setTimeout;
  return new Promise((resolve) => {
    if (document.hidden) resolve(undefined);
    requestAnimationFrame(() => requestAnimationFrame(() => idle(resolve, { timeout: IDLE_TIMEOUT })));
  });
}

/** @param {PageError} error */
function report(error) {
  showPage();
  placeNotices(byId('page-outcome', HTMLElement));
  showError(error);
}

function connect() {
  document.querySelector('.switch')?.addEventListener('change', (event) => {
    clearNotice();
    hideResult();
    chooseTask(/** @type {any} */ (event.target).value);
  });
  engine.addEventListener('change', onEngineChange);
  engine.addEventListener('restart', () => {
    showNotice(restartText(engine.state.why), 'engine-restarted', 'info');
  });
  people.addEventListener('change', () => {
    showAll();
    void keeping.show(people.contents);
    if (people.contents.people.length > 0) void history.show();
  });
  people.addEventListener('enrol-again', (event) => enrolAgain(/** @type {CustomEvent} */ (event).detail));
  owner.addEventListener('change', () => verification.show());
  verification.addEventListener('live-match', () => void vault.uncover());
  gallery.addEventListener('wiped', () => {
    tasks.cancel();
    owner.reset();
    vault.empty();
    history.empty();
    hideResult();
    showWait(0);
  });
  gallery.addEventListener('blocked', () => report(new PageError('storage-blocked')));
  gallery.addEventListener('outdated', () => report(new PageError('storage-newer')));
}

/** @param {File[]} files dropped or pasted */
function takeFiles(files) {
  const photos = files.filter(({ type }) => type.startsWith('image/'));
  if (photos.length === 0) void keeping.take(files[0]);
  else if (!byId('compare', HTMLElement).hidden) void comparison.take(photos);
  else if (byId('enrol', HTMLElement).hidden) void verification.withPhoto(photos[0]);
  else void enrolment.fromPhotos(photos);
}

function onIdle() {
  gallery.lock();
  void vault.cover();
}

async function openGallery() {
  if (!isSecureContext) return report(new PageError('storage-insecure'));
  try {
    await Promise.all([owner.read(), people.refresh()]);
    new IdleLock(() => owner.rules.idleMinutes, onIdle);
    chooseTask(people.contents.people.length > 0 || gallery.isLocked ? 'verify' : 'enrol');
    if (!gallery.isLocked) await attempts.prune(people.contents.people.map(({ id }) => id));
    await verification.showWait();
  } catch (reason) {
    report(PageError.from(reason));
  } finally {
    showPage();
  }
}

async function startEngine() {
  try {
    await engine.ready();
    noteReady();
    keepForOfflineUse(() => void keeping.show(people.contents)); // not earlier, because its downloads would delay the engine
  } catch (reason) {
    report(PageError.from(reason));
  }
}

followVersion();
connect();
acceptFiles(takeFiles);
chooseTask('enrol');
if (isCached) void startEngine();
await yieldToBrowser();
onEngineChange();
await yieldToBrowser();
await openGallery();
