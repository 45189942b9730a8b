/** What the camera step shows of a movement check. */

/** @typedef {Extract<import('../types.js').ChallengeState, {status: 'asking'}>} Asking */

/** Targets of one movement check. */
export const TARGETS = 3;

/** How many targets have been reached; the last part of the check is the return to the straight pose. @param {number} progress */
export const reached = (progress) => Math.min(TARGETS, Math.floor((TARGETS + 1) * progress));

/**
 * Converts target and pointer to the mirrored picture on the screen.
 * @param {Asking} state
 * @param {{instruction: string, hint?: string, count: string}} words
 * @returns {import('./camera-step.js').Scene}
 */
export function movementScene({ instruction, target, pointer, reach, progress }, words) {
  return { code: instruction, ...words, target: mirrored(target), pointer: mirrored(pointer), reach, progress };
}

/** @param {import('../types.js').Aim | undefined} aim */
function mirrored(aim) {
  return aim && { x: -aim.x, y: aim.y };
}
