/** Chooses the messages for codes and results. The texts are in `locales`. */

import { PageError } from './errors.js';
import { formatList, hasMessage, message } from './locale.js';
import { oneOf } from './verify/assurance.js';

/**
 * The text of an instruction. Left and right are the person's own; because the camera's picture is mirrored, they
 * are also left and right on the screen.
 * @param {import('../package/facekey.js').Instruction} instruction
 */
export function instructionText(instruction) {
  return message(`ask-${instruction}`);
}

/**
 * How certain it is that a person was there.
 * @param {import('./verify/verification.js').Liveness} liveness
 */
export function livenessText(liveness) {
  return message(`liveness-${liveness}`);
}

/**
 * The instruction for a pose of an enrolment.
 * @param {import('./enrol/poses.js').Pose} pose
 */
export function poseText(pose) {
  return message(`pose-${pose}`);
}

/**
 * What to do about a problem of the camera's picture; empty if there is nothing to do.
 * @param {string} problem
 */
export function guidance(problem) {
  return hasMessage(`guidance-${problem}`) ? message(`guidance-${problem}`) : '';
}

/**
 * @param {import('./errors.js').PageError} error
 * @returns {{title: string, text: string}} a heading and what it means or what to do
 */
export function explain({ code, message: detail, reason: cause = '' }) {
  const photo = photoProblem(code, detail);
  if (photo) return { title: message('photo-unusable'), text: photo };
  if (!hasMessage(`error-${code}`)) return explain(new PageError('unexpected', detail));
  const advice = code === 'capture-timeout' && guidance(cause);
  return { title: message(`error-${code}.title`), text: advice || message(`error-${code}.text`, { detail }) };
}

/**
 * Heading and explanation in one text.
 * @param {import('./errors.js').PageError} error
 */
export function explainInShort(error) {
  return message('title-and-text', explain(error));
}

/**
 * What is wrong with a photo. The person in a photo cannot move, so the texts differ from those of the camera.
 * @param {string} code
 * @param {string} [detail] such as the format
 */
function photoProblem(code, detail = '') {
  return hasMessage(`bad-photo-${code}`) ? message(`bad-photo-${code}`, { detail }) : '';
}

/**
 * The outcome of a photo.
 * @param {import('./enrol/from-photos.js').PhotoReport} report
 */
export function photoReport({ name, outcome }) {
  return message('photo-report', { file: name, outcome: photoOutcome(outcome) });
}

/** @param {import('./enrol/from-photos.js').PhotoReport['outcome']} outcome */
function photoOutcome(outcome) {
  if (typeof outcome === 'string') return message(`good-photo-${outcome}`);
  return photoProblem(outcome.code, outcome.message) || explainInShort(outcome);
}

/**
 * Why this backend is used.
 * @param {string | undefined} why
 */
export function backendReason(why) {
  return hasMessage(`engine-why-${why}`) ? message(`engine-why-${why}`) : '';
}

/** @param {import('../package/facekey.js').Backend} backend */
export function backendName(backend) {
  return message(`backend-${backend}`);
}

/** @param {string | undefined} why the current backend is used */
export function restartText(why) {
  return why === 'webgpu-lost' ? message('engine-restarted-on-cpu') : message('engine-restarted');
}

/**
 * A rate as "1 in 10,000".
 * @param {number} rate between 0 and 1
 */
export function oneIn(rate) {
  return message('one-in', { count: oneOf(rate) });
}

/**
 * How many people were compared, and how rarely a stranger comes as close to any of them.
 * @param {number} people
 * @param {number} fmr of the whole search
 */
export function searchChance(people, fmr) {
  return message('result-compared', { people, count: oneOf(fmr) });
}

/**
 * How rarely a stranger comes this close, and the limit.
 * @param {Pick<import('../package/facekey.js').Decision, 'estimatedFmr' | 'estimatedFmrUpper'>} decision
 * @param {string} name
 * @param {number} targetFmr
 */
export function chance(decision, name, targetFmr) {
  const limit = message('chance-limit', { count: oneOf(targetFmr) });
  return message('sentences', { first: rarity(decision, name), second: limit });
}

/**
 * @param {Pick<import('../package/facekey.js').Decision, 'estimatedFmr' | 'estimatedFmrUpper'>} decision
 * @param {string} name
 */
function rarity({ estimatedFmr: fmr, estimatedFmrUpper: fmrUpper }, name) {
  if (fmr !== undefined && fmr > 0.4) return message('chance-most', { name });
  if (fmr) return message('chance-about', { count: oneOf(fmr), name });
  if (fmrUpper) return message('chance-fewer', { count: oneOf(fmrUpper), name });
  return message('chance-unknown', { name });
}

/**
 * Why an enrolment from the camera ended.
 * @param {PageError} error
 */
export function enrolFailure(error) {
  const { title, text } = explain(error);
  return error.code === 'capture-timeout' ? { title, text: sentences(guidance(error.reason ?? ''), message('enrol-nothing-saved')) } : { title, text };
}

/**
 * Why nothing was decided.
 * @param {import('./verify/comparison.js').Reason | undefined} reason
 * @param {import('./errors.js').PageError} error
 * @returns {{title: string, text: string}}
 */
