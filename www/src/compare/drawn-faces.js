/** Draws two pictures of an invented face, for trying the page. */

/**
 * @typedef {object} DrawnPerson
 * @property {string} skin
 * @property {string} shade of the skin
 * @property {string} hair
 * @property {string} iris
 * @property {string} lips
 * @property {number} width of the head, as a share of its height
 * @property {number} eyes distance between the eyes, as a share of the head's width
 * @property {number} nose its length, as a share of the head's height
 * @property {number} mouth its width, as a share of the head's width
 * @property {number} brows how thick they are, in pixels
 */

/**
 * @typedef {object} Shot
 * @property {number} turn in radians, in the picture's plane
 * @property {number} light from 0 to 1
 * @property {number} smile from 0 to 1
 * @property {string} wall
 */

/** @type {DrawnPerson} */
const PERSON = { skin: '#e3b48f', shade: '#b98460', hair: '#4a2f1d', iris: '#5a7d8c', lips: '#b5605a', width: 0.74, eyes: 0.44, nose: 0.2, mouth: 0.4, brows: 6 };

const SIDE = 480;

/** Largest change of a pixel by noise, of 255. */
const GRAIN = 12;

/** Two pictures of the face. @type {Shot[]} */
const SHOTS = [
  { turn: 0, light: 1, smile: 0.2, wall: '#c9d3d0' },
  { turn: 0.1, light: 0.86, smile: 0.8, wall: '#d9cbb8' },
];

/** The pictures, as canvases. */
export function drawnFaces() {
  return SHOTS.map((shot) => draw(PERSON, shot));
}

/**
 * @param {DrawnPerson} person
 * @param {Shot} shot
 */
function draw(person, shot) {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = SIDE;
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  pen.fillStyle = shot.wall;
  pen.fillRect(0, 0, SIDE, SIDE);
  pen.translate(SIDE / 2, SIDE / 2 + 6);
  pen.rotate(shot.turn);
  const height = 280;
  const width = person.width * height;
  const head = { width, height };
  drawBody(pen, person, head);
  drawHead(pen, person, head);
  drawHair(pen, person, head);
  for (const side of [-1, 1]) drawEye(pen, person, head, side);
  drawNose(pen, person, head);
  drawMouth(pen, person, head, shot.smile);
  pen.resetTransform();
  pen.globalCompositeOperation = 'multiply';
  pen.fillStyle = `hsl(0 0% ${100 * shot.light}%)`;
  pen.fillRect(0, 0, SIDE, SIDE);
  addGrain(pen);
  return canvas;
}

/** Adds the noise of a camera; an area of one colour looks like a cover. @param {CanvasRenderingContext2D} pen */
function addGrain(pen) {
  const picture = pen.getImageData(0, 0, SIDE, SIDE);
  let random = 1;
  for (let i = 0; i < picture.data.length; i += 4) {
    random = (Math.imul(random, 1664525) + 1013904223) >>> 0; // Numerical Recipes, section 7.1
    const grain = GRAIN * (random / 2 ** 31 - 1);
    for (let channel = i; channel < i + 3; channel += 1) picture.data[channel] += grain;
  }
  pen.putImageData(picture, 0, 0);
}

/** @typedef {{width: number, height: number}} Head */

/** @param {CanvasRenderingContext2D} pen @param {DrawnPerson} person @param {Head} head */
function drawBody(pen, { skin, shade }, { width, height }) {
  pen.fillStyle = shade;
  pen.fillRect(-0.24 * width, 0.3 * height, 0.48 * width, 0.4 * height);
  pen.fillStyle = skin;
  pen.globalAlpha = 0.35;
  pen.fillRect(-0.2 * width, 0.48 * height, 0.4 * width, 0.2 * height);
  pen.globalAlpha = 1;
  pen.fillStyle = '#47586b';
  pen.beginPath();
  pen.ellipse(0, 1.0 * height, 1.05 * width, 0.4 * height, 0, 0, 2 * Math.PI);
  pen.fill();
}

/** @param {CanvasRenderingContext2D} pen @param {DrawnPerson} person @param {Head} head */
function drawHead(pen, { skin, shade }, { width, height }) {
  pen.fillStyle = shade;
  for (const side of [-1, 1]) {
    pen.beginPath();
    pen.ellipse(side * 0.5 * width, 0.02 * height, 0.06 * width, 0.09 * height, 0, 0, 2 * Math.PI);
    pen.fill();
  }
  const light = pen.createRadialGradient(-0.12 * width, -0.14 * height, 0.1 * width, 0, 0, 0.62 * height);
  light.addColorStop(0, skin);
  light.addColorStop(0.6, skin);
  light.addColorStop(1, shade);
  pen.fillStyle = light;
  pen.beginPath();
  pen.moveTo(-0.5 * width, -0.1 * height);
  pen.bezierCurveTo(-0.5 * width, -0.66 * height, 0.5 * width, -0.66 * height, 0.5 * width, -0.1 * height);
  pen.bezierCurveTo(0.5 * width, 0.25 * height, 0.3 * width, 0.5 * height, 0, 0.5 * height);
  pen.bezierCurveTo(-0.3 * width, 0.5 * height, -0.5 * width, 0.25 * height, -0.5 * width, -0.1 * height);
  pen.fill();
  for (const side of [-1, 1]) softSpot(pen, side * 0.27 * width, 0.16 * height, 0.17 * width, '#d0705a', 0.22);
}

