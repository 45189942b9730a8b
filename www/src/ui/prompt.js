/**
 * What the movement check asks for, over the camera's picture: in words, which screen readers speak
 * and the page may as well, and as an arrow on the side to turn to, whose ring fills as it is done.
 */

import { asking } from '../messages.js';
import { byId, setText } from './dom.js';

const prompt = byId('prompt', HTMLElement);
const text = byId('prompt-text', HTMLElement);
const progress = byId('prompt-progress', HTMLProgressElement);
const spoken = byId('speak', HTMLInputElement);

byId('speak-choice', HTMLElement).hidden = !('speechSynthesis' in window);

/** @param {import('../movement.js').ChallengeState} state */
export function showPrompt(state) {
  if (state.status !== 'asking') return;
  prompt.hidden = false;
  prompt.dataset.ask = state.ask;
  prompt.style.setProperty('--done', String(100 * state.reach));
  progress.value = state.progress;
  const words = asking(state.ask);
  if (text.textContent === words) return;
  setText(text, words);
  speak(words);
}

export function hidePrompt() {
  prompt.hidden = true;
  setText(text, '');
  if ('speechSynthesis' in window) speechSynthesis.cancel();
}

/** @param {string} words */
function speak(words) {
  if (!spoken.checked || !('speechSynthesis' in window)) return;
  speechSynthesis.cancel(); // what was asked before is over
  const utterance = new SpeechSynthesisUtterance(words);
  utterance.lang = document.documentElement.lang;
  speechSynthesis.speak(utterance);
}
