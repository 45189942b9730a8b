/**
 * Real photos of two people who do not look alike: from the LFW photos beside the repository
 * if they exist, otherwise the portrait in `tests/fixtures` and a sample photo of `@vladmandic/face-api`.
 */

import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { require } from './tools.js';

const LFW = fileURLToPath(new URL('../../../../shared/data/lfw-photos', import.meta.url));

/**
 * @typedef {object} Photo
 * @property {string} file
 * @property {[x: number, y: number, width: number, height: number]} [cut] part of it, in pixels
 */

/**
 * A photo from which a turning head is made, with the positions of its features.
 * @typedef {{photo: Photo, marks: import('./head.js').Marks}} Live
 */

/** @typedef {{enrol: Photo[], again: Photo[], live: Live}} Subject photos for the enrolment and for later verifications */

/** The portrait in `tests/fixtures`, which is in the public domain. @type {Live} */
export const astronaut = {
  photo: { file: fileURLToPath(new URL('../../fixtures/astronaut.jpg', import.meta.url)) },
  marks: { eyes: [[103, 100], [146, 103]], nose: [124, 127], mouth: [122, 147], ears: [[78, 108], [169, 113]] },
};

/**
 * @param {string} name
 * @param {string[]} numbers
 * @returns {Photo[]}
 */
const lfw = (name, numbers) => numbers.map((it) => ({ file: join(LFW, name, `${name}_${it}.jpg`) }));

/** @returns {{alex: Subject, kim: Subject}} */
function fromLfw() {
  return {
    alex: {
      enrol: lfw('Dominique_de_Villepin', ['0011', '0014']),
      again: lfw('Dominique_de_Villepin', ['0015']),
      live: {
        photo: lfw('Dominique_de_Villepin', ['0015'])[0],
        marks: { eyes: [[100, 113], [149, 111]], nose: [119, 140], mouth: [124, 160], ears: [[78, 125], [190, 120]] },
      },
    },
    kim: {
      enrol: lfw('Elsa_Zylberstein', ['0001', '0002']),
      again: lfw('Elsa_Zylberstein', ['0003']),
      live: {
        // Cropped, because the detector finds faces in the crowd behind her.
        photo: { ...lfw('Elsa_Zylberstein', ['0002'])[0], cut: [50, 20, 140, 200] },
        marks: { eyes: [[54, 93], [97, 92]], nose: [78, 122], mouth: [76, 140], ears: [[20, 112], [115, 110]] },
      },
    },
  };
}

/** @returns {{alex: Subject, kim: Subject}} with one photo each, because there are no others */
function fromSamples() {
  const demo = join(dirname(require.resolve('@vladmandic/face-api/package.json')), 'demo');
  const alex = [astronaut.photo];
  /** @type {Photo[]} */
  const kim = [{ file: join(demo, 'sample6.jpg'), cut: [1460, 100, 440, 560] }];
  return {
    alex: {
      enrol: alex,
      again: alex,
      live: astronaut,
    },
    kim: {
      enrol: kim,
      again: kim,
      live: {
        photo: kim[0],
        marks: { eyes: [[75, 273], [171, 296]], nose: [101, 352], mouth: [95, 392], ears: [[10, 330], [245, 340]], yaw: -8 },
      },
    },
  };
}

/** Photos of a person from the front, from both sides and from below; otherwise the only photo of Alex. */
export const turning = existsSync(LFW) ? lfw('Amelie_Mauresmo', ['0021', '0019', '0006', '0001', '0016']) : fromSamples().alex.enrol;

/** Why tests with a turning head of Kim are skipped, if the only photo is not suited for one. */
export const noKimHead = existsSync(LFW) ? false : 'there are no photos beside the repository, and the head in the sample photo of Kim is turned too far';

export const { alex, kim } = existsSync(LFW) ? fromLfw() : fromSamples();
