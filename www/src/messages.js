/** Every sentence that depends on what happened, by code: one place to read, and to translate. */

/**
 * What to do about the picture, shown while the camera looks.
 * @type {Record<string, string>}
 */
const GUIDANCE = {
  'no-face': 'No face in view. Look towards the camera.',
  'several-faces': 'Several faces in view. One person at a time, please.',
  'too-small': 'Come a little closer.',
  'too-dark': 'It is too dark. Turn towards a light.',
  'too-bright': 'It is too bright. Move out of the direct light.',
  blurred: 'The picture is blurred. Hold still, or wipe the lens.',
  'turned-away': 'Look straight at the camera.',
  'cut-off': 'Move so that your whole face is in view.',
  'too-close': 'Move back a little.',
  'hold-still': 'Hold your head still.',
  again: 'That could not be followed. Look straight ahead, then turn again: slowly, and a little further.',
  followed: '',
  good: 'Good. Hold still.',
};

/** What an enrolment asks for, look by look. @type {Record<import('./enrol/poses.js').Pose, string>} */
const POSES = {
  straight: 'Look straight at the camera.',
  left: 'Turn a little to the left.',
  right: 'Turn a little to the right.',
  up: 'Lift your chin a little.',
  down: 'Lower your chin a little.',
};

/** What would make its pictures better. @type {Record<import('./enrol/poses.js').Advice, string>} */
const ADVICE = {
  'come-closer': 'Come a little closer.',
  'move-back': 'Move back a little.',
  'more-light': 'It is dark: turn towards a light.',
  'less-light': 'It is bright: turn away from the light.',
};

/**
 * What the movement check asks for. Left and right are the person's own; the camera's picture is
 * mirrored, so that they are also those on the screen.
 * @type {Record<import('../package/types.js').Ask, string>}
 */
const ASKS = {
  neutral: 'Look straight at the camera',
  'turn-left': 'Turn your head slowly to the left',
  'turn-right': 'Turn your head slowly to the right',
  'look-up': 'Lift your chin slowly',
};

/**
 * Why the movement check was not passed.
 * @type {Record<string, string>}
 */
const MOVEMENT = {
  timeout: 'The movement that was asked for was not seen in time.',
  'face-lost': 'Your face went out of view.',
  'several-faces': 'Someone else came into view.',
  'face-changed': 'The face did not stay the same.',
  jumped: 'The face was suddenly somewhere else.',
  'moved-early': 'The head moved before that was asked for.',
  'wrong-movement': 'The head moved otherwise than was asked for.',
  'not-followed': 'The movement could not be followed. More light and a slower turn may help.',
  stalled: 'This device shows the camera’s pictures too slowly for the movement check, which can be skipped.',
};

/**
 * How sure it is that a person was there.
 * @type {Record<import('./movement.js').Liveness, string>}
 */
const LIVENESS = {
  live: 'A head that did what was asked was in front of the camera.',
  unchecked: 'Lower assurance: the movement check was skipped, so this may have been a photo.',
  photo: 'Lower assurance: from a photo. Nothing says that the person is here.',
};

/**
 * The same findings about a photo, which cannot be asked to move.
 * @type {Record<string, string>}
 */
const PHOTO = {
  'no-face': 'No face was found in it.',
  'several-faces': 'It shows several faces; use one with a single person.',
  'too-small': 'The face is too small.',
  'too-dark': 'The face is too dark.',
  'too-bright': 'The face is too bright.',
  blurred: 'The face is blurred.',
  'turned-away': 'The face is turned away.',
  'cut-off': 'Part of the face is outside the picture.',
  'photo-too-large': 'The file is too large. Photos up to 64 megapixels and 50 MB can be read.',
  'image-too-large': 'The picture is too large.',
  'photo-unreadable': 'This file is not a picture that this browser can read.',
};

/**
 * Errors: a heading and what it means or what to do.
 * @type {Record<string, [title: string, text: string]>}
 */
