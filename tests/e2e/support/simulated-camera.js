/**
 * A simulated camera that follows the page's instructions. Chromium's fake camera only plays a file, so this code
 * replaces it, and chooses the frames by the target, the pointer and the arrow that the page shows. The page cannot
 * tell the difference.
 */

/** @typedef {import('./head.js').Takes} Takes */
/** @typedef {[a: number, b: number, c: number, d: number, e: number, f: number]} Transform of the picture about its middle, as a canvas takes it */

/**
 * @typedef {object} Behaviour
 * @property {Takes} straight the frames while there is no instruction
 * @property {Takes} [turning] the frames while there is a target to turn to
 * @property {number} [speed] in degrees a second, by default 30
 * @property {number} [beside] the angle around the middle, in degrees, by which it misses the target
 * @property {boolean} [blind] whether it ignores the pointer that the page shows
 * @property {Transform[]} [transforms] applied to the picture while there is a target, one after
 *   the other, each forwards and back
 */

/** For `prepare`: replaces the page's camera with the simulated one. @param {Behaviour} behaviour */
export function simulatedCamera({ straight, turning = straight, speed = 30, beside = 0, blind = false, transforms = [] }) {
  return (/** @type {import('playwright-core').BrowserContext} */ context) =>
    context.addInitScript(replaceCamera, { straight, turning, speed, beside, blind, transforms });
}

/**
 * Runs in the page before its own code.
 * @param {Required<Behaviour>} behaviour
 */
// eslint-disable-next-line max-lines-per-function -- the page gets its text, so it must be whole
function replaceCamera({ straight, turning, speed, beside, blind, transforms }) {
  const REACTION = 400; // milliseconds
  const FRAMES_A_SECOND = 15;
  const FARTHEST = 17; // degrees to the farthest target
  const TOLERANCE = 0.15; // the pointer is not corrected if it is this close to the target
  const WARP = 950; // milliseconds that each transform takes
  /** The directions of the head for the poses of an enrolment, in degrees. @type {Record<string, [number, number] | undefined>} */
  const POSES = { left: [24, 0], right: [-24, 0], up: [0, -20], down: [0, 16] };

  const load = async (/** @type {Takes[number]} */ { jpeg, ...at }) => {
    const bytes = Uint8Array.from(atob(jpeg), (it) => it.charCodeAt(0));
    return { ...at, picture: await createImageBitmap(new Blob([bytes], { type: 'image/jpeg' })) };
  };
  const distance = (/** @type {{x: number, y: number}} */ a, /** @type {{x: number, y: number}} */ b) => Math.hypot(a.x - b.x, a.y - b.y);

  /** What the page shows, converted to the camera's picture, which is not mirrored. */
  const seen = () => {
    const ring = document.querySelector('.camera-step .ring') ?? document.querySelector('face-verifier')?.shadowRoot?.querySelector('.ring');
    if (!(ring instanceof HTMLElement)) return { instruction: 'neutral' };
    const { instruction = 'neutral' } = ring.dataset;
    const mark = (/** @type {string} */ name) => {
      if (!ring.hasAttribute(`data-${name}`)) return undefined;
      const [x, y] = ['x', 'y'].map((axis) => Number(ring.style.getPropertyValue(`--${name}-${axis}`)));
      return { x: -x, y };
    };
    return { instruction, target: mark('target'), pointer: mark('pointer') };
  };
  const turned = (/** @type {{x: number, y: number}} */ { x, y }) => {
    const [sin, cos] = [Math.sin, Math.cos].map((it) => it((beside * Math.PI) / 180));
    return { x: x * cos - y * sin, y: x * sin + y * cos };
  };
  /** The transform of the picture this many milliseconds after a target was shown. @param {number} time */
  const transformAfter = (time) => {
    const whole = transforms[Math.floor(time / WARP)];
    const share = Math.sin(Math.PI * (time / WARP)) ** 2;
    return new DOMMatrix(whole?.map((to, index) => [1, 0, 0, 1, 0, 0][index] * (1 - share) + to * share));
  };

  const start = async () => {
    const [still, moving] = await Promise.all([straight, turning].map((takes) => Promise.all(takes.map(load))));
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [640, 480];
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
    context.fillStyle = '#a5a8a6';
    let at = { x: 0, y: 0 };
    let goal = at;
    let wanted = { x: 0, y: 0 };
    let since = -Infinity; // when the current target was shown
    let settled = 0; // since when the head is at its goal
    let last = performance.now();
    setInterval(() => {
      const now = performance.now();
      const { instruction, target, pointer } = seen();
      const [x, y] = POSES[instruction] ?? [0, 0];
      const asked = target ? turned({ x: FARTHEST * target.x, y: FARTHEST * target.y }) : { x, y };
      const error = target && pointer ? { x: target.x - pointer.x, y: target.y - pointer.y } : { x: 0, y: 0 };
      if (distance(asked, wanted) > 0.5) {
        [wanted, since] = [asked, now];
        settled = Infinity;
      }
      if (now - since > REACTION) {
        if (settled === Infinity) [goal, settled] = [wanted, now];
        else if (!blind && beside === 0 && now - settled > 500 && Math.hypot(error.x, error.y) > TOLERANCE) {
          [goal, settled] = [{ x: at.x + FARTHEST * error.x, y: at.y + FARTHEST * error.y }, now];
        }
      }
      const far = distance(at, goal);
      const share = far > 0 ? Math.min(1, (speed * (now - last)) / 1000 / far) : 1;
      at = { x: at.x + share * (goal.x - at.x), y: at.y + share * (goal.y - at.y) };
      if (share < 1) settled = now;
      last = now;
      const isTurning = (target && Math.hypot(target.x, target.y) > 0.1) || Math.hypot(at.x, at.y) > 3;
      const takes = isTurning ? moving : still;
      const { picture } = takes.reduce((best, take) => (distance(take, at) < distance(best, at) ? take : best));
      const { a, b, c, d, e, f } = transformAfter(isTurning ? now - since : -1);
      context.resetTransform();
      context.fillRect(0, 0, canvas.width, canvas.height);
      context.setTransform(a, b, c, d, 320 + e, 240 + f);
      // A real head is never completely still.
      context.drawImage(picture, 3 * Math.sin(now / 400) - 320, 2 * Math.cos(now / 300) - 240);
    }, 1000 / FRAMES_A_SECOND);
    return canvas.captureStream(FRAMES_A_SECOND);
  };
  navigator.mediaDevices.getUserMedia = start;
}
