/**
 * A camera that answers what the page asks for. Chromium's fake camera plays a file and cannot; so
 * here the test stands in for the camera itself, and plays its frames according to the arrow or the
 * words that the page shows to everybody. The page knows nothing of it.
 */

/** @typedef {import('./head.js').Takes} Takes */
/** @typedef {import('../../../www/package/types').Instruction} Instruction */
/** @typedef {[a: number, b: number, c: number, d: number, e: number, f: number]} Transform of the picture about its middle, as a canvas takes it */

/**
 * @typedef {object} Act
 * @property {Takes} straight what is shown while nothing is asked for
 * @property {Takes} [turning] what is shown instead while a turn is
 * @property {number} [duration] milliseconds of a movement; 1,500 unless given
 * @property {Record<string, Instruction>} [instead] other movements than those asked for, by what is asked
 * @property {Transform[]} [transforms] what is done to the picture while a turn is asked for, one after
 *   the other, each to and fro
 * @property {Record<string, Instruction>} [words] which the page's `output` asks with, where there is no arrow
 */

/** How the head moves for the looks of an enrolment; to lower the chin it stays as it is. @type {Required<Act>['instead']} */
export const LOOKS = { straight: 'neutral', left: 'turn-left', right: 'turn-right', up: 'look-up', down: 'neutral' };

/** For `prepare`: puts the act before the page's camera. @param {Act} act */
export function onStage({ straight, turning = straight, duration = 1500, instead = {}, transforms = [], words }) {
  return (/** @type {import('playwright-core').BrowserContext} */ context) =>
    context.addInitScript(play, { straight, turning, duration, instead, transforms, words });
}

/**
 * Runs in the page before its own code.
 * @param {Required<Omit<Act, 'words'>> & Pick<Act, 'words'>} act
 */
function play({ straight, turning, duration, instead, transforms, words }) {
  const REACTION = 500;
  const FRAMES_A_SECOND = 15;
  const load = async (/** @type {string} */ base64) => {
    const bytes = Uint8Array.from(atob(base64), (it) => it.charCodeAt(0));
    return createImageBitmap(new Blob([bytes], { type: 'image/jpeg' }));
  };
  const loadAll = async (/** @type {Takes} */ takes) =>
    Object.fromEntries(
      await Promise.all(Object.entries(takes).map(async ([ask, frames]) => [ask, await Promise.all(frames.map(load))])),
    );
  /** @returns {Instruction} */
  const askedFor = () => {
    if (words) return words[document.querySelector('output')?.value ?? ''] ?? 'neutral';
    const cue = document.getElementById('cue');
    return /** @type {Instruction} */ (cue?.dataset.ask ?? 'neutral');
  };
  /** What is done to the picture this many milliseconds after a turn was asked for. @param {number} time */
  const transformAfter = (time) => {
    const whole = transforms[Math.floor(time / duration)];
    const share = Math.sin(Math.PI * (time / duration)) ** 2;
    return new DOMMatrix(whole?.map((to, index) => [1, 0, 0, 1, 0, 0][index] * (1 - share) + to * share));
  };

  const start = async () => {
    const [still, moving] = await Promise.all([loadAll(straight), loadAll(turning)]);
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [640, 480];
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
    context.fillStyle = '#a5a8a6';
    let way = 'neutral';
    let share = 0;
    let asked = 'neutral';
    let since = 0;
    let last = performance.now();
    setInterval(() => {
      const now = performance.now();
      const ask = askedFor();
      if (ask !== asked) [asked, since] = [ask, now];
      const wanted = instead[ask] ?? ask;
      if (now - since > REACTION) {
        const step = (now - last) / duration;
        if (share === 0) way = wanted;
        share = wanted === way && wanted !== 'neutral' ? Math.min(1, share + step) : Math.max(0, share - step);
      }
      last = now;
      const frames = (share > 0 ? moving : still)[share > 0 ? way : 'neutral'];
      const frame = frames[Math.round(share * (frames.length - 1))];
      const { a, b, c, d, e, f } = transformAfter(ask === 'neutral' ? -1 : now - since - REACTION);
      context.resetTransform();
      context.fillRect(0, 0, canvas.width, canvas.height);
      context.setTransform(a, b, c, d, 320 + e, 240 + f);
      // Nobody is quite still.
      context.drawImage(frame, 3 * Math.sin(now / 400) - 320, 2 * Math.cos(now / 300) - 240);
    }, 1000 / FRAMES_A_SECOND);
    return canvas.captureStream(FRAMES_A_SECOND);
  };
  navigator.mediaDevices.getUserMedia = start;
}
