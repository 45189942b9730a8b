/**
 * Leads through the movement check: says what to do next, aloud where that is wanted, and shows an
 * arrow on the side to turn to, whose ring fills as it is done.
 */

import { language } from '../locale.js';
import { asking } from '../messages.js';
import { byId, setText } from './dom.js';

/** @typedef {import('../../package/types').ChallengeState} ChallengeState */

/** Turns of the head in one check. */
const TURNS = 3;

/** What to show where a straight look is all that is asked for. @type {ChallengeState} */
export const STRAIGHT = { status: 'asking', ask: 'neutral', reach: 0, progress: 0 };

const line = byId('prompt', HTMLElement);
const cue = byId('cue', HTMLElement);
const spoken = byId('speak', HTMLInputElement);
const canSpeak = 'speechSynthesis' in window;

byId('speak-choice', HTMLElement).hidden = !canSpeak;

/** @param {ChallengeState} state */
export function showTurn(state) {
  if (state.status !== 'asking') return;
  line.hidden = cue.hidden = false;
  cue.dataset.ask = state.ask;
  cue.style.setProperty('--done', String(100 * state.reach));
  cue.setAttribute('aria-valuemax', String(TURNS));
  cue.setAttribute('aria-valuenow', String(Math.floor(TURNS * state.progress)));
  const words = asking(state.ask);
  if (line.textContent === words) return;
  setText(line, words);
  if (spoken.checked) speak(words);
}

export function hideTurns() {
  line.hidden = cue.hidden = true;
  setText(line, '');
  if (canSpeak) speechSynthesis.cancel();
}

/**
 * With a voice of the device, in the page's language: others send the words, and so the order of the turns, to a server.
 * @param {string} words
 */
function speak(words) {
  if (!canSpeak) return;
  speechSynthesis.cancel(); // what was asked before is over
  const voices = speechSynthesis.getVoices();
  const voice = voices.find((it) => it.localService && tongue(it.lang) === tongue(language));
  if (voices.length > 0 && !voice) return;
  const utterance = new SpeechSynthesisUtterance(words);
  utterance.lang = language;
  utterance.voice = voice ?? null;
  speechSynthesis.speak(utterance);
}

/** A language without its region; some systems write `de_DE`. @param {string} tag */
function tongue(tag) {
  return tag.split(/[-_]/)[0].toLowerCase();
}