/** @param {CanvasRenderingContext2D} pen @param {DrawnPerson} person @param {Head} head */
function drawHair(pen, { hair }, { width, height }) {
  pen.fillStyle = hair;
  pen.beginPath();
  pen.moveTo(-0.54 * width, -0.02 * height);
  pen.bezierCurveTo(-0.66 * width, -0.8 * height, 0.66 * width, -0.8 * height, 0.54 * width, -0.02 * height);
  pen.bezierCurveTo(0.46 * width, -0.3 * height, 0.3 * width, -0.4 * height, 0.1 * width, -0.38 * height);
  pen.bezierCurveTo(-0.2 * width, -0.36 * height, -0.44 * width, -0.3 * height, -0.54 * width, -0.02 * height);
  pen.fill();
}

/** @param {CanvasRenderingContext2D} pen @param {DrawnPerson} person @param {Head} head @param {number} side */
function drawEye(pen, { iris, shade, hair, eyes, brows }, { width, height }, side) {
  const [x, y, w, h] = [(side * eyes * width) / 2, -0.06 * height, 0.115 * width, 0.028 * height];
  softSpot(pen, x, y - 0.01 * height, 0.16 * width, shade, 0.55);
  pen.fillStyle = '#f4efe9';
  pen.beginPath();
  pen.ellipse(x, y, w, h + 2, 0, 0, 2 * Math.PI);
  pen.fill();
  disc(pen, x, y, 0.058 * width, iris);
  disc(pen, x, y, 0.028 * width, '#0c0a0a');
  disc(pen, x - 3, y - 3, 2.4, '#ffffff');
  pen.strokeStyle = '#241712';
  pen.lineWidth = 3.2;
  pen.beginPath();
  pen.ellipse(x, y + 1, w + 1, h + 4, 0, 1.06 * Math.PI, 1.94 * Math.PI);
  pen.stroke();
  pen.strokeStyle = hair;
  pen.lineWidth = brows;
  pen.lineCap = 'round';
  pen.beginPath();
  pen.moveTo(x - side * 0.13 * width, y - 0.068 * height);
  pen.quadraticCurveTo(x + side * 0.03 * width, y - 0.105 * height, x + side * 0.15 * width, y - 0.06 * height);
  pen.stroke();
}

/** @param {CanvasRenderingContext2D} pen @param {DrawnPerson} person @param {Head} head */
function drawNose(pen, { shade, nose, skin }, { width, height }) {
  const tip = -0.06 * height + nose * height;
  softSpot(pen, 0.035 * width, tip - 0.08 * height, 0.06 * width, shade, 0.5);
  softSpot(pen, 0, tip, 0.11 * width, shade, 0.6);
  softSpot(pen, -0.01 * width, tip - 0.02 * height, 0.06 * width, skin, 0.9);
  for (const side of [-1, 1]) {
    pen.fillStyle = '#3a211a';
    pen.globalAlpha = 0.75;
    pen.beginPath();
    pen.ellipse(side * 0.045 * width, tip + 0.022 * height, 0.026 * width, 0.009 * height, side * 0.3, 0, 2 * Math.PI);
    pen.fill();
    pen.globalAlpha = 1;
  }
}

/** @param {CanvasRenderingContext2D} pen @param {DrawnPerson} person @param {Head} head @param {number} smile */
function drawMouth(pen, { lips, mouth, shade }, { width, height }, smile) {
  const [half, y] = [(mouth * width) / 2, 0.29 * height];
  const lift = smile * 0.03 * height;
  softSpot(pen, 0, y + 0.075 * height, 0.14 * width, shade, 0.45);
  pen.fillStyle = lips;
  pen.beginPath();
  pen.moveTo(-half, y - lift);
  pen.quadraticCurveTo(-0.25 * half, y - 0.04 * height, 0, y - 0.022 * height);
  pen.quadraticCurveTo(0.25 * half, y - 0.04 * height, half, y - lift);
  pen.quadraticCurveTo(0, y + 0.075 * height + lift, -half, y - lift);
  pen.fill();
  pen.strokeStyle = '#4b1f1d';
  pen.lineWidth = 3;
  pen.beginPath();
  pen.moveTo(-half, y - lift);
  pen.quadraticCurveTo(0, y + 0.012 * height + lift, half, y - lift);
  pen.stroke();
}

/** @param {CanvasRenderingContext2D} pen @param {number} x @param {number} y @param {number} radius @param {string} colour */
function disc(pen, x, y, radius, colour) {
  pen.fillStyle = colour;
  pen.beginPath();
  pen.arc(x, y, radius, 0, 2 * Math.PI);
  pen.fill();
}

/** Draws a spot that fades outwards. @param {CanvasRenderingContext2D} pen @param {number} x @param {number} y @param {number} radius @param {string} colour @param {number} strength */
function softSpot(pen, x, y, radius, colour, strength) {
  const spot = pen.createRadialGradient(x, y, 0, x, y, radius);
  spot.addColorStop(0, colour);
  spot.addColorStop(1, `${colour}00`);
  pen.globalAlpha = strength;
  disc(pen, x, y, radius, /** @type {any} */ (spot));
  pen.globalAlpha = 1;
}
