// What the reader does, and what follows from it.

const SWEEP = JSON.parse(document.getElementById("sweep").textContent);
const [CHANNELS, HEIGHT, WIDTH] = SWEEP.image_shape;
const PIXELS = CHANNELS * HEIGHT * WIDTH;
const PAIRS = 10;
const STEPS = 9;
const runs = SWEEP.runs;
const state = { run: 0, start: "image", image: 0, from: 0, to: 1, way: 0.5, z: [], posterior: null,
  noise: [], otherNoise: [], epoch: 1, left: 0, right: 0 };

const $ = (id) => document.getElementById(id);
const chosen = () => runs[state.run];
const active = (run) => run.latent_dim - run.redundant.length;
const className = (image) => SWEEP.classes[SWEEP.labels[image]];

function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

function normal() {
  return Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
}

const normals = (count) => Array.from({ length: count }, normal);

// Pictures

const original = (image) => SWEEP.originals.subarray(image * PIXELS, (image + 1) * PIXELS);

function latent(run, image) {
  const d = run.latent_dim;
  return run.means.subarray(image * d, (image + 1) * d);
}

/** Pixels in [0, 1] of what a run makes of a test image, or null where the page has none. */
function reconstruction(run, image) {
  if (run.decoder) return decode(run, latent(run, image));
  if (!run.reconstructions || image >= PAIRS) return null;
  return unit(run.reconstructions.subarray(image * PIXELS, (image + 1) * PIXELS));
}

function newCanvas(label) {
  const canvas = element("canvas", { width: WIDTH, height: HEIGHT });
  if (CHANNELS === 1) canvas.className = "ink";
  if (label) canvas.setAttribute("role", "img");
  canvas.setAttribute(label ? "aria-label" : "aria-hidden", label || "true");
  return canvas;
}

