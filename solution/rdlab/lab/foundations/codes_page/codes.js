// Two planes of codes, a point on each, and the picture decoded there.

const FACTS = JSON.parse(document.getElementById("facts").textContent);
const [CHANNELS, HEIGHT, WIDTH] = FACTS.image_shape;
const PRIOR_RADIUS = Math.sqrt(-2 * Math.log(0.05));
const SAMPLES = 10;
const SIZE = 720; // pixels of a plane's canvas
const spaces = FACTS.models.map((model) => ({ ...model, z: [0, 0] }));
const state = { together: false, extent: "own", highlight: -1, noise: [] };
const darkScreen = matchMedia("(prefers-color-scheme: dark)");
let printing = false;

const $ = (id) => document.getElementById(id);
const dark = () => darkScreen.matches && !printing;
const digits = (value, places = 2) => (value == null ? "–" : value.toFixed(places).replace("-", "−"));

function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

function normal() {
  return Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
}

// Pictures

function newCanvas(label) {
  const canvas = element("canvas", { width: WIDTH, height: HEIGHT, className: CHANNELS === 1 ? "ink" : "" });
  if (label) canvas.setAttribute("role", "img");
  canvas.setAttribute(label ? "aria-label" : "aria-hidden", label || "true");
  return canvas;
}

