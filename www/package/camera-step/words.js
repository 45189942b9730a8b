/** The element's own texts, in each language that it supports. */

const ENGLISH = {
  cancel: 'Cancel',
  close: 'Close',
  starting: 'Starting the camera',
  startingText: 'Allow it if you are asked.',
  camera: 'Camera',
  speak: 'Speak the instructions',
  progress: 'Progress',
  again: 'Try again',
  label: 'Face verification',
  failed: 'That did not work',
  done: '{done} of {all} targets reached',
  taken: '{done} of {all} pictures taken',
  neutral: 'Look straight at the camera',
  'turn-left': 'Turn your head to your left',
  'turn-right': 'Turn your head to your right',
  'look-up': 'Lift your chin',
  'look-down': 'Lower your chin',
  hold: 'Good',
  'no-face': 'No face is in view.',
  'several-faces': 'Only one face may be in view.',
  'too-small': 'Come closer.',
  'too-close': 'Move back a little.',
  'cut-off': 'Move into the middle.',
  'too-dark': 'More light is needed.',
  'too-bright': 'There is too much light.',
  blurred: 'Hold still.',
  covered: 'Please remove what covers your face.',
  'turned-away': 'Look straight ahead.',
  'hold-still': 'Hold still.',
  once_more: 'That movement did not count. Move your head slowly and straight to the next target.',
  timeout: 'The target was not reached in time.',
  'no-neutral': 'No good picture was seen.',
  'face-lost': 'The face went out of view.',
  'face-changed': 'The face changed.',
  jumped: 'The face was suddenly elsewhere.',
  'moved-early': 'The head moved before the target was shown.',
  'wrong-movement': 'The head did not move as instructed.',
  flat: 'The face looked flat: more light may help.',
  stalled: 'The pictures came too slowly.',
  'connect-camera': 'Connect a camera.',
  'allow-camera': 'Allow this page to use the camera.',
  'free-camera': 'Close other programs that use the camera.',
  'use-https': 'This page may not use the camera.',
  'try-again': 'Please try again.',
};

/** @typedef {Record<keyof typeof ENGLISH, string>} Words */

/** @type {Words} */
const GERMAN = {
  cancel: 'Abbrechen',
  close: 'Schließen',
  starting: 'Die Kamera startet',
  startingText: 'Erlauben Sie sie, wenn Sie gefragt werden.',
  camera: 'Kamera',
  speak: 'Anweisungen vorlesen',
  progress: 'Fortschritt',
  again: 'Noch einmal',
  label: 'Gesichtsprüfung',
  failed: 'Das hat nicht geklappt',
  done: '{done} von {all} Zielen erreicht',
  taken: '{done} von {all} Bildern aufgenommen',
  neutral: 'Schauen Sie gerade in die Kamera',
  'turn-left': 'Drehen Sie den Kopf nach links',
  'turn-right': 'Drehen Sie den Kopf nach rechts',
  'look-up': 'Heben Sie das Kinn',
  'look-down': 'Senken Sie das Kinn',
  hold: 'Gut',
  'no-face': 'Es ist kein Gesicht zu sehen.',
  'several-faces': 'Es darf nur ein Gesicht zu sehen sein.',
  'too-small': 'Kommen Sie näher.',
  'too-close': 'Gehen Sie etwas zurück.',
  'cut-off': 'Rücken Sie in die Mitte.',
  'too-dark': 'Es ist zu dunkel.',
  'too-bright': 'Es ist zu hell.',
  blurred: 'Halten Sie still.',
  covered: 'Bitte nehmen Sie weg, was das Gesicht bedeckt.',
  'turned-away': 'Schauen Sie geradeaus.',
  'hold-still': 'Halten Sie still.',
  once_more: 'Diese Bewegung zählte nicht. Bewegen Sie den Kopf langsam und gerade zum nächsten Ziel.',
  timeout: 'Das Ziel wurde nicht rechtzeitig erreicht.',
  'no-neutral': 'Es war kein gutes Bild zu sehen.',
  'face-lost': 'Das Gesicht ist verschwunden.',
  'face-changed': 'Das Gesicht hat gewechselt.',
  jumped: 'Das Gesicht war plötzlich woanders.',
  'moved-early': 'Der Kopf hat sich bewegt, bevor das Ziel gezeigt wurde.',
  'wrong-movement': 'Der Kopf hat sich anders bewegt als verlangt.',
  flat: 'Das Gesicht sah flach aus: mehr Licht kann helfen.',
  stalled: 'Die Bilder kamen zu langsam.',
  'connect-camera': 'Schließen Sie eine Kamera an.',
  'allow-camera': 'Erlauben Sie dieser Seite die Kamera.',
  'free-camera': 'Schließen Sie andere Programme, die die Kamera benutzen.',
  'use-https': 'Diese Seite darf die Kamera nicht benutzen.',
  'try-again': 'Bitte versuchen Sie es noch einmal.',
};

/** @type {Record<string, Words>} */
const LANGUAGES = { en: ENGLISH, de: GERMAN };

/**
 * The texts of a language; English if the language is not supported.
 * @param {string} language
 * @param {Partial<Words>} [own] texts that replace them
 * @returns {Words}
 */
export function wordsOf(language, own = {}) {
  return { ...(LANGUAGES[language.split('-')[0].toLowerCase()] ?? ENGLISH), ...own };
}