/** Colour images as they are; one channel as ink, as dark as the pixel is bright. */
function paint(canvas, pixels) {
  const image = new ImageData(WIDTH, HEIGHT);
  const area = WIDTH * HEIGHT;
  for (let i = 0; i < area; i++) {
    if (CHANNELS === 1) image.data[4 * i + 3] = Math.round(255 * pixels[i]);
    else {
      for (let c = 0; c < 3; c++) image.data[4 * i + c] = Math.round(255 * pixels[c * area + i]);
      image.data[4 * i + 3] = 255;
    }
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
  return canvas;
}

/** |x − x̂|, averaged over the channels, in colour. */
function paintError(canvas, x, y) {
  const image = new ImageData(WIDTH, HEIGHT);
  const area = WIDTH * HEIGHT;
  for (let i = 0; i < area; i++) {
    let sum = 0;
    for (let c = 0; c < CHANNELS; c++) sum += Math.abs(x[c * area + i] - y[c * area + i]);
    image.data.set([213, 94, 0, Math.round((255 * sum) / CHANNELS)], 4 * i);
  }
  canvas.className = "";
  canvas.getContext("2d").putImageData(image, 0, 0);
  return canvas;
}

const unit = (bytes) => Float32Array.from(bytes, (value) => value / 255);
const squaredError = (x, y) => x.reduce((sum, value, i) => sum + (value - y[i]) ** 2, 0);

function drawPairs() {
  const run = chosen();
  const figures = Array.from({ length: Math.min(PAIRS, SWEEP.labels.length) }, (_, image) => {
    const x = unit(original(image));
    const y = reconstruction(run, image);
    const error = digits(squaredError(x, y), 1);
    return element("figure", {},
      paint(newCanvas(`${className(image)}, original`), x),
      paint(newCanvas(`${className(image)}, reconstruction at ${withBeta(run)}`), y),
      paintError(newCanvas(`${className(image)}, squared error ${error}`), x, y),
      element("figcaption", {}, className(image), element("br"), error));
  });
  $("pairs").replaceChildren(...figures);
}

// Numbers

const counted = (nats) => new Intl.NumberFormat("en", { notation: "compact", compactDisplay: "long",
  maximumSignificantDigits: 2 }).format(Math.exp(nats));

function told(run) {
  const share = Math.round((100 * run.distortion) / SWEEP.variance);
  return `At ${withBeta(run)} a nat is sent only where it saves at least ${run.beta} of squared error. ` +
    `The code ends with ${digits(run.rate)} nats, ${digits(bits(run.rate), 1)} bits: as many as it takes ` +
    `to name one of ${counted(run.rate)} pictures. What comes back misses ${digits(run.distortion, 1)} ` +
    `of squared error per image, ${share} % of what the pictures vary.`;
}

/** [name, value, more] of each tile; the last ones only where they are measured. */
function facts(run) {
  const rms = Math.sqrt(run.distortion / PIXELS);
  const found = [
    ["Rate R", `${digits(run.rate)} nats`, `${digits(bits(run.rate), 1)} bits per image`],
    ["Distortion D", digits(run.distortion), `${digits(rms, 3)} per pixel (root mean square)`],
    ["Active dimensions", `${active(run)} of ${run.latent_dim}`,
      `the other ${run.redundant.length} are redundant: mean KL below ${SWEEP.threshold} nats`],
  ];
  const { analysis, information } = run;
  if (analysis) {
    found.push(["Bits really used by z", digits(analysis.latent_bits, 1),
      `bits-back; the KL of these images is ${digits(analysis.kl_bits, 1)} bits. With the pixels ` +
      `${digits(analysis.bits_per_pixel)} bits per pixel`]);
  }
  if (information) found.push(...knowledge(information));
  return found;
}

function knowledge(information) {
  const { sandwich_lower: lower, sandwich_upper: upper, doubts } = information;
  return [
    ["I(x; z), bracket", `${digits(lower)} to ${digits(upper)}`, "nats, from the encoder's density"],
    ["I(x; z) by MINE", `${digits(information.mine)} nats`, doubts ? `doubts: ${doubts}` : "no doubts"],
    ["I(z; y) by the probe", `${digits(information.label_probe)} nats`,
      `MINE says ${digits(information.label_mine)}; H(y) is ${digits(SWEEP.label_entropy)}`],
    ["Probe accuracy", `${digits(100 * information.label_accuracy, 1)} %`, "of labels, from z alone"],
    ["I(z; y) / I(x; z)", digits(information.ratio), "the share that is about the label"],
  ];
}

function tile([name, value, more]) {
  return element("div", {}, element("dt", {}, name),
    element("dd", {}, element("div", { className: "value" }, value),
      element("div", { className: "more" }, more)));
}

function tableRow(cells, chosenRow) {
  const row = element("tr", { className: chosenRow ? "chosen" : "" },
    ...cells.map((cell, i) => element(i ? "td" : "th", i ? {} : { scope: "row" }, cell)));
  if (chosenRow) row.setAttribute("aria-current", "true");
  return row;
}

function headRow(names) {
  return element("thead", {}, element("tr", {},
    ...names.map((name) => element("th", { scope: "col" }, name))));
}

function fillTable() {
  const columns = [["β", (r) => String(r.beta)], ["R (nats)", (r) => digits(r.rate)],
    ["D", (r) => digits(r.distortion)], ["active", (r) => String(active(r))],
    ["redundant", (r) => String(r.redundant.length)],
    ["latent bits", (r) => digits(r.analysis?.latent_bits, 1)],
    ["KL in bits", (r) => digits(r.analysis?.kl_bits, 1)],
    ["I(x; z) from", (r) => digits(r.information?.sandwich_lower)],
    ["to", (r) => digits(r.information?.sandwich_upper)],
    ["MINE", (r) => digits(r.information?.mine)],
    ["I(z; y)", (r) => digits(r.information?.label_probe)],
    ["accuracy", (r) => digits(r.information?.label_accuracy, 3)],
    ["ratio", (r) => digits(r.information?.ratio)]];
  const rows = runs.map((run) => tableRow(columns.map(([, cell]) => cell(run)), run === chosen()));
  $("table").replaceChildren(headRow(columns.map(([name]) => name)), element("tbody", {}, ...rows));
}

function showNotes(id, notes) {
  $(id).replaceChildren(...notes.map((note) => element("p", { className: "note" }, note)));
}

// β

function showRun() {
  const run = chosen();
  $("beta").value = state.run;
  $("beta").setAttribute("aria-valuetext", withBeta(run));
  $("beta-label").textContent = withBeta(run);
  $("now").textContent = `R ${digits(run.rate)} nats · D ${digits(run.distortion)}`;
  $("told").textContent = told(run);
  $("tiles").replaceChildren(...facts(run).map(tile));
  drawRunCharts();
  drawPairs();
  fillTable();
  state.epoch = run.metrics.loss.length;
  showTraining();
  startOver();
}

function drawRunCharts() {
  const axis = document.querySelector("input[name=axis]:checked").value;
  drawPlane(runs, chosen(), SWEEP.references, axis === "log");
  drawSpectrum(runs, chosen());
  drawKnowledge(runs, chosen());
}

function chooseRun(index) {
  state.run = index;
  stopReplay();
  showRun();
}

function listenToBeta() {
  const slider = $("beta");
  slider.max = runs.length - 1;
  $("scale").append(...runs.map((run) => element("span", {}, String(run.beta))));
  slider.addEventListener("input", () => chooseRun(Number(slider.value)));
  slider.addEventListener("change", () => { $("spoken").textContent = told(chosen()); });
  for (const radio of document.querySelectorAll("input[name=axis]")) {
    radio.addEventListener("change", drawRunCharts);
  }
  $("plane").on("plotly_click", ({ points }) => {
    const index = runs.findIndex((run) => run.distortion === points[0].x);
    if (index >= 0) chooseRun(index);
  });
}

// The knobs

const mixed = (a, b, way) => a.map((value, i) => (1 - way) * value + way * b[i]);

function startLatent(run) {
  if (state.start === "prior") return Array.from(state.noise.slice(0, run.latent_dim));
  if (state.start === "image") return Array.from(latent(run, state.image));
  return Array.from(mixed(latent(run, state.from), latent(run, state.to), state.way));
}

/** {mean, deviation} of the distribution that the start is drawn from, or null. */
function startSpread(run) {
  const d = run.latent_dim;
  if (state.start === "prior") return { mean: Array(d).fill(0), deviation: Array(d).fill(1) };
  if (state.start === "between") return null;
  const logVars = run.log_vars.subarray(state.image * d, (state.image + 1) * d);
  return { mean: latent(run, state.image), deviation: logVars.map((v) => Math.exp(v / 2)) };
}

function startOver() {
  const run = chosen();
  $("bench").hidden = !run.decoder;
  $("not-live").hidden = Boolean(run.decoder);
  $("not-live").textContent = run.decoder ? "" : SWEEP.notes.left_out;
  if (!run.decoder) return;
  state.posterior = startSpread(run);
  $("sample").hidden = state.start === "between";
  $("sample").textContent = state.start === "prior" ? "Draw another z" : "Draw z from q(z|x)";
  buildKnobs(run);
  moveTo(startLatent(run));
}

function buildKnobs(run) {
  const idle = new Set(run.redundant);
  const groups = [run.order.filter((d) => !idle.has(d)), run.order.filter((d) => idle.has(d))];
  $("active").replaceChildren(...groups[0].map((d) => knob(run, d, false)));
  $("idle").replaceChildren(...groups[1].map((d) => knob(run, d, true)));
  $("redundant").hidden = groups[1].length === 0;
  $("redundant-text").textContent =
    `${groups[1].length} redundant ${groups[1].length === 1 ? "dimension" : "dimensions"}: ` +
    "try what they do";
}

function knob(run, d, idle) {
  const id = `z${d}`;
  const slider = element("input", { type: "range", id, min: -3, max: 3, step: 0.01 });
  slider.dataset.dimension = d;
  const output = element("output", { htmlFor: id });
  output.id = `value-${d}`;
  slider.addEventListener("input", () => {
    state.z[d] = Number(slider.value);
    showValue(d);
    requestAnimationFrame(showPicture);
  });
  slider.addEventListener("change", showEnds);
  const label = element("label", { htmlFor: id }, `z${subscript(d)} `,
    element("small", {}, `${digits(run.kl[d], idle ? 4 : 2)} nats`));
  const track = element("div", { className: "track" }, slider);
  if (state.posterior) track.prepend(band(d));
  const ends = idle ? [] : [-3, 3].map((value) => endCanvas(d, value));
  return element("li", { className: idle ? "idle" : "" },
    label, ends[0] ?? element("span"), track, ends[1] ?? element("span"), output);
}

function endCanvas(d, value) {
  const canvas = newCanvas("");
  canvas.dataset.dimension = d;
  canvas.dataset.value = value;
  return canvas;
}

/** Mean ± σ on the scale from −3 to 3. */
function band(d) {
  const place = (value) => Math.min(1, Math.max(0, (value + 3) / 6));
  const { mean, deviation } = state.posterior;
  const low = place(mean[d] - deviation[d]);
  const made = element("span", { className: "band" });
  made.style.setProperty("--low", low);
  made.style.setProperty("--wide", Math.max(0.005, place(mean[d] + deviation[d]) - low));
  return made;
}

function showValue(d) {
  const value = digits(state.z[d]).replace("-", "−");
  const slider = $(`z${d}`);
  slider.value = state.z[d];
  slider.setAttribute("aria-valuetext", value);
  $(`value-${d}`).value = value;
}

/** Decode z and paint it: the work of one frame. */
function showPicture() {
  const run = chosen();
  const begun = performance.now();
  const pixels = decode(run, state.z);
  paint($("picture"), pixels);
  state.frame = performance.now() - begun;
  const length = Math.hypot(...state.z);
  $("picture-text").textContent = `${withBeta(run)}, ‖z‖ = ${digits(length, 1)} ` +
    `(the prior expects ${digits(Math.sqrt(run.latent_dim), 1)}). Decoded in ` +
    `${digits(state.frame, 1)} ms.`;
  $("picture").setAttribute("aria-label", `Decoded picture at ${withBeta(run)}, started from ${startInWords()}`);
}

function startInWords() {
  if (state.start === "prior") return "a draw from the prior";
  if (state.start === "image") return `a test image of class ${className(state.image)}`;
  return `${Math.round(100 * state.way)} % of the way from ${className(state.from)} to ${className(state.to)}`;
}

/** The small pictures at both ends of each knob, what it would do: some in each frame. */
function showEnds() {
  const run = chosen();
  const waiting = [...$("active").querySelectorAll("canvas")];
  const z = state.z.slice();
  state.ends = waiting;
  const paintSome = () => {
    const begun = performance.now();
    while (waiting.length && performance.now() - begun < 8) paintEnd(run, z, waiting.shift());
    if (waiting.length && state.ends === waiting) requestAnimationFrame(paintSome);
  };
  paintSome();
}

function paintEnd(run, z, canvas) {
  const { dimension, value } = canvas.dataset;
  paint(canvas, decode(run, z.map((own, d) => (d === Number(dimension) ? Number(value) : own))));
}

function listenToStarts() {
  for (const radio of document.querySelectorAll("input[name=start]")) {
    radio.addEventListener("change", () => {
      state.start = radio.value;
      for (const kind of ["image", "between"]) $(`start-${kind}`).hidden = kind !== radio.value;
      startOver();
    });
  }
  $("picker").append(...Array.from(SWEEP.labels, (_, image) => pickerImage(image)));
  const names = Array.from(SWEEP.labels, (_, image) => `${image + 1}: ${className(image)}`);
  fillSelect("from", names, state.from, () => { startOver(); showComparison(); });
  fillSelect("to", names, state.to, () => { startOver(); showComparison(); });
  $("way").addEventListener("input", () => {
    state.way = Number($("way").value);
    moveTo(startLatent(chosen()));
  });
  $("reset").addEventListener("click", () => moveTo(startLatent(chosen())));
  $("sample").addEventListener("click", drawAgain);
}

/** Another z: from the prior, or from q(z|x) of the test image. */
function drawAgain() {
  if (state.start === "prior") {
    state.noise = normals(state.noise.length);
    moveTo(startLatent(chosen()));
    return;
  }
  const { mean, deviation } = state.posterior;
  moveTo(Array.from(mean, (value, d) => value + deviation[d] * normal()));
}

function moveTo(z) {
  state.z = z;
  z.forEach((_, d) => showValue(d));
  $("way-text").value = `${Math.round(100 * state.way)} %`;
  showPicture();
  showEnds();
}

function pickerImage(image) {
  const radio = element("input", { type: "radio", name: "image", value: image,
    checked: image === state.image });
  radio.setAttribute("aria-label", `${image + 1}: ${className(image)}`);
  radio.addEventListener("change", () => { state.image = image; startOver(); });
  return element("label", { title: className(image) }, paint(newCanvas(""), unit(original(image))), radio);
}

function fillSelect(id, names, selected, changed) {
  const select = $(id);
  select.append(...names.map((name, i) => element("option", { value: i, selected: i === selected }, name)));
  select.addEventListener("change", () => { state[id] = Number(select.value); changed(); });
}

// Training

let replay = null;

function showTraining() {
  const run = chosen();
  const epochs = run.metrics.loss.length;
  const { loss, test_rate: rate, test_distortion: distortion } = run.metrics;
  const i = state.epoch - 1;
  $("epoch").max = epochs;
  $("epoch").value = state.epoch;
  const words = `${state.epoch} of ${epochs}: loss ${digits(loss[i])}, R ${digits(rate[i])} nats, ` +
    `D ${digits(distortion[i])}`;
  $("epoch-text").value = words;
  $("epoch").setAttribute("aria-valuetext", words);
  $("phases").textContent = phasesInWords(run);
  drawCurves(run, state.epoch);
  drawPaths(runs, run, state.epoch);
}

function stopReplay() {
  clearInterval(replay);
  replay = null;
  $("play").textContent = "Play";
}

function startReplay() {
  const epochs = chosen().metrics.loss.length;
  if (state.epoch >= epochs) state.epoch = 0;
  const stride = Math.ceil(epochs / 60);
  $("play").textContent = "Pause";
  replay = setInterval(() => {
    state.epoch = Math.min(epochs, state.epoch + stride);
    showTraining();
    if (state.epoch >= epochs) stopReplay();
  }, Math.max(80, 4000 / epochs));
}

function listenToTraining() {
  $("play").addEventListener("click", () => (replay ? stopReplay() : startReplay()));
  $("epoch").addEventListener("input", () => {
    stopReplay();
    state.epoch = Number($("epoch").value);
    showTraining();
  });
}

// Two runs

function strip(name, pictures, words) {
  const row = element("div", { className: "strip", role: "img" },
    ...pictures.map((pixels) => paint(newCanvas(""), pixels)));
  row.setAttribute("aria-label", words);
  return element("div", { className: "row" }, element("div", { className: "quiet" }, name), row);
}

function showComparison() {
  const both = [runs[state.left], runs[state.right]];
  const images = Array.from({ length: Math.min(STEPS, SWEEP.labels.length) }, (_, i) => i);
  $("compare-images").replaceChildren(
    strip("original", images.map((i) => unit(original(i))), "Original test images"),
    ...both.map((run) => strip(withBeta(run), images.map((i) => reconstruction(run, i)),
      `Their reconstructions at ${withBeta(run)}`)));
  compareLive(both);
  const names = both.map((run) => facts(run).map(([name]) => name));
  const kept = names[0].filter((name) => names[1].includes(name));
  const value = (run, name) => facts(run).find(([other]) => other === name)[1];
  $("compare-table").replaceChildren(headRow(["", ...both.map(withBeta)]),
    element("tbody", {}, ...kept.map((name) => tableRow([name, ...both.map((run) => value(run, name))]))));
  drawComparison(...both);
}

function compareLive(both) {
  const live = both.filter((run) => run.decoder);
  const ways = Array.from({ length: STEPS }, (_, i) => i / (STEPS - 1));
  const [from, to] = [className(state.from), className(state.to)];
  $("compare-between-title").textContent = `Between two images, ${from} and ${to}, in z`;
  $("compare-between").replaceChildren(...live.map((run) => strip(withBeta(run),
    ways.map((way) => decode(run, mixed(latent(run, state.from), latent(run, state.to), way))),
    `Interpolation from ${from} to ${to} at ${withBeta(run)}`)));
  $("compare-prior").replaceChildren(...live.map((run) => strip(withBeta(run),
    state.otherNoise.map((noise) => decode(run, noise.slice(0, run.latent_dim))),
    `Pictures decoded from the prior at ${withBeta(run)}`)));
  $("compare-text").textContent = live.length < both.length ? SWEEP.notes.left_out : "";
}

function listenToComparison() {
  const names = runs.map(withBeta);
  fillSelect("left", names, state.left, showComparison);
  fillSelect("right", names, state.right, showComparison);
  $("redraw").addEventListener("click", () => { drawNoise(); showComparison(); });
}

function drawNoise() {
  const most = Math.max(...runs.map((run) => run.latent_dim));
  state.otherNoise = Array.from({ length: STEPS }, () => normals(most));
}

// The whole page

async function unpackRun(run) {
  const decoder = run.decoder && (await Promise.all(run.decoder.map(unpackLayer)));
  const reconstructions = run.reconstructions && (await unpack(run.reconstructions));
  const order = run.kl.map((_, d) => d).sort((a, b) => run.kl[b] - run.kl[a]);
  return { ...run, decoder, reconstructions, order, means: await unpack(run.means),
    log_vars: await unpack(run.log_vars) };
}

function redrawCharts() {
  drawRunCharts();
  showTraining();
  drawComparison(runs[state.left], runs[state.right]);
}

function listenToSurroundings() {
  darkScreen.addEventListener("change", redrawCharts);
  narrowScreen.addEventListener("change", redrawCharts);
  addEventListener("beforeprint", () => { printing = true; $("numbers").open = true; redrawCharts(); });
  addEventListener("afterprint", () => { printing = false; redrawCharts(); });
}

async function open() {
  Object.assign(runs, await Promise.all(runs.map(unpackRun)));
  SWEEP.originals = await unpack(SWEEP.originals);
  state.run = Math.floor((runs.length - 1) / 2);
  state.right = runs.length - 1;
  state.to = Math.min(1, SWEEP.labels.length - 1);
  state.noise = normals(Math.max(...runs.map((run) => run.latent_dim)));
  drawNoise();
  Object.assign($("picture"), { width: WIDTH, height: HEIGHT, className: CHANNELS === 1 ? "ink" : "" });
  $("about").textContent = SWEEP.about;
  $("threshold").textContent = SWEEP.threshold;
  $("made").textContent = SWEEP.made;
  for (const page of SWEEP.pages) {
    $("pages").append(element("a", { href: encodeURI(page), textContent: page }), " ");
    $("pages").hidden = false;
  }
  showNotes("reference-notes", SWEEP.notes.references);
  showNotes("measure-notes", SWEEP.notes.measures);
  showRun();
  listenToBeta();
  listenToStarts();
  listenToTraining();
  listenToComparison();
  showComparison();
  listenToSurroundings();
  document.body.dataset.ready = "";
}

open().catch((error) => {
  $("trouble").hidden = false;
  $("trouble").textContent = "This page could not be drawn: open it in a current browser, or make it " +
    `again with python -m rdlab explore (${error.message}).`;
  console.error(error);
});