/** One channel as ink, as dark as the pixel is bright. */
function paint(canvas, pixels) {
  const image = new ImageData(WIDTH, HEIGHT);
  const area = WIDTH * HEIGHT;
  for (let i = 0; i < area; i++) {
    for (let c = 0; c < 3; c++) {
      image.data[4 * i + c] = CHANNELS === 1 ? 0 : Math.round(255 * pixels[c * area + i]);
    }
    image.data[4 * i + 3] = CHANNELS === 1 ? Math.round(255 * pixels[i]) : 255;
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
  return canvas;
}

// The plane

const reach = (space) => (state.extent === "four" ? 4 : space.reach);
const toPixel = (space, value) => ((value / reach(space) + 1) / 2) * SIZE;
const fromShare = (space, share) => (2 * share - 1) * reach(space);

function drawPlane(space) {
  const context = space.canvas.getContext("2d");
  const [ink, quiet] = dark() ? ["#e8eaed", "#59616c"] : ["#1b1f24", "#b4bac2"];
  context.clearRect(0, 0, SIZE, SIZE);
  drawAxes(context, space, quiet);
  space.codes.forEach(([x, y], i) => {
    const label = FACTS.labels[i];
    context.globalAlpha = state.highlight < 0 ? 0.6 : label === state.highlight ? 0.95 : 0.08;
    context.fillStyle = colour(label);
    drawMark(context, toPixel(space, x), SIZE - toPixel(space, y), label);
  });
  context.globalAlpha = 1;
  drawNames(context, space, ink);
  drawCrosshair(context, space, ink);
}

const colour = (label) => (dark() ? FACTS.dark_colours : FACTS.colours)[label % FACTS.colours.length];

function drawMark(context, x, y, label) {
  const shape = label % 3;
  context.beginPath();
  if (shape === 0) context.arc(x, y, 3.2, 0, 2 * Math.PI);
  else if (shape === 1) context.rect(x - 2.8, y - 2.8, 5.6, 5.6);
  else { context.moveTo(x, y - 4); context.lineTo(x + 3.8, y + 3); context.lineTo(x - 3.8, y + 3); }
  context.fill();
}

function drawAxes(context, space, quiet) {
  const middle = SIZE / 2;
  context.strokeStyle = quiet;
  context.fillStyle = quiet;
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(0, middle); context.lineTo(SIZE, middle);
  context.moveTo(middle, 0); context.lineTo(middle, SIZE);
  context.stroke();
  context.setLineDash([8, 6]);
  context.lineWidth = 2;
  context.beginPath();
  context.arc(middle, middle, toPixel(space, PRIOR_RADIUS) - middle, 0, 2 * Math.PI);
  context.stroke();
  context.setLineDash([]);
  context.font = "20px system-ui, sans-serif";
  context.textAlign = "right";
  context.fillText(digits(reach(space), 1), SIZE - 6, middle - 8);
}

function drawNames(context, space, ink) {
  context.font = "600 22px system-ui, sans-serif";
  context.textAlign = "center";
  context.lineWidth = 5;
  context.strokeStyle = dark() ? "#14171b" : "#fff";
  context.fillStyle = ink;
  space.centres.forEach((centre, label) => {
    if (!centre || (state.highlight >= 0 && label !== state.highlight)) return;
    if (Math.max(...centre.map(Math.abs)) > reach(space)) return;
    const [x, y] = [toPixel(space, centre[0]), SIZE - toPixel(space, centre[1])];
    context.strokeText(FACTS.classes[label], x, y);
    context.fillText(FACTS.classes[label], x, y);
  });
}

function drawCrosshair(context, space, ink) {
  const [x, y] = [toPixel(space, space.z[0]), SIZE - toPixel(space, space.z[1])];
  context.strokeStyle = ink;
  context.lineWidth = 3;
  context.beginPath();
  context.arc(x, y, 9, 0, 2 * Math.PI);
  context.moveTo(x - 22, y); context.lineTo(x - 9, y);
  context.moveTo(x + 9, y); context.lineTo(x + 22, y);
  context.moveTo(x, y - 22); context.lineTo(x, y - 9);
  context.moveTo(x, y + 9); context.lineTo(x, y + 22);
  context.stroke();
}

// The point

/** Class of the nearest code and its distance. */
function nearest(space, z) {
  let [best, place] = [Infinity, 0];
  space.codes.forEach(([x, y], i) => {
    const distance = Math.hypot(x - z[0], y - z[1]);
    if (distance < best) [best, place] = [distance, i];
  });
  return [FACTS.classes[FACTS.labels[place]], best];
}

function moveTo(space, z, spoken = false) {
  for (const each of state.together ? spaces : [space]) {
    each.z = z.map((value) => Math.min(reach(each), Math.max(-reach(each), value)));
    showPoint(each);
  }
  if (spoken) $("spoken").textContent = space.text.textContent;
}

function showPoint(space) {
  const [name, distance] = nearest(space, space.z);
  space.inputs.forEach((input, axis) => {
    input.min = -reach(space);
    input.max = reach(space);
    input.value = space.z[axis];
    const words = `z${axis + 1} = ${digits(space.z[axis])}`;
    input.setAttribute("aria-valuetext", `${words}, nearest code: ${name}`);
    space.outputs[axis].value = digits(space.z[axis]);
  });
  const pixels = decode(space, space.z);
  paint(space.picture, pixels);
  space.picture.setAttribute("aria-label",
    `${space.label}: the picture at z = (${space.z.map((v) => digits(v)).join(", ")})`);
  space.text.textContent = `${space.label}: the nearest code, ${digits(distance)} away, is of the ` +
    `class ${name}.`;
  drawPlane(space);
}

function follow(space, event) {
  const box = space.plane.getBoundingClientRect();
  const across = (event.clientX - box.left) / box.width;
  const upwards = 1 - (event.clientY - box.top) / box.height;
  moveTo(space, [fromShare(space, across), fromShare(space, upwards)]);
}

function slider(space, axis) {
  const id = `${space.kind}-z${axis + 1}`;
  const input = element("input", { type: "range", id, step: "any" });
  input.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -10, PageUp: 10 }[event.key];
    if (!step) return;
    event.preventDefault();
    const z = [...space.z];
    z[axis] += (step * reach(space)) / 50;
    moveTo(space, z, true);
  });
  input.addEventListener("input", () => {
    const z = [...space.z];
    z[axis] = Number(input.value);
    moveTo(space, z);
  });
  const output = element("output", { htmlFor: id });
  const label = element("label", { htmlFor: id });
  label.append(["z₁", "z₂"][axis], element("span", { className: "hidden" }, ` of the ${space.label}`));
  return [element("div", { className: "coordinate" }, label, input, output), input, output];
}

