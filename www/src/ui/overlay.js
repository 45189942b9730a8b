/** Draws what was found over the picture. */

const MARKS = /** @type {const} */ (['leftEye', 'rightEye', 'nose', 'mouth']);

/**
 * @param {HTMLCanvasElement} canvas
 * @param {import('../../package/sight.js').Sight} sight
 */
export function draw(canvas, { frame, faces, face }) {
  canvas.width = frame.width;
  canvas.height = frame.height;
  const context = canvas.getContext('2d');
  if (!context) return;
  const { colour, outline } = colours(canvas, Boolean(face));
  for (const found of faces) {
    context.lineWidth = Math.max(2, frame.width / 220);
    drawCorners(context, found.bounds, outline, 2);
    drawCorners(context, found.bounds, colour, 0);
    for (const mark of MARKS) drawDot(context, found.landmarks[mark], colour, outline);
  }
}

/** @param {HTMLCanvasElement} canvas */
export function clear(canvas) {
  canvas.getContext('2d')?.clearRect(0, 0, canvas.width, canvas.height);
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {boolean} good
 */
function colours(canvas, good) {
  const style = getComputedStyle(canvas);
  return {
    colour: style.getPropertyValue(good ? '--mark-good' : '--mark-wait'),
    outline: style.getPropertyValue('--mark-outline'),
  };
}

/**
 * The four corners of a box, like a viewfinder's.
 * @param {CanvasRenderingContext2D} context
 * @param {import('../../package/types').Face['bounds']} bounds
 * @param {string} colour
 * @param {number} extra added to the line's width
 */
function drawCorners(context, { x, y, width, height }, colour, extra) {
  const reach = Math.min(width, height) * 0.18;
  context.save();
  context.strokeStyle = colour;
  context.lineWidth += extra;
  context.lineCap = context.lineJoin = 'round';
  context.beginPath();
  for (const [cornerX, cornerY, right, down] of [
    [x, y, 1, 1],
    [x + width, y, -1, 1],
    [x + width, y + height, -1, -1],
    [x, y + height, 1, -1],
  ]) {
    context.moveTo(cornerX + right * reach, cornerY);
    context.lineTo(cornerX, cornerY);
    context.lineTo(cornerX, cornerY + down * reach);
  }
  context.stroke();
  context.restore();
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {{x: number, y: number}} point
 * @param {string} colour
 * @param {string} outline
 */
function drawDot(context, { x, y }, colour, outline) {
  context.save();
  context.beginPath();
  context.arc(x, y, context.lineWidth, 0, 2 * Math.PI);
  context.fillStyle = colour;
  context.strokeStyle = outline;
  context.lineWidth = 1;
  context.fill();
  context.stroke();
  context.restore();
}