const ERRORS = {
  'camera-absent': ['No camera found', 'Connect a camera and try again, or use photos instead.'],
  'camera-refused': [
    'The camera is not allowed',
    'Allow the camera for this page in the browser’s address bar and try again, or use photos instead.',
  ],
  'camera-busy': [
    'The camera is in use',
    'Another program seems to have it. Close that program and try again.',
  ],
  'camera-lost': ['The camera went away', 'It was unplugged or switched off. Try again.'],
  'camera-unsupported': [
    'No camera access here',
    'Browsers give it to pages served over https or from localhost only. Photos still work.',
  ],
  'capture-timeout': ['No clear picture of a face', 'Nothing was saved or decided.'],
  'weights-missing': [
    'The face model could not be loaded',
    'Its files are missing or the connection broke off. Reload the page to try again.',
  ],
  'weights-truncated': ['The face model is damaged', 'Its file is incomplete. Reload the page.'],
  'weights-corrupt': ['The face model is damaged', 'Its checksum does not match. Reload the page.'],
  'weights-version': [
    'The face model does not fit this page',
    'Its file format is of another version. Reload the page.',
  ],
  'weights-preset': ['The face model does not fit this page', 'It is a network this page does not know.'],
  'weights-shape': ['The face model does not fit this page', 'Its tensors have other shapes.'],
  'detector-weights': ['The face finder could not be loaded', 'Its weights are damaged. Reload the page.'],
  'self-test-failed': [
    'This browser computes wrong results',
    'The engine did not reproduce its reference embeddings, so no decision is made here.',
  ],
  'engine-crashed': ['The engine stopped', 'Reload the page. If it happens again, this browser may be too old.'],
  'engine-hung': ['The engine does not answer', 'Reload the page.'],
  'engine-not-ready': ['The engine is not ready yet', 'Wait a moment and try again.'],
  'no-calibration': [
    'This model has no calibration',
    'Without measured error rates no decision can be made. Use weights that were calibrated.',
  ],
  'bad-embedding': ['The template is damaged', 'Enrol this person again.'],
  'storage-full': ['Storage is full', 'The browser has no room left for this page. Nothing was saved.'],
  'storage-newer': ['A newer version of this page is open in another tab', 'Reload this one to go on.'],
  'storage-blocked': [
    'Another tab holds on to the stored data',
    'Close the other tabs of this page; then it goes on, or try again.',
  ],
  'storage-insecure': [
    'Nothing can be kept here',
    'Browsers encrypt and store only for pages served over https or from localhost.',
  ],
  'gallery-locked': ['The enrolled people are locked', 'Give the passphrase first.'],
  'wrong-passphrase': ['That is not the passphrase', 'Nothing was changed. Try again.'],
  'passphrase-short': ['The passphrase is too short', 'Use at least 8 characters; a few words are better.'],
  'passphrase-differs': ['The two passphrases differ', 'Type the same one twice.'],
  'key-damaged': [
    'The stored key is damaged',
    'What it encrypted cannot be read any more. Delete everything and enrol again, or import a file.',
  ],
  'record-newer': [
    'Some entries are of a newer version',
    'They would be lost. Reload this page to get the newer version, then try again.',
  ],
  'file-foreign': ['This is no gallery file', 'Choose a file that this page has exported.'],
  'file-newer': ['This file is of a newer version', 'Reload this page to get the newer version, then try again.'],
  'file-damaged': ['This file is damaged', 'It was cut short or changed since its export. Nothing was imported.'],
  'nothing-to-export': ['There is nothing to export', 'Enrol a person first.'],
  'too-many-tries': ['Too many failed tries', 'See below how long to wait. Nothing was compared.'],
  'consent-missing': ['An agreement is needed', 'Tick the box if the person whose face it is agrees.'],
  'samples-disagree': [
    'The samples do not look like one person',
    'Nothing was saved. Take them again with the same person alone, in even light.',
  ],
  'no-live-face': ['No live face', 'It could not be made sure that a person is in front of the camera.'],
  'no-random': ['There are no random numbers here', 'This browser gives none, so no movement check can be drawn.'],
  'other-model': ['Made with another face model', 'Its embeddings cannot be compared here. Enrol again.'],
  expired: ['The template has expired', 'It is not used any more. Enrol again, or delete it.'],
  'storage-failed': ['The gallery could not be changed', 'The browser’s storage refused. Nothing was saved.'],
  'storage-unavailable': [
    'Nothing can be stored here',
    'The browser gives this page no storage, as some do in private windows.',
  ],
  'name-missing': ['A name is needed', 'Type the name of the person to enrol.'],
  'name-taken': [
    'That name is taken',
    'To take new samples of the same person, choose “Enrol again” in the list.',
  ],
  'person-gone': ['This person is no longer enrolled', 'Another tab may have deleted the entry.'],
  'nobody-enrolled': ['Nobody to compare with', 'Enrol a person first.'],
  'picture-frozen': [
    'The camera’s picture does not change',
    'Nothing was saved. Turn the camera off and on, or choose another one.',
  ],
  'picture-empty': ['There is no picture', 'It has no size yet. Try again in a moment.'],
  'no-samples': ['No photo could be used', 'Nothing was saved. The list above says why.'],
};

