/** The visitor's preferences, stored in this browser. */

const SPEAK = 'facekey-speak';

export const preferences = {
  /** Whether instructions are spoken. */
  get speak() {
    return read(SPEAK) === 'true';
  },
  set speak(value) {
    write(SPEAK, String(value));
  },
};

/** @param {string} key */
function read(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null; // some browsers give this page no storage
  }
}

/**
 * @param {string} key
 * @param {string} value
 */
function write(key, value) {
  try {
    localStorage.setItem(key, value);
  } catch {
    // The preference is lost.
  }
}
