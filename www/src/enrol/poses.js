/**
 * The poses of an enrolment: straight, and a little to each side, up and down, relative to the person's own
 * straight pose. So the samples differ as much as the pictures of later visits will.
 */

/** @typedef {import('../../package/facekey.js').Quality} Quality */
/** @typedef {Pick<Quality, 'yaw' | 'pitch'>} Angles */
/** @typedef {'straight' | 'left' | 'right' | 'up' | 'down'} Pose left and right are the person's own */
/** @typedef {'come-closer' | 'move-back' | 'more-light' | 'less-light'} Advice */

/** In the order of the instructions. */
export const POSES = /** @type {const} */ (['straight', 'left', 'right', 'up', 'down']);

/** The angles of a person who looks straight at the camera. @type {Angles} */
export const LEVEL = { yaw: 0, pitch: 0 };

/** Thresholds of `yaw` and `pitch`, each about ten degrees. */
const TURN = 0.18;
const NOD = 0.07;

/**
 * The camera's picture is not mirrored: a person who turns to their left turns towards its right edge.
 * @type {Record<Pose, (angles: Angles) => boolean>}
 */
const FITS = {
  straight: ({ yaw, pitch }) => Math.abs(yaw) < TURN && Math.abs(pitch) < 2 * NOD,
  left: ({ yaw }) => yaw >= TURN,
  right: ({ yaw }) => yaw <= -TURN,
  up: ({ pitch }) => pitch <= -NOD,
  down: ({ pitch }) => pitch >= NOD,
};

/**
 * The angles of the head relative to this person's straight pose.
 * @param {Angles} angles
 * @param {Angles} straight
 * @returns {Angles}
 */
export function relative({ yaw, pitch }, straight) {
  return { yaw: yaw - straight.yaw, pitch: pitch - straight.pitch };
}

/**
 * @param {Pose} pose
 * @param {Angles} angles relative to the straight pose
 */
export function fits(pose, angles) {
  return FITS[pose](angles);
}

/**
 * How far a head has turned towards a pose, from 0 to 1; 1 for the straight pose.
 * @param {Pose} pose
 * @param {Angles} angles relative to the straight pose
 */
export function reach(pose, { yaw, pitch }) {
  const share = { straight: 1, left: yaw / TURN, right: -yaw / TURN, up: -pitch / NOD, down: pitch / NOD }[pose];
  return Math.min(1, Math.max(0, share));
}

/** With at least this distance between the eyes, in pixels, the crop is not enlarged. */
const NEAR_ENOUGH = 35;

/** A face that takes a larger share of the picture's height is distorted by the lens. */
const TOO_NEAR = 0.8;

/** Range of the mean luma of the face; a verification accepts a wider range. */
const LIGHT = { least: 0.25, most: 0.8 };

/**
 * How to make a good picture better. The requirements are stricter than those of a verification, because a
 * template is made once and used often.
 * @param {import('../../package/facekey.js').Face} face
 * @param {import('../../package/facekey.js').Frame} frame that shows it
 * @returns {Advice | undefined}
 */
export function advice({ bounds, quality }, frame) {
  if (quality.size < NEAR_ENOUGH) return 'come-closer';
  if (bounds.height > TOO_NEAR * frame.height) return 'move-back';
  if (quality.brightness < LIGHT.least) return 'more-light';
  if (quality.brightness > LIGHT.most) return 'less-light';
  return undefined;
}