/**
 * Which engine computes, and why.
 * @type {Record<string, string>}
 */
const REASONS = {
  'cpu-chosen': 'Asked for in the page’s address.',
  'cpu-restarted': 'The engine had stopped and was started again.',
  'webgpu-pending': 'Starts at once; WebGPU is being tried.',
  'webgpu-absent': 'This browser has no WebGPU.',
  'webgpu-no-adapter': 'WebGPU finds no graphics adapter here.',
  'webgpu-software': 'The only WebGPU adapter computes in software, which is slower.',
  'webgpu-failed': 'WebGPU was tried and failed.',
  'webgpu-disagrees': 'WebGPU gave different embeddings, so it is not used.',
  'webgpu-slower': 'WebGPU was tried and is slower here.',
  'webgpu-faster': 'It gave the same embeddings as the CPU, faster.',
  'webgpu-chosen': 'Asked for in the page’s address.',
  'webgpu-lost': 'WebGPU stopped working, so the CPU took over.',
};

/** @param {import('../package/types.js').Ask} ask */
export function asking(ask) {
  return ASKS[ask];
}

/** @param {import('./movement.js').Liveness} liveness */
export function assurance(liveness) {
  return LIVENESS[liveness];
}

/**
 * What to do next for an enrolment.
 * @param {import('./enrol.js').Step} step
 */
export function prompt({ pose, advice }) {
  return advice ? ADVICE[advice] : POSES[pose];
}

/** @param {string} problem */
export function guidance(problem) {
  return GUIDANCE[problem] ?? '';
}

/**
 * @param {import('./errors.js').PageError} error
 * @returns {{title: string, text: string}}
 */
export function explain(error) {
  if (PHOTO[error.code]) return { title: 'This photo cannot be used', text: PHOTO[error.code] };
  const [title, text] = ERRORS[error.code] ?? ['Something went wrong', error.message];
  return { title, text };
}

/** What became of a photo that can be used. */
const USES = {
  used: 'used.',
  repeat: 'the same picture as another one, so it adds nothing.',
  spare: 'good, but the others add more.',
};

/**
 * What became of a photo, in one sentence.
 * @param {import('./enrol.js').PhotoReport['outcome']} outcome
 */
export function photoOutcome(outcome) {
  if (typeof outcome === 'string') return USES[outcome];
  return PHOTO[outcome.code] ?? `${explain(outcome).title}.`;
}

/** @param {string | undefined} why */
export function reason(why) {
  return why ? (REASONS[why] ?? '') : '';
}

/** @param {import('../package/types.js').Backend} backend */
export function backendName(backend) {
  return backend === 'webgpu' ? 'WebGPU' : 'CPU';
}

/**
 * @param {import('../package/types.js').Backend} lost
 */
export function restarted(lost) {
  return lost === 'webgpu'
    ? 'The graphics engine stopped. The CPU has taken over; please try that again.'
    : 'The engine stopped and was started again; please try that again.';
}

/**
 * A rate as "1 in 10,000", in two digits at most.
 * @param {number} rate between 0 and 1
 */
export function oneIn(rate) {
  const count = Number((1 / rate).toPrecision(2));
  return `1 in ${new Intl.NumberFormat('en', { maximumFractionDigits: count < 10 ? 1 : 0 }).format(count)}`;
}

/**
 * How rare it is that a stranger comes this close.
 * @param {import('../package/types.js').Decision} decision
 * @param {string} name
 */
export function chance({ fmr, fmrUpper }, name) {
  if (fmr !== undefined && fmr > 0.4) return `Most strangers come as close to ${name} as this.`;
  if (fmr) return `About ${oneIn(fmr)} strangers would come this close to ${name}.`;
  if (fmrUpper) return `Fewer than ${oneIn(fmrUpper)} strangers would come this close to ${name}.`;
  return `How many strangers come this close to ${name} has not been measured.`;
}

/**
 * Why nothing was decided.
 * @param {import('./verify.js').Reason} reason
 * @param {import('./errors.js').PageError} error
 * @returns {{title: string, text: string}}
 */
