// Map, line chart and cloud, each drawn on a canvas in the colours of the page.

const CLASS_COLOURS = ["#332288", "#88ccee", "#44aa99", "#117733", "#999933",
  "#ddaa33", "#cc6677", "#882255", "#aa4499", "#000000"];
const CLASS_COLOURS_DARK = ["#8f86e8", "#88ccee", "#44aa99", "#5fc98a", "#c2c24a",
  "#ddaa33", "#e58a96", "#e06aa0", "#cc77bb", "#ffffff"];
const SIDE = 640; // pixels of a map's canvas
const darkScreen = matchMedia("(prefers-color-scheme: dark)");
let printing = false;

const isDark = () => darkScreen.matches && !printing;
const colourOf = (label) => (isDark() ? CLASS_COLOURS_DARK : CLASS_COLOURS)[label % 10];
const inks = () => (isDark()
  ? { ink: "#e8eaed", quiet: "#a9b1bb", line: "#3a4149", accent: "#ff9a4d", paper: "#14171b" }
  : { ink: "#1b1f24", quiet: "#59616c", line: "#d5d9df", accent: "#b64a00", paper: "#ffffff" });
const digits = (value, places = 2) => (value == null ? "–" : value.toFixed(places));

function context(canvas, width, height) {
  canvas.width = width;
  canvas.height = height;
  const drawing = canvas.getContext("2d");
  drawing.clearRect(0, 0, width, height);
  return drawing;
}

/** One marker per class, so that colour is not needed to tell them apart. */
function marker(drawing, label, x, y, size) {
  const kind = label % 5;
  drawing.beginPath();
  if (kind === 0) drawing.arc(x, y, size, 0, 2 * Math.PI);
  if (kind === 1) drawing.rect(x - size, y - size, 2 * size, 2 * size);
  if (kind === 2) polygon(drawing, x, y, 1.3 * size, 3, -Math.PI / 2);
  if (kind === 3) polygon(drawing, x, y, 1.3 * size, 4, 0);
  if (kind === 4) polygon(drawing, x, y, 1.3 * size, 3, Math.PI / 2);
  if (label % 10 < 5) drawing.fill();
  else drawing.stroke();
}

function polygon(drawing, x, y, radius, corners, turn) {
  for (let i = 0; i <= corners; i++) {
    const angle = turn + (2 * Math.PI * i) / corners;
    drawing.lineTo(x + radius * Math.cos(angle), y + radius * Math.sin(angle));
  }
}

/** {toPixel, fromPixel} of a square map that shows −width … width in both directions. */
function mapScale(width) {
  return {
    toPixel: ([a, b]) => [(SIDE * (a + width)) / (2 * width), (SIDE * (width - b)) / (2 * width)],
    fromPixel: ([x, y]) => [(2 * width * x) / SIDE - width, width - (2 * width * y) / SIDE],
  };
}

function drawAxes(drawing, width, scale) {
  const { line, quiet } = inks();
  drawing.strokeStyle = line;
  drawing.fillStyle = quiet;
  drawing.font = "14px system-ui, sans-serif";
  drawing.lineWidth = 1;
  for (let value = -Math.floor(width); value <= width; value++) {
    const [x, y] = scale.toPixel([value, value]);
    drawing.globalAlpha = value === 0 ? 1 : 0.5;
    drawing.beginPath();
    drawing.moveTo(x, 0);
    drawing.lineTo(x, SIDE);
    drawing.moveTo(0, y);
    drawing.lineTo(SIDE, y);
    drawing.stroke();
    drawing.globalAlpha = 1;
    drawing.fillText(String(value), x + 3, SIDE - 5);
    if (value) drawing.fillText(String(value), 4, y - 3);
  }
}

/** The curve at which a Gaussian in the plane is that many standard deviations wide. */
function ellipse([meanA, meanB], [a, b, , c], deviations) {
  const middle = (a + c) / 2;
  const half = Math.hypot((a - c) / 2, b);
  const angle = Math.atan2(2 * b, a - c) / 2;
  const radii = [middle + half, Math.max(0, middle - half)].map((v) => deviations * Math.sqrt(v));
  return Array.from({ length: 65 }, (_, i) => {
    const t = (2 * Math.PI * i) / 64;
    const [u, v] = [radii[0] * Math.cos(t), radii[1] * Math.sin(t)];
    return [meanA + u * Math.cos(angle) - v * Math.sin(angle),
      meanB + u * Math.sin(angle) + v * Math.cos(angle)];
  });
}