function buildSpace(space) {
  space.canvas = element("canvas", { width: SIZE, height: SIZE });
  space.canvas.setAttribute("role", "img");
  space.canvas.setAttribute("aria-label", `${space.label}: the codes of ${space.codes.length} test ` +
    `images by class. ${space.told}`);
  space.plane = element("div", { className: "plane", id: `${space.kind}-plane` }, space.canvas);
  for (const type of ["pointermove", "pointerdown"]) {
    space.plane.addEventListener(type, (event) => follow(space, event));
  }
  space.picture = newCanvas(space.label);
  space.picture.id = `${space.kind}-picture`;
  space.text = element("p", { className: "quiet", id: `${space.kind}-text` });
  const [[first, x, xs], [second, y, ys]] = [slider(space, 0), slider(space, 1)];
  space.inputs = [x, y];
  space.outputs = [xs, ys];
  const controls = element("div", {}, first, second, space.text);
  return element("div", { className: "space" }, element("h3", {}, space.label), space.plane,
    element("div", { className: "decoded" }, space.picture, controls),
    element("p", { className: "quiet" }, space.told));
}

// The prior

function showPrior() {
  $("prior").replaceChildren(...spaces.map((space) => {
    const pictures = state.noise.map((z) => paint(newCanvas(""), decode(space, z)));
    const strip = element("div", { className: "strip", role: "img" }, ...pictures);
    strip.setAttribute("aria-label", `${SAMPLES} pictures decoded from N(0, I) by the ${space.label}`);
    return element("div", { className: "row" }, element("div", { className: "quiet" }, space.label), strip);
  }));
}

function drawNoise() {
  state.noise = Array.from({ length: SAMPLES }, () => [normal(), normal()]);
  showPrior();
}

// The whole page

function showTable() {
  const row = (cells, tag = "td") => element("tr", {}, ...cells.map((cell, i) => {
    const made = element(i && tag === "td" ? "td" : "th", {}, cell);
    if (!(i && tag === "td")) made.scope = i || tag === "th" ? "col" : "row";
    return made;
  }));
  const names = FACTS.numbers.map(([name]) => name);
  $("table").append(element("thead", {}, row(["quantity", ...spaces.map((space) => space.label)], "th")),
    element("tbody", {}, ...names.map((name, i) => row([name, ...FACTS.numbers[i][1]]))));
}

function redraw() {
  spaces.forEach((space) => moveTo(space, space.z));
}

function listen() {
  $("together").addEventListener("change", () => {
    state.together = $("together").checked;
    if (state.together) moveTo(spaces[0], spaces[0].z);
  });
  $("extent").addEventListener("change", () => { state.extent = $("extent").value; redraw(); });
  $("highlight").append(...["every class", ...FACTS.classes].map((name, i) =>
    element("option", { value: i - 1 }, name)));
  $("highlight").addEventListener("change", () => {
    state.highlight = Number($("highlight").value);
    spaces.forEach(drawPlane);
  });
  $("redraw").addEventListener("click", drawNoise);
  darkScreen.addEventListener("change", () => spaces.forEach(drawPlane));
  addEventListener("beforeprint", () => { printing = true; spaces.forEach(drawPlane); });
  addEventListener("afterprint", () => { printing = false; spaces.forEach(drawPlane); });
}

async function open() {
  for (const space of spaces) space.decoder = await Promise.all(space.decoder.map(unpackLayer));
  $("about").textContent = FACTS.about;
  $("made").textContent = FACTS.made;
  $("spaces").append(...spaces.map(buildSpace));
  showTable();
  listen();
  redraw();
  drawNoise();
  document.body.dataset.ready = "";
}

open().catch((error) => {
  $("trouble").hidden = false;
  $("trouble").textContent = "This page could not be drawn: open it in a current browser, or make it " +
    `again with python -m rdlab foundations page (${error.message}).`;
  console.error(error);
});