export function undecided(reason, error) {
  if (reason === 'no-live-face') return { title: explain(error).title, text: movementProblem(error.reason ?? '') };
  if (reason !== 'poor-image') return explain(error);
  const advice = error.code === 'capture-timeout' ? guidance(error.reason ?? '') : photoProblem(error.code);
  return { title: message('undecided-picture'), text: sentences(advice, message('undecided-compared')) };
}

/**
 * Why the movement check was not passed.
 * @param {string} why
 */
function movementProblem(why) {
  const cause = hasMessage(`movement-${why}`) ? message(`movement-${why}`) : '';
  return sentences(cause, message('undecided-compared'));
}

/**
 * @param {string} first may be empty
 * @param {string} second
 */
function sentences(first, second) {
  return first ? message('sentences', { first, second }) : second;
}

/** @param {import('./verify/assurance.js').Level} level */
export function levelName({ name, fmr, supported }) {
  const count = oneOf(fmr);
  return supported
    ? message('strictness', { count, name: message(`level-${name}`) })
    : message('strictness-unmeasured', { count });
}

/** @param {number} left milliseconds; infinite if only the passphrase helps */
export function waitText(left) {
  if (left === Infinity) return message('wait-for-passphrase');
  const seconds = Math.ceil(left / 1000);
  return seconds < 120 ? message('wait-seconds', { seconds }) : message('wait-minutes', { minutes: Math.ceil(seconds / 60) });
}

/**
 * The texts of a question.
 * @param {string} id
 * @param {import('./locale/fluent.js').Args} [args]
 */
export function question(id, args) {
  return { title: message(`${id}.title`, args), text: message(`${id}.text`, args), yes: message(`${id}.yes`, args) };
}

/**
 * @param {number} people
 * @param {number} damaged entries, which are not exported
 */
export function exportQuestion(people, damaged) {
  const texts = question('question-export', { people });
  return damaged > 0 ? { ...texts, text: sentences(texts.text, message('export-damaged', { entries: damaged })) } : texts;
}

/**
 * @param {string} file
 * @param {import('./keeping/receipt.js').Receipt} counts
 */
export function exportText(file, { foreign, since }) {
  return sentences(message('exported', { file }), message('receipt-foreign', { count: foreign, since }));
}

/** @param {{added: number, replaced: number, known: number}} counts of the people in the file */
export function importText({ added: people, replaced, known }) {
  return replaced > 0 ? message('imported-replacing', { people, replaced, known }) : message('imported', { people, known });
}

/**
 * The facts about the stored data, line by line.
 * @param {import('../package/gallery/gallery.js').Contents & import('./keeping/storage.js').StorageState & {isLocked: boolean, isProtected: boolean}} state
 * @returns {[string, string][]}
 */
export function keepingFacts({ people, unusable, isLocked, isProtected, persistent, used, offline }) {
  const encryption = isProtected ? message('kept-encrypted-passphrase') : message('kept-encrypted-browser');
  const page = offline ? message('kept-page-offline') : message('kept-page-online');
  /** @type {[string, string][]} */
  const facts = [
    [message('kept-templates'), isLocked ? message('kept-templates-locked') : peopleCount(people.length, unusable.length)],
    [message('kept-encrypted'), encryption],
    [message('kept-time'), persistence(persistent)],
    [message('kept-page'), page],
  ];
  return people.length > 0 || offline ? [...facts, storageUsed(used)] : facts; // the browser counts other pages of this host as well
}

/** @param {number | undefined} used bytes @returns {[string, string]} */
function storageUsed(used) {
  return [message('kept-room'), used === undefined ? message('kept-room-unknown') : megabytes(used)];
}

/** @param {import('./keeping/receipt.js').Receipt} counts */
export function receiptText({ own, foreign, later, since }) {
  return sentences(message('receipt-foreign', { count: foreign, since }), message('receipt-own', { own, later }));
}

/**
 * @param {number} people
 * @param {number} unusable
 */
function peopleCount(people, unusable) {
  return unusable > 0 ? message('people-and-aside', { people, aside: unusable }) : message('people', { people });
}

/** @param {boolean | undefined} persistent */
function persistence(persistent) {
  if (persistent === undefined) return message('kept-time-unknown');
  return persistent ? message('kept-time-promised') : message('kept-time-unsure');
}

/**
 * The counts of an inventory as a list.
 * @param {import('./keeping/storage.js').Inventory} inventory
 * @param {boolean} people whether the list includes all people and keys
 */
export function inventoryText({ databases, caches, settings, workers }, people) {
  return formatList([
    ...(people ? [message('deleted-people')] : []),
    message('deleted-databases', { count: databases }),
    message('deleted-caches', { count: caches }),
    message('deleted-settings', { count: settings }),
    message('deleted-workers', { count: workers }),
  ]);
}

/** @param {number} bytes */
export function megabytes(bytes) {
  return bytes < 1e5 ? message('kilobytes', { size: Math.ceil(bytes / 1e3) }) : message('megabytes', { size: bytes / 1e6 });
}
