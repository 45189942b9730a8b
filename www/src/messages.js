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
  good: 'Good. Hold still.',
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
  'bundle-missing': ['The engine is missing', 'It was left out when this page was built.'],
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

/**
 * What a photo's problem is, in one sentence.
 * @param {import('./errors.js').PageError} error
 */
export function photoProblem(error) {
  return PHOTO[error.code] ?? explain(error).title + '.';
}

/** @param {string | undefined} why */
export function reason(why) {
  return why ? (REASONS[why] ?? '') : '';
}

/** @param {import('./types').Backend} backend */
export function backendName(backend) {
  return backend === 'webgpu' ? 'WebGPU' : 'CPU';
}

/**
 * @param {import('./types').Backend} lost
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
 * @param {import('./types').Decision} decision
 * @param {string} name
 */
export function chance({ fmr, fmrUpper }, name) {
  if (fmr !== undefined && fmr > 0.4) return `Most strangers come as close to ${name} as this.`;
  if (fmr) return `About ${oneIn(fmr)} strangers would come this close to ${name}.`;
  if (fmrUpper) return `Fewer than ${oneIn(fmrUpper)} strangers would come this close to ${name}.`;
  return `How many strangers come this close to ${name} has not been measured.`;
}

/**
 * @param {number} bytes
 */
export function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(1)} MB`;
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