export function undecided(reason, error) {
  if (reason === 'no-live-face') return { title: explain(error).title, text: movementProblem(error.message) };
  if (reason !== 'poor-image') return explain(error);
  const advice = error.code === 'capture-timeout' ? guidance(error.message) : (PHOTO[error.code] ?? '');
  return { title: 'The picture is not good enough', text: `${advice} Nothing was compared.`.trim() };
}

/** @param {string} why */
function movementProblem(why) {
  return `${MOVEMENT[why] ?? ''} Nothing was compared. Try again, and move only when you are asked to.`.trim();
}

/** @type {Record<import('./verify/assurance.js').Level['name'], string>} */
const LEVELS = {
  trial: 'only to try it out',
  basic: 'basic',
  strong: 'strong, as NIST asks',
  highest: 'very strong',
};

/** @param {import('./verify/assurance.js').Level} level */
export function levelName({ name, fmr, supported }) {
  return `${oneIn(fmr)}: ${supported ? LEVELS[name] : 'not measured for this face model'}`;
}

/** @param {number} left milliseconds; infinite where nothing but the passphrase helps */
export function waiting(left) {
  if (left === Infinity) return 'Too many failed tries. Reload and give the passphrase, or delete everything and enrol again.';
  const seconds = Math.ceil(left / 1000);
  const time = seconds < 120 ? plural(seconds, 'second') : plural(Math.ceil(seconds / 60), 'minute');
  return `Too many failed tries. The next one is possible in ${time}.`;
}

/** @param {string} name of the person who looks the same */
export function doubleQuestion(name) {
  return {
    title: `Is this ${name}?`,
    text: `The face looks like that of ${name}, who is enrolled already. To take new samples, cancel and choose “Enrol again” in the list.`,
    yes: 'Enrol under this name too',
  };
}

/** @param {string} name of the person whose samples are to be replaced */
export function strangerQuestion(name) {
  return {
    title: `Is this really ${name}?`,
    text: `The face does not look like that of ${name}, whose present samples would be lost.`,
    yes: `Replace the samples of ${name}`,
    danger: true,
  };
}

/** @param {import('./gallery.js').Aside['why']} why */
export function asideName(why) {
  return why === 'record-newer' ? 'Newer entry' : 'Damaged entry';
}

/** @param {import('./gallery.js').Aside['why']} why */
export function asideText(why) {
  return why === 'record-newer'
    ? 'Written by a newer version of this page: reload to use it'
    : 'Changed or cut short in storage: set aside, never matched';
}

/** @param {{added: number, replaced: number, known: number}} counts of the people in the file */
export function importNews({ added, replaced, known }) {
  const newer = replaced > 0 ? `${replaced} replaced by newer samples, ` : '';
  return `${plural(added, 'person', 'people')} imported, ${newer}${known} already here.`;
}

/**
 * What is kept and how, line by line.
 * @param {import('./gallery.js').Contents & import('./gallery/storage.js').StorageState & {isLocked: boolean, isProtected: boolean}} state
 * @returns {[string, string][]}
 */
export function keepingFacts({ people, aside, isLocked, isProtected, persistent, used, offline }) {
  const held = isLocked ? 'locked' : `${plural(people.length, 'person', 'people')}${aside.length > 0 ? `, ${aside.length} set aside` : ''}`;
  return [
    ['Templates', held],
    ['Encrypted', isProtected ? 'under your passphrase' : 'under a key that never leaves this browser'],
    ['Kept', persistence(persistent)],
    ['This page', offline ? 'kept too, so that it opens without a network' : 'not kept: it needs the network to open'],
    ['Room used', used === undefined ? 'not told by this browser' : megabytes(used)],
  ];
}

/** @param {boolean | undefined} persistent */
function persistence(persistent) {
  if (persistent === undefined) return 'this browser does not say for how long';
  return persistent
    ? 'until you delete it, as the browser promises'
    : 'the browser may clear it when room runs out or the page is not visited; keep an export';
}

/**
 * @param {number} bytes
 */
export function megabytes(bytes) {
  return bytes < 1e5 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

/** @param {number} time milliseconds since 1970 */
export function day(time) {
  return new Intl.DateTimeFormat('en', { dateStyle: 'medium' }).format(time);
}

/**
 * @param {number} count
 * @param {string} one
 * @param {string} [many]
 */
export function plural(count, one, many = `${one}s`) {
  return `${count} ${count === 1 ? one : many}`;
}
