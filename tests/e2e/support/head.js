/**
 * Pictures of a head that points in all directions, and of a photo that is tilted in the same directions.
 * There are no videos of people who follow the instructions. So a photo is projected onto the shape of a head and
 * turned, as `src/eval/liveness/surface.rs` does for the measurements.
 */

/** @typedef {[x: number, y: number]} Mark */
/** @typedef {{eyes: [Mark, Mark], nose: Mark, mouth: Mark, ears: [Mark, Mark], yaw?: number}} Marks in the photo's pixels, left before right; `yaw` is the angle of the head to the right, in degrees */
/** @typedef {'head' | 'paper' | 'screen'} Surface the shape onto which the photo is projected; the last two are flat */
/** @typedef {{x: number, y: number, jpeg: string}} Take where it points, in degrees to the right and down in the camera's picture, and the picture in base64 */
/** @typedef {Take[]} Takes the first one straight */

/**
 * Runs in the browser.
 * @param {{source: string, cut?: [number, number, number, number], marks: Marks, surface: Surface}} options
 * @returns {Promise<Takes>}
 */
export async function drawTakes({ source, cut, marks, surface }) {
  const flat = surface !== 'head';
  const [width, height] = [640, 480];
  const FOCAL_LENGTH = 554;
  const DISTANCE = 6.4; // from the camera, in units of the distance between the eyes
  /** The angles between two pictures, and to the farthest picture, in degrees. */
  const [STEP, FARTHEST] = flat ? [9, 36] : [4, 24];
  const VERTICES = 90;
  const EXTENT = 3.4;

  const picture = await createImageBitmap(await (await fetch(source)).blob());
  const [x, y, w, h] = cut ?? [0, 0, picture.width, picture.height];
  const photo = new OffscreenCanvas(w, h);
  const photoContext = /** @type {OffscreenCanvasRenderingContext2D} */ (photo.getContext('2d'));
  photoContext.drawImage(picture, x, y, w, h, 0, 0, w, h);
  // Pixels beyond the edge of the photo have the colour of the edge; a screen has a black frame.
  if (surface === 'screen') photoContext.strokeRect(1, 1, w - 2, h - 2);
  const texture = photoContext.getImageData(0, 0, w, h).data;

  // Converts pixels to units of the distance between the eyes, with the origin between the eyes and the eyes level.
  const [[leftX, leftY], [rightX, rightY]] = marks.eyes;
  const [centreX, centreY] = [(leftX + rightX) / 2, (leftY + rightY) / 2];
  const [a, b] = [rightX - leftX, rightY - leftY];
  const locate = (/** @type {Mark} */ [px, py]) => {
    const [dx, dy] = [px - centreX, py - centreY];
    return [(a * dx + b * dy) / (a * a + b * b), (a * dy - b * dx) / (a * a + b * b)];
  };
  const [nose, mouth] = [locate(marks.nose), locate(marks.mouth)];
  const halves = marks.ears.map((ear) => Math.min(1.5, Math.max(1, 1.04 * Math.abs(locate(ear)[0]))));

  const out = (/** @type {number} */ px, /** @type {number} */ py, /** @type {number} */ power) =>
    (Math.abs(px) / halves[px < 0 ? 0 : 1]) ** power + (Math.abs(py - 0.3) / 2.1) ** power;
  const vault = (/** @type {number} */ px, /** @type {number} */ py) => 2.1 * Math.max(0, 1 - out(px, py, 2.5)) ** 0.4;
  const atEyes = (vault(-0.5, 0) + vault(0.5, 0)) / 2;
  const bump = (/** @type {number} */ value) => Math.exp(-value * value);
  /** A rounded box with a ridge that rises to the nose tip, and lips. */
  const depth = (/** @type {number} */ px, /** @type {number} */ py) => {
    if (flat) return 0;
    const along = (py + 0.15) / Math.max(0.2, nose[1] + 0.15);
    const inside = Math.min(1, Math.max(0, along));
    const ridge = along < 0 ? 0 : along < 1 ? along ** 1.2 : bump((py - nose[1]) / 0.14);
    const tip = 0.4 * ridge * bump((px - nose[0] * inside) / (0.13 + 0.07 * inside));
    const lips = 0.15 * bump(Math.hypot((px - mouth[0]) / 0.4, (py - mouth[1]) / 0.25));
    return vault(px, py) - atEyes + tip + lips;
  };
  /** 1 on the head, falling to 0 around it, so that the background does not move. */
  const follows = (/** @type {number} */ px, /** @type {number} */ py) => {
    if (flat) return 1;
    const share = Math.min(1, Math.max(0, (1.6 - Math.sqrt(out(px, py, 2))) / 0.45));
    return share * share * (3 - 2 * share);
  };
  const pivot = flat ? [nose[1], 0] : [1.2, -1.4];

  const grid = Array.from({ length: VERTICES * VERTICES }, (_, i) => {
    const at = (/** @type {number} */ index) => EXTENT * ((2 * index) / (VERTICES - 1) - 1);
    const [px, py] = [at(i % VERTICES), at(Math.floor(i / VERTICES)) + 0.5];
    return {
      at: [px, py, depth(px, py)],
      follows: follows(px, py),
      u: Math.min(w - 1, Math.max(0, centreX + a * px - b * py)),
      v: Math.min(h - 1, Math.max(0, centreY + b * px + a * py)),
    };
  });

  const canvas = new OffscreenCanvas(width, height);
  const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d'));

  /** @param {number} yaw to the picture's right, in degrees @param {number} pitch upwards */
  const shoot = async (yaw, pitch) => {
    const image = new ImageData(width, height);
    const nearest = new Float32Array(width * height).fill(-Infinity);
    const placed = grid.map(({ at: [px, py, pz], follows: share, u, v }) => {
      const [yawed, pitched] = [(yaw * share * Math.PI) / 180, (pitch * share * Math.PI) / 180];
      const [dy, dz] = [py - pivot[0], pz - pivot[1]];
      const x1 = px * Math.cos(yawed) + dz * Math.sin(yawed);
      const z1 = dz * Math.cos(yawed) - px * Math.sin(yawed);
      const y2 = dy * Math.cos(pitched) - z1 * Math.sin(pitched) + pivot[0];
      const z2 = z1 * Math.cos(pitched) + dy * Math.sin(pitched) + pivot[1];
      const scale = FOCAL_LENGTH / (DISTANCE - z2);
      return [width / 2 + scale * x1, 0.44 * height + scale * y2, z2, u, v];
    });
    for (let i = 0; i < image.data.length; i += 4) image.data.set([165, 168, 166, 255], i);
    for (let row = 0; row < VERTICES - 1; row++) {
      for (let column = 0; column < VERTICES - 1; column++) {
        const first = row * VERTICES + column;
        const [p, q, r, s] = [first, first + 1, first + VERTICES, first + VERTICES + 1].map((it) => placed[it]);
        fill(p, q, r);
        fill(s, r, q);
      }
    }
    /** @param {number[]} p @param {number[]} q @param {number[]} r */
    function fill(p, q, r) {
      const area = (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0]);
      if (Math.abs(area) < 1e-6) return;
      const last = (/** @type {number} */ axis, /** @type {number} */ end) => Math.min(end - 1, Math.floor(Math.max(p[axis], q[axis], r[axis])));
      const start = (/** @type {number} */ axis) => Math.max(0, Math.ceil(Math.min(p[axis], q[axis], r[axis])));
      for (let py = start(1); py <= last(1, height); py++) {
        for (let px = start(0); px <= last(0, width); px++) {
          const s = ((px - p[0]) * (r[1] - p[1]) - (py - p[1]) * (r[0] - p[0])) / area;
          const t = ((q[0] - p[0]) * (py - p[1]) - (q[1] - p[1]) * (px - p[0])) / area;
          if (s < 0 || t < 0 || s + t > 1) continue;
          const mix = (/** @type {number} */ k) => (1 - s - t) * p[k] + s * q[k] + t * r[k];
          const at = py * width + px;
          if (mix(2) <= nearest[at]) continue;
          nearest[at] = mix(2);
          const [u, v] = [mix(3), mix(4)];
          // A screen is bright, and its pixel grid makes a moiré pattern with the camera's.
          const beat = Math.sin(6.1 * u + 0.9 * px) * Math.sin(5.7 * v + 1.1 * py);
          const shown = (/** @type {number} */ value) => (surface === 'screen' ? 1.15 * value + 8 + 10 * beat : value);
          const [u0, v0] = [Math.min(w - 2, Math.floor(u)), Math.min(h - 2, Math.floor(v))];
          for (let c = 0; c < 3; c++) {
            const texel = (/** @type {number} */ i, /** @type {number} */ j) => texture[((v0 + j) * w + u0 + i) * 4 + c];
            const upper = texel(0, 0) * (1 - u + u0) + texel(1, 0) * (u - u0);
            const lower = texel(0, 1) * (1 - u + u0) + texel(1, 1) * (u - u0);
            image.data[at * 4 + c] = shown(upper * (1 - v + v0) + lower * (v - v0));
          }
        }
      }
    }
    context.putImageData(image, 0, 0);
    const bytes = new Uint8Array(await (await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.92 })).arrayBuffer());
    return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
  };

  const straight = -(marks.yaw ?? 0);
  const steps = Array.from({ length: (2 * FARTHEST) / STEP + 1 }, (_, i) => i * STEP - FARTHEST);
  const poses = steps.flatMap((x) => steps.map((y) => ({ x, y }))).filter(({ x, y }) => Math.hypot(x, y) <= FARTHEST);
  poses.sort((a, b) => Math.hypot(a.x, a.y) - Math.hypot(b.x, b.y));
  const takes = [];
  for (const { x, y } of poses) takes.push({ x, y, jpeg: await shoot(straight + x, -y) });
  return takes;
}
