/**
 * A camera that answers what the page asks for. Chromium's fake camera plays a file and cannot; so
 * here the test stands in for the camera itself, and plays its frames according to the arrow that
 * the page shows to everybody. The page knows nothing of it.
 */

/** @typedef {import('./head.js').Takes} Takes */
/** @typedef {import('../../../www/package/types').Ask} Ask */

/**
 * @typedef {object} Act
 * @property {Takes} straight what is shown while nothing is asked for
 * @property {Takes} [turning] what is shown instead while a turn is
 * @property {number} [duration] milliseconds of a movement; 1,500 unless given
 * @property {Partial<Record<Ask, Ask>>} [instead] other movements than those asked for
 */

/**
 * For `prepare`: puts the act before the page's camera.
 * @param {Act} act
 */
export function onStage({ straight, turning = straight, duration = 1500, instead = {} }) {
  return (/** @type {import('playwright-core').BrowserContext} */ context) =>
    context.addInitScript(play, { straight, turning, duration, instead });
}

/**
 * Runs in the page before its own code.
 * @param {Required<Act>} act
 */
function play({ straight, turning, duration, instead }) {
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

  const start = async () => {
    const [still, moving] = await Promise.all([loadAll(straight), loadAll(turning)]);
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [640, 480];
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
    let way = 'neutral';
    let share = 0;
    let asked = 'neutral';
    let since = 0;
    let last = performance.now();
    setInterval(() => {
      const now = performance.now();
      const cue = /** @type {HTMLElement | null} */ (document.getElementById('cue'));
      const ask = /** @type {Ask} */ ((!cue?.hidden && cue?.dataset.ask) || 'neutral');
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
      // Nobody is quite still.
      context.drawImage(frame, 3 * Math.sin(now / 400), 2 * Math.cos(now / 300));
    }, 1000 / FRAMES_A_SECOND);
    return canvas.captureStream(FRAMES_A_SECOND);
  };
  navigator.mediaDevices.getUserMedia = start;
}
