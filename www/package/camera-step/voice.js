/** Speaks instructions with a voice of the device. */

export const canSpeak = 'speechSynthesis' in globalThis;

/**
 * Uses only a local voice in this language, otherwise stays silent: other voices send the words, and so
 * the positions of the targets, to a server.
 * @param {string} words
 * @param {string} language
 */
export function speak(words, language) {
  if (!canSpeak) return;
  speechSynthesis.cancel(); // the previous instruction is no longer valid
  const voices = speechSynthesis.getVoices();
  const voice = voices.find((it) => it.localService && withoutRegion(it.lang) === withoutRegion(language));
  if (voices.length > 0 && !voice) return;
  const utterance = new SpeechSynthesisUtterance(words);
  utterance.lang = language;
  utterance.voice = voice ?? null;
  speechSynthesis.speak(utterance);
}

export function stopSpeaking() {
  if (canSpeak) speechSynthesis.cancel();
}

/** Some systems write `de_DE`. @param {string} tag */
function withoutRegion(tag) {
  return tag.split(/[-_]/)[0].toLowerCase();
}
