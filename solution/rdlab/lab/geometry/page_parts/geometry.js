// What the reader does, and what follows from it.

const FACTS = JSON.parse(document.getElementById("facts").textContent);
const [CHANNELS, HEIGHT, WIDTH] = FACTS.image_shape;
const PIXELS = CHANNELS * HEIGHT * WIDTH;
const MAP = FACTS.map;
const VARIANCE = MAP.beta / 2; // β = 2σ²
const TRAIL = 300;
const state = { z: [0, 0], target: 0, chain: null, timer: null, draws: null, rates: 0 };
let scale = null;
let mosaic = null;

const $ = (id) => document.getElementById(id);
const unit = (bytes) => Float32Array.from(bytes, (value) => value / 255);
const decodeMap = (z) => decode(MAP, z);
const target = (image) => unit(MAP.targets.subarray(image * PIXELS, (image + 1) * PIXELS));

function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

/** One channel as ink, as dark as the pixel is bright. */
function paint(canvas, pixels, words) {
  Object.assign(canvas, { width: WIDTH, height: HEIGHT, className: "ink" });
  const image = new ImageData(WIDTH, HEIGHT);
  for (let i = 0; i < WIDTH * HEIGHT; i++) {
    image.data[4 * i + 3] = Math.round(255 * Math.min(1, Math.max(0, pixels[i])));
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
  if (words) canvas.setAttribute("aria-label", words);
  return canvas;
}

// The map

/** Squared distance of a point from a class in its own standard deviations. */
function mahalanobis([x, y], label) {
  const [a, b, , c] = MAP.covariances[label];
  const [u, v] = [x - MAP.means[label][0], y - MAP.means[label][1]];
  return (c * u * u - 2 * b * u * v + a * v * v) / (a * c - b * b);
}

function nearestClass(z) {
  const gaps = MAP.means.map((_, label) => mahalanobis(z, label));
  return gaps.indexOf(Math.min(...gaps));
}

function drawMap() {
  const drawing = context($("map"), SIDE, SIDE);
  if ($("show-pictures").checked) drawMosaic(drawing);
  drawAxes(drawing, MAP.width, scale);
  if ($("show-codes").checked) drawCodes(drawing, MAP.codes, MAP.labels);
  if ($("show-classes").checked) drawClasses(drawing);
  const [x, y] = scale.toPixel(state.z);
  const { accent } = inks();
  drawing.strokeStyle = accent;
  drawing.lineWidth = 3;
  drawing.beginPath();
  drawing.arc(x, y, 9, 0, 2 * Math.PI);
  drawing.moveTo(x - 15, y);
  drawing.lineTo(x + 15, y);
  drawing.moveTo(x, y - 15);
  drawing.lineTo(x, y + 15);
  drawing.stroke();
}

function drawCodes(drawing, codes, labels) {
  drawing.globalAlpha = 0.8;
  drawing.lineWidth = 1.2;
  labels.forEach((label, i) => {
    drawing.fillStyle = drawing.strokeStyle = colourOf(label);
    marker(drawing, label, ...scale.toPixel([codes[2 * i], codes[2 * i + 1]]), 3.2);
  });
  drawing.globalAlpha = 1;
}

function drawClasses(drawing) {
  drawing.font = "bold 15px system-ui, sans-serif";
  drawing.textAlign = "center";
  MAP.means.forEach((mean, label) => {
    drawing.strokeStyle = drawing.fillStyle = colourOf(label);
    for (const deviations of [1, 2]) {
      drawing.lineWidth = 3 - deviations;
      curve(drawing, ellipse(mean, MAP.covariances[label], deviations), scale);
    }
    const [x, y] = scale.toPixel(mean);
    drawing.lineWidth = 4;
    drawing.strokeStyle = inks().paper;
    drawing.strokeText(FACTS.classes[label], x, y);
    drawing.fillText(FACTS.classes[label], x, y);
  });
  drawing.textAlign = "start";
}

/** Pictures of a grid of codes, decoded once. */
function drawMosaic(drawing) {
  const count = 16;
  const size = SIDE / count;
  mosaic ??= Array.from({ length: count * count }, (_, i) => {
    const middle = [((i % count) + 0.5) * size, (Math.floor(i / count) + 0.5) * size];
    return paint(element("canvas"), decodeMap(scale.fromPixel(middle)));
  });
  drawing.globalAlpha = 0.55;
  if (isDark()) drawing.filter = "invert(1)";
  mosaic.forEach((tile, i) => {
    drawing.drawImage(tile, (i % count) * size, Math.floor(i / count) * size, size, size);
  });
  drawing.filter = "none";
  drawing.globalAlpha = 1;
}

function moveTo(z) {
  state.z = z.map((value) => Math.min(MAP.width, Math.max(-MAP.width, value)));
  const name = FACTS.classes[nearestClass(state.z)];
  const words = `z = (${digits(state.z[0])}, ${digits(state.z[1])}); nearest class: ${name}`;
  paint($("map-picture"), decodeMap(state.z), `Picture decoded at ${words}`);
  $("map-text").textContent = words;
  state.z.forEach((value, d) => {
    $(`map-${d}`).value = value;
    $(`map-${d}-text`).value = digits(value);
  });
  $("map").setAttribute("aria-label",
    `Map of the latent plane with ${MAP.labels.length} test images and ten classes; ${words}`);
  drawMap();
}

function listenToMap() {
  const map = $("map");
  const follow = (event) => {
    const box = map.getBoundingClientRect();
    const place = [event.clientX - box.left, event.clientY - box.top];
    moveTo(scale.fromPixel(place.map((value) => (value * SIDE) / box.width)));
  };
  map.addEventListener("pointermove", follow);
  map.addEventListener("pointerdown", follow);
  map.addEventListener("keydown", (event) => {
    const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
    if (!moves[event.key]) return;
    event.preventDefault();
    const size = event.shiftKey ? 0.5 : 0.1;
    moveTo(state.z.map((value, d) => value + size * moves[event.key][d]));
  });
  for (const d of [0, 1]) {
    Object.assign($(`map-${d}`), { min: -MAP.width, max: MAP.width });
    $(`map-${d}`).addEventListener("input", () =>
      moveTo(state.z.map((value, i) => (i === d ? Number($(`map-${d}`).value) : value))));
  }
  for (const id of ["show-codes", "show-classes", "show-pictures"]) {
    $(id).addEventListener("change", drawMap);
  }
}

function drawLegend() {
  $("legend").replaceChildren(...FACTS.classes.map((name, label) => {
    const canvas = element("canvas", { width: 20, height: 20 });
    const drawing = canvas.getContext("2d");
    drawing.fillStyle = drawing.strokeStyle = colourOf(label);
    drawing.lineWidth = 2;
    marker(drawing, label, 10, 10, 7);
    canvas.setAttribute("aria-hidden", "true");
    return element("li", {}, canvas, ` ${name}`);
  }));
}

// The three samplers

const stepSize = () => 10 ** Number($("step").value);

/** The chosen image first, then others, of the same class as far as there are some. */
function chosenImages() {
  const label = MAP.target_labels[state.target];
  const others = MAP.target_labels.map((_, i) => i).filter((i) => i !== state.target);
  others.sort((a, b) => (MAP.target_labels[b] === label) - (MAP.target_labels[a] === label));
  return [state.target, ...others].slice(0, Number($("count").value));
}

function startChain() {
  stopChain();
  const images = chosenImages();
  state.chain = new Chain(decodeMap, summarise(images.map(target)), VARIANCE);
  state.draws = { prior: [], encoder: [] };
  drawOthers();
  const names = images.map((i) => FACTS.classes[MAP.target_labels[i]]);
  const several = images.length > 1;
  $("face-target-text").textContent = several ? `mean of ${names.join(", ")}` : `the image: ${names[0]}`;
  paint($("face-target"), state.chain.set.mean, $("face-target-text").textContent);
  showChain();
}

function posterior() {
  const at = 2 * state.target;
  return { mean: MAP.target_means.slice(at, at + 2),
    variances: MAP.target_log_vars.slice(at, at + 2).map(Math.exp) };
}

/** One more code of each sampler that needs no chain: all its draws count. */
function drawOthers() {
  const { mean, variances } = posterior();
  state.draws.prior.push([normal(), normal()]);
  state.draws.encoder.push(mean.map((value, d) => value + Math.sqrt(variances[d]) * normal()));
}

function showChain() {
  const { chain, draws } = state;
  const rate = chain.proposed ? chain.accepted / chain.proposed : null;
  $("chain-rate").textContent = rate === null ? "no step yet"
    : `The chain: ${chain.accepted} of ${chain.proposed} accepted, ${digits(100 * rate, 0)} %. ` +
      `Prior and encoder: all ${chain.proposed}.`;
  $("chain-text").textContent = chain.last ? lastStep(chain.last)
    : "The chain starts with a draw from the prior.";
  face("face-prior", decodeMap(draws.prior.at(-1)), "Picture decoded from the prior");
  face("face-encoder", decodeMap(draws.encoder.at(-1)), "Picture of a code drawn by the encoder");
  face("face-chain", chain.picture, "Picture of the state of the chain");
  drawChainMap();
  drawLines($("trace"), `Minus ℓ per image along ${chain.proposed} steps, now ` +
    `${digits(chain.trace.at(-1), 1)} nats`, [{ values: chain.trace, colour: inks().accent }], { from: 0 });
}

/** Decoded means, or draws of x with the noise of the likelihood. */
function face(id, picture, words) {
  const noisy = $("with-noise").checked;
  const pixels = noisy ? picture.map((value) => value + Math.sqrt(VARIANCE) * normal()) : picture;
  paint($(id), pixels, words + (noisy ? ", with noise" : ""));
}

function lastStep({ moved, gap, logUniform }) {
  const change = `ℓ would change by ${digits(gap)} nats, ln u is ${digits(logUniform)}`;
  return `${change}: ${moved ? "accepted" : "rejected, the state repeats"}.`;
}

function drawChainMap() {
  const { states, rejected } = state.chain;
  const canvas = $("chain-map");
  const drawing = context(canvas, SIDE, SIDE);
  const { ink, quiet, accent } = inks();
  drawAxes(drawing, MAP.width, scale);
  drawing.lineWidth = 1.2;
  drawing.globalAlpha = 0.6;
  for (const [codes, kind] of [[state.draws.prior, 6], [state.draws.encoder, 7]]) {
    drawing.strokeStyle = colourOf(kind); // markers that are not filled: squares and triangles
    for (const z of codes.slice(-TRAIL)) marker(drawing, kind, ...scale.toPixel(z), 3);
  }
  drawing.strokeStyle = quiet;
  for (const z of rejected.slice(-TRAIL)) {
    const [x, y] = scale.toPixel(z);
    drawing.beginPath();
    drawing.moveTo(x - 3, y - 3);
    drawing.lineTo(x + 3, y + 3);
    drawing.moveTo(x - 3, y + 3);
    drawing.lineTo(x + 3, y - 3);
    drawing.stroke();
  }
  drawing.globalAlpha = 1;
  drawing.strokeStyle = ink;
  curve(drawing, states.slice(-TRAIL), scale);
  const { mean, variances } = posterior();
  drawing.setLineDash([6, 4]);
  drawing.lineWidth = 2;
  curve(drawing, ellipse(mean, [variances[0], 0, 0, variances[1]], 2), scale);
  drawing.setLineDash([]);
  drawing.fillStyle = accent;
  drawing.beginPath();
  drawing.arc(...scale.toPixel(state.chain.z), 7, 0, 2 * Math.PI);
  drawing.fill();
  const [a, b] = state.chain.z;
  canvas.setAttribute("aria-label", `The chain is at (${digits(a)}, ${digits(b)}) after ` +
    `${state.chain.proposed} steps; the encoder's mean is (${digits(mean[0])}, ${digits(mean[1])})`);
}

function advance(steps) {
  for (let i = 0; i < steps; i++) {
    state.chain.advance(stepSize());
    drawOthers();
  }
  showChain();
}

function stopChain() {
  clearInterval(state.timer);
  state.timer = null;
  $("run").textContent = "Run";
  $("chain-text").setAttribute("aria-live", "polite");
}

function listenToChain() {
  $("targets").append(...MAP.target_labels.map((label, image) => {
    const name = `${image + 1}: ${FACTS.classes[label]}`;
    const radio = element("input", { type: "radio", name: "target", checked: image === state.target });
    radio.setAttribute("aria-label", name);
    radio.addEventListener("change", () => { state.target = image; startChain(); });
    return element("label", { title: FACTS.classes[label] }, paint(element("canvas"), target(image)), radio);
  }));
  const showStep = () => {
    $("step-text").value = digits(stepSize(), 3);
    $("step").setAttribute("aria-valuetext", digits(stepSize(), 3));
  };
  $("step").addEventListener("input", showStep);
  $("count").addEventListener("change", startChain);
  $("one-step").addEventListener("click", () => { stopChain(); advance(1); });
  $("restart").addEventListener("click", startChain);
  $("with-noise").addEventListener("change", showChain);
  $("run").addEventListener("click", () => {
    if (state.timer) { stopChain(); return; }
    $("run").textContent = "Pause";
    $("chain-text").setAttribute("aria-live", "off"); // eight sentences a second are too many
    state.timer = setInterval(() => {
      advance(5);
      if (state.chain.proposed >= 2000) stopChain();
    }, 120);
  });
  showStep();
}

function fillChainTables() {
  const steps = [...new Set(FACTS.acceptance.map((row) => row.step))].sort((a, b) => a - b);
  const sets = [...new Set(FACTS.acceptance.map((row) => `${row.images} of ${row.classes === "all"
    ? "all classes" : "one class"}`))];
  const rate = (set, step) => FACTS.acceptance.find((row) => row.step === step &&
    `${row.images} of ${row.classes === "all" ? "all classes" : "one class"}` === set)?.acceptance;
  fillTable("acceptance", "Acceptance by step and images", ["images", ...steps.map(String)],
    sets.map((set) => [set, ...steps.map((step) => digits(rate(set, step), 3))]));
  fillTable("scores", "Pictures of the samplers", ["sampler", "inception score", "confidence",
    "error to nearest"], FACTS.samplers.map((sampler) => [sampler.name,
    digits(sampler.inception_score), digits(sampler.confidence), digits(sampler.nearest, 1)]));
}

function fillTable(id, caption, head, rows) {
  const cells = (kind, values) => values.map((value, i) =>
    element(i && kind === "td" ? "td" : "th", i ? {} : { scope: "row" }, value));
  $(id).replaceChildren(element("caption", {}, caption),
    element("thead", {}, element("tr", {}, ...head.map((name) => element("th", { scope: "col" }, name)))),
    element("tbody", {}, ...rows.map((row) => element("tr", {}, ...cells("td", row)))));
}

// Films

/** A button that plays a slider from its place to its end. */
function player(button, slider, show, milliseconds) {
  let timer = null;
  const stop = () => {
    clearInterval(timer);
    timer = null;
    $(button).textContent = "Play";
  };
  $(button).addEventListener("click", () => {
    if (timer) { stop(); return; }
    const last = Number($(slider).max);
    if (Number($(slider).value) >= last) $(slider).value = 0;
    $(button).textContent = "Pause";
    timer = setInterval(() => {
      $(slider).value = Number($(slider).value) + 1;
      show();
      if (Number($(slider).value) >= last) stop();
    }, milliseconds);
  });
  $(slider).addEventListener("input", () => { stop(); show(); });
}

function showPlace() {
  const place = Number($("walk-place").value);
  const { order, steps, pictures, probabilities } = FACTS.walk;
  const count = FACTS.classes.length;
  const shares = unit(probabilities.subarray(place * count, (place + 1) * count));
  const seen = FACTS.classes[shares.indexOf(Math.max(...shares))];
  const piece = Math.min(Math.floor(place / steps), order.length - 2);
  const [from, to] = [order[piece], order[piece + 1]].map((label) => FACTS.classes[label]);
  const words = `${place} of ${$("walk-place").max}, from ${from} to ${to}: ${seen}`;
  paint($("walk-picture"), unit(pictures.subarray(place * PIXELS, (place + 1) * PIXELS)),
    `Picture at place ${words}`);
  $("walk-place-text").value = words;
  $("walk-place").setAttribute("aria-valuetext", words);
  $("walk-bars").replaceChildren(...FACTS.classes.flatMap((name, label) => {
    const bar = element("i");
    bar.style.width = `${100 * shares[label]}%`;
    return [element("span", {}, name), element("div", {}, bar),
      element("span", {}, `${digits(100 * shares[label], 0)} %`)];
  }));
}

function showFrame() {
  const frame = Number($("film-frame").value);
  const degrees = Number($("turn").value);
  for (const film of FACTS.films) {
    const at = Math.min(frame, film.steps.length - 1);
    const size = film.labels.length * film.latent_dim;
    const codes = film.codes.subarray(at * size, (at + 1) * size);
    const canvas = $(`film-${film.latent_dim}`);
    canvas.setAttribute("aria-label", `Codes of ${film.labels.length} test images in ` +
      `${film.latent_dim} dimensions after ${film.steps[at]} steps of training`);
    if (film.latent_dim === 3) drawCloud(canvas, codes, film.labels, film.width, degrees);
    else {
      const drawing = context(canvas, SIDE, SIDE);
      drawAxes(drawing, MAP.width, scale);
      drawCodes(drawing, codes, film.labels);
    }
  }
  const { steps } = FACTS.films[0];
  $("film-frame-text").value = `step ${steps[Math.min(frame, steps.length - 1)]}`;
  $("film-frame").setAttribute("aria-valuetext", $("film-frame-text").value);
}

function showRates() {
  const { latent_dim: d, rates, phases } = FACTS.phases[state.rates];
  const words = phases.map(({ name, first, last }) => `${name} (steps ${first} to ${last})`).join(", ");
  drawLines($("rates"), `R of the batch in the first ${rates.length} steps with d = ${d}: ${words}`,
    [{ values: rates, colour: inks().accent }], { logarithmic: true, shades: phases });
  $("rates-text").textContent = `d = ${d}, R in nats of each batch against the step (logarithmic): ${words}.`;
}

function listenToFilms() {
  $("walk-place").max = FACTS.walk.pictures.length / PIXELS - 1;
  player("walk-play", "walk-place", showPlace, 90);
  $("film-frame").max = Math.max(...FACTS.films.map((film) => film.steps.length)) - 1;
  player("film-play", "film-frame", showFrame, 130);
  $("turn").addEventListener("input", showFrame);
  const cloud = $("film-3");
  cloud.addEventListener("pointermove", (event) => {
    if (!(event.buttons & 1)) return;
    $("turn").value = (Number($("turn").value) + event.movementX + 360) % 360;
    showFrame();
  });
  $("rate-choice").append(...FACTS.phases.map(({ latent_dim: d }, i) => {
    const radio = element("input", { type: "radio", name: "rates", checked: i === state.rates });
    radio.addEventListener("change", () => { state.rates = i; showRates(); });
    return element("label", {}, radio, ` d = ${d}`);
  }));
}

// The whole page

function fillTexts() {
  const names = FACTS.walk.order.map((label) => FACTS.classes[label]);
  $("about").textContent = FACTS.about;
  $("walk-about").textContent = "Ten waypoints, of each class the code of an image whose picture the classifier " +
    `is surest of, in the order of the shortest path (length ${digits(FACTS.walk.length)}): ` +
    `${names.join(" – ")}.`;
  $("training-about").textContent = `Codes of the same ${FACTS.films[0].labels.length} test images from the ` +
    "first step on. Nearly everything happens in the first epoch: silence, a burst of R, collapse, and the " +
    "rise in which the classes part.";
  $("classes-about").textContent = `In the ${FACTS.active.length} active dimensions of the run, ` +
    `${digits(100 * FACTS.between, 0)} % of the variance of all codes lies between the class means. The ` +
    "table has their distances; on the right the volume ½ ln det Σ of each class (0 for the prior).";
  fillTable("distances", "Distances between the class means", ["class", ...FACTS.classes, "volume"],
    FACTS.distances.map((row, label) => [FACTS.classes[label], ...row.map((value) => digits(value, 1)),
      digits(FACTS.volumes[label])]));
}

function redraw() {
  drawLegend();
  drawMap();
  showChain();
  showFrame();
  showRates();
}

const largest = (codes) => Math.ceil(2 * codes.reduce((most, v) => Math.max(most, Math.abs(v)), 2)) / 2;

async function open() {
  MAP.decoder = await Promise.all(MAP.decoder.map(unpackLayer));
  MAP.codes = await unpack(MAP.codes);
  MAP.targets = await unpack(MAP.targets);
  FACTS.walk.pictures = await unpack(FACTS.walk.pictures);
  FACTS.walk.probabilities = await unpack(FACTS.walk.probabilities);
  for (const film of FACTS.films) {
    film.codes = await unpack(film.codes);
    film.width = largest(film.codes.subarray(-film.labels.length * film.latent_dim));
  }
  MAP.width = Math.min(5, largest(MAP.codes));
  scale = mapScale(MAP.width);
  state.rates = Math.max(0, FACTS.phases.findIndex(({ latent_dim: d }) => d === 8));
  fillTexts();
  fillChainTables();
  drawLegend();
  listenToMap();
  moveTo([...MAP.means[0]]);
  listenToChain();
  startChain();
  listenToFilms();
  showPlace();
  $("film-frame").value = $("film-frame").max;
  showFrame();
  showRates();
  darkScreen.addEventListener("change", redraw);
  addEventListener("beforeprint", () => { printing = true; redraw(); });
  addEventListener("afterprint", () => { printing = false; redraw(); });
  document.body.dataset.ready = "";
}

open().catch((error) => {
  $("trouble").hidden = false;
  $("trouble").textContent = "This page could not be drawn: open it in a current browser, or make it " +
    `again with python -m rdlab geometry (${error.message}).`;
  console.error(error);
});