function curve(drawing, points, scale) {
  drawing.beginPath();
  points.forEach((point, i) => (i ? drawing.lineTo(...scale.toPixel(point))
    : drawing.moveTo(...scale.toPixel(point))));
  drawing.stroke();
}

/** A line chart with a logarithmic or linear x axis: series are {values, colour, name}. */
function drawLines(canvas, words, series, { logarithmic = false, from = 1, shades = [] } = {}) {
  const [width, height, left, bottom] = [720, 300, 46, 34];
  const drawing = context(canvas, width, height);
  const { ink, quiet, line } = inks();
  const count = Math.max(2, ...series.map(({ values }) => values.length));
  const finite = series.flatMap(({ values }) => values).filter(Number.isFinite);
  const top = 1.08 * Math.max(1e-6, ...finite);
  const along = (i) => (logarithmic ? Math.log(i + from) / Math.log(count - 1 + from) : i / (count - 1));
  const x = (i) => left + (width - left - 10) * Math.min(1, Math.max(0, along(i)));
  const y = (value) => 10 + (height - bottom - 10) * (1 - Math.min(1, value / top));
  canvas.setAttribute("aria-label", words);
  drawing.font = "13px system-ui, sans-serif";
  shades.forEach(({ name, first, last }, i) => {
    drawing.globalAlpha = i % 2 ? 0.55 : 0.2;
    drawing.fillStyle = line;
    const [begin, end] = [x(first - 1), x(last)];
    drawing.fillRect(begin, 10, end - begin, height - bottom - 10);
    drawing.globalAlpha = 1;
    drawing.fillStyle = quiet;
    drawing.save();
    drawing.translate(begin + 14, 16);
    drawing.rotate(Math.PI / 2);
    drawing.fillText(name, 0, 4);
    drawing.restore();
  });
  drawing.strokeStyle = line;
  drawing.fillStyle = quiet;
  for (let k = 0; k <= 4; k++) {
    const value = (top * k) / 4;
    drawing.beginPath();
    drawing.moveTo(left, y(value));
    drawing.lineTo(width - 10, y(value));
    drawing.stroke();
    drawing.fillText(value >= 100 ? value.toFixed(0) : value.toPrecision(2), 4, y(value) + 4);
  }
  for (const tick of [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000]) {
    if (tick - from < count && (logarithmic || tick * 8 >= count)) {
      drawing.textAlign = "center";
      drawing.fillText(String(tick), Math.min(x(tick - from), width - 16), height - 12);
      drawing.textAlign = "start";
    }
  }
  drawing.lineWidth = 2;
  for (const { values, colour } of series) {
    drawing.strokeStyle = colour ?? ink;
    drawing.beginPath();
    values.forEach((value, i) => (i ? drawing.lineTo(x(i), y(value)) : drawing.moveTo(x(i), y(value))));
    drawing.stroke();
  }
}

/** Codes in three dimensions, turned about the vertical axis; the far ones are fainter. */
function drawCloud(canvas, codes, labels, width, degrees) {
  const drawing = context(canvas, SIDE, SIDE);
  const turn = (degrees * Math.PI) / 180;
  const [cosine, sine] = [Math.cos(turn), Math.sin(turn)];
  const points = labels.map((label, i) => {
    const [a, b, c] = codes.subarray(3 * i, 3 * i + 3);
    return { label, x: a * cosine - b * sine, y: c, depth: a * sine + b * cosine };
  });
  const { line } = inks();
  const size = SIDE / (3.1 * width);
  const place = (x, y, depth) => [SIDE / 2 + x * size, SIDE / 2 - (0.94 * y + 0.3 * depth) * size];
  drawing.strokeStyle = line;
  for (const [a, b, c] of [[1, 0, 0], [0, 1, 0], [0, 0, 1]]) {
    const end = (sign) => {
      const [u, v, w] = [sign * a * width, sign * b * width, sign * c * width];
      return place(u * cosine - v * sine, w, u * sine + v * cosine);
    };
    drawing.beginPath();
    drawing.moveTo(...end(-1));
    drawing.lineTo(...end(1));
    drawing.stroke();
  }
  points.sort((p, q) => q.depth - p.depth);
  for (const { label, x, y, depth } of points) {
    drawing.globalAlpha = Math.min(1, Math.max(0.25, 0.65 - (0.35 * depth) / width));
    drawing.fillStyle = drawing.strokeStyle = colourOf(label);
    marker(drawing, label, ...place(x, y, depth), 3.4);
  }
  drawing.globalAlpha = 1;
}
