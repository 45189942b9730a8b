/**
 * The looks that an enrolment asks for, so that the samples differ as a person's later visits will:
 * straight and a little to each side, up and down, each against the person's own straight look.
 */

/** @typedef {import('../../package/facekey.js').Quality} Quality */
/** @typedef {Pick<Quality, 'yaw' | 'pitch'>} Angles */
/** @typedef {'straight' | 'left' | 'right' | 'up' | 'down'} Pose left and right as the person has them */
/** @typedef {'come-closer' | 'move-back' | 'more-light' | 'less-light'} Advice */

/** In the order in which they are asked for. */
export const POSES = /** @type {const} */ (['straight', 'left', 'right', 'up', 'down']);

/** How the camera sees somebody who looks straight at it. @type {Angles} */
export const LEVEL = { yaw: 0, pitch: 0 };

/** `yaw` of about ten degrees, and `pitch` of about as much. */
const TURN = 0.18;
const NOD = 0.07;

/**
 * The camera's picture is not mirrored: who turns to the left turns towards its right edge.
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
 * Where the head points, seen from this person's straight look.
 * @param {Angles} angles
 * @param {Angles} straight
 * @returns {Angles}
 */
export function relative({ yaw, pitch }, straight) {
  return { yaw: yaw - straight.yaw, pitch: pitch - straight.pitch };
}

/**
 * @param {Pose} pose
 * @param {Angles} angles relative to the straight look
 */
export function fits(pose, angles) {
  return FITS[pose](angles);
}

/**
 * How far a head has turned to a pose, from 0 to 1; all the way where nothing is to be turned.
 * @param {Pose} pose
 * @param {Angles} angles relative to the straight look
 */
export function reach(pose, { yaw, pitch }) {
  const share = { straight: 1, left: yaw / TURN, right: -yaw / TURN, up: -pitch / NOD, down: pitch / NOD }[pose];
  return Math.min(1, Math.max(0, share));
}

/** Eyes this many pixels apart fill the crop without being enlarged. */
const NEAR_ENOUGH = 35;

/** Share of the picture's height that a face may take before the lens bends it. */
const TOO_NEAR = 0.8;

/** Mean luma of the face: a verification gets by with less, and with more. */
const LIGHT = { least: 0.25, most: 0.8 };

/**
 * What would make a good picture better. Stricter than what a verification asks for: a template is
 * made once and used often.
 * @param {import('../../package/facekey.js').Face} face
 * @param {import('../../package/facekey.js').Frame} frame that it lies in
 * @returns {Advice | undefined}
 */
export function advice({ bounds, quality }, frame) {
  if (quality.size < NEAR_ENOUGH) return 'come-closer';
  if (bounds.height > TOO_NEAR * frame.height) return 'move-back';
  if (quality.brightness < LIGHT.least) return 'more-light';
  if (quality.brightness > LIGHT.most) return 'less-light';
  return undefined;
}
