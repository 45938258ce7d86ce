const facts = JSON.parse(document.getElementById("grid").textContent);
const at = (id) => document.getElementById(id);
const SVG = "http://www.w3.org/2000/svg";
const LABELS = {
  rate_2: "R₂", rate_1: "R₁", rate: "R₂ + R₁", distortion: "D", log_likelihood: "ln p(x|z₁)",
  psnr: "PSNR", information_low: "I(z₂; label), from", information_high: "to",
  accuracy_bound: "accuracy bound", logistic_samples: "logistic regression, samples",
  linear_svm_samples: "linear SVM, samples", rbf_svm_samples: "RBF SVM, samples",
  knn_samples: "kNN, samples", logistic_means: "logistic regression, means",
  linear_svm_means: "linear SVM, means", rbf_svm_means: "RBF SVM, means", knn_means: "kNN, means",
  logistic_bottom: "logistic regression, z₁", linear_svm_bottom: "linear SVM, z₁",
  rbf_svm_bottom: "RBF SVM, z₁", knn_bottom: "kNN, z₁", active_2: "active in z₂",
  reconstruction_accuracy: "accuracy on reconstructions",
  reconstruction_entropy: "entropy of these answers", inception_score: "inception score",
  diversity: "diversity", sharpness: "sharpness", generated_information: "I of generated images",
};
const prices = [2, 1].reduce((all, layer) => {
  all[layer] = [...new Set(facts.runs.map((run) => run[`beta_${layer}`]))].sort((a, b) => a - b);
  return all;
}, {});
let chosen = facts.runs[0];

function shown(value, digits = 2) {
  return value === null || value === undefined ? "–" : value.toFixed(digits);
}

function element(tag, attributes = {}, text = "") {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (text) made.textContent = text;
  return made;
}

function drawn(tag, attributes = {}, text = "") {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (text) made.textContent = text;
  return made;
}

// Pictures

function bytes(packed) {
  return Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
}

function picture(pixels, index, label) {
  const [channels, height, width] = facts.shape;
  const canvas = element("canvas", { role: "img", "aria-label": label });
  canvas.width = width;
  canvas.height = height;
  if (channels === 1) canvas.className = "ink";
  const size = height * width, start = index * channels * size;
  const image = new ImageData(width, height);
  for (let i = 0; i < size; i++) {
    for (let c = 0; c < 3; c++) {
      const value = pixels[start + (channels === 1 ? 0 : c * size) + i];
      image.data[4 * i + c] = channels === 1 ? 255 - value : value;
    }
    image.data[4 * i + 3] = 255;
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
  return canvas;
}

function drawPictures() {
  const originals = bytes(facts.originals), brought = bytes(chosen.reconstructions);
  at("pairs").replaceChildren(...facts.labels.map((label, i) => {
    const figure = element("figure");
    figure.append(picture(originals, i, `${label}, original`),
      picture(brought, i, `${label}, reconstructed`), element("figcaption", {}, label));
    return figure;
  }));
  const samples = bytes(chosen.samples);
  const count = samples.length / (facts.shape[0] * facts.shape[1] * facts.shape[2]);
  at("samples").replaceChildren(
    ...Array.from({ length: count }, (_, i) => picture(samples, i, `sample ${i + 1}`)));
}

// The plane

const LEFT = 48, BOTTOM = 352, WIDE = 390, HIGH = 330;

function scale(key) {
  const largest = Math.max(...facts.runs.map((run) => run[key]), 1e-9) * 1.12;
  return (value, length) => value / largest * length;
}

function ticks(largest) {
  const rough = largest / 5, power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= rough);
  return Array.from({ length: Math.floor(largest / step) + 1 }, (_, i) => i * step);
}

function shade(value, values) {
  const low = Math.min(...values), high = Math.max(...values);
  const share = high > low ? (value - low) / (high - low) : 0.5;
  const from = [0, 32, 76], to = [255, 233, 69], middle = [124, 123, 120];
  const mix = (a, b, t) => a.map((x, i) => Math.round(x + (b[i] - x) * t));
  const colour = share < 0.5 ? mix(from, middle, 2 * share) : mix(middle, to, 2 * share - 1);
  return `rgb(${colour})`;
}

// Where the runs' names go: each covers no point and no other name, or is left to the pointer.
function namePlaces(points) {
  const meets = (a, b) => a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];
  const taken = points.map(({ px, py }) => [px - 10, py - 10, px + 10, py + 10]);
  const places = new Map();
  for (const { run, px, py } of [...points].sort((a, b) => a.py - b.py)) {
    const width = 6.5 * nameOf(run).length;
    for (const far of [1, 1.7, 2.6, 3.8]) {
      for (const [dx, dy] of [[12, -6], [12, 16], [-12, -6], [-12, 16], [0, -14], [0, 24]]) {
        const x = px + far * dx - [width, width / 2, 0][Math.sign(dx) + 1], y = py + far * dy;
        const box = [x, y - 10, x + width, y + 2];
        const inside = x > LEFT && x + width < LEFT + WIDE + 20 && y < BOTTOM && y > 10;
        if (!inside || places.has(run) || taken.some((other) => meets(box, other))) continue;
        taken.push(box);
        places.set(run, { x, y, line: far > 1 ? [px, py, x + width / 2, y - 4] : null });
      }
    }
  }
  return places;
}

function nameOf(run) {
  return `${run.beta_2}, ${run.beta_1}`;
}

function drawName(run, places) {
  if (!places.has(run)) return { under: [], over: [] };
  const { x, y, line } = places.get(run);
  const [x1, y1, x2, y2] = line ?? [];
  return { under: line ? [drawn("line", { class: "lead", x1, y1, x2, y2 })] : [],
    over: [drawn("text", { x, y }, nameOf(run))] };
}

function drawPlane() {
  const plane = at("plane"), x = scale("rate_2"), y = scale("rate_1");
  const widest = Math.max(...facts.runs.map((run) => run.rate_2), 1e-9) * 1.12;
  const highest = Math.max(...facts.runs.map((run) => run.rate_1), 1e-9) * 1.12;
  const parts = [
    drawn("line", { class: "axis", x1: LEFT, y1: BOTTOM, x2: LEFT + WIDE, y2: BOTTOM }),
    drawn("line", { class: "axis", x1: LEFT, y1: BOTTOM, x2: LEFT, y2: BOTTOM - HIGH }),
    drawn("text", { x: LEFT + WIDE / 2, y: 392, "text-anchor": "middle" }, "R₂ (nats)"),
    drawn("text", { x: 14, y: BOTTOM - HIGH / 2, "text-anchor": "middle",
      transform: `rotate(-90 14 ${BOTTOM - HIGH / 2})` }, "R₁ (nats)"),
  ];
  for (const total of ticks(widest + highest).slice(1)) {
    const from = Math.max(0, total - highest), to = Math.min(widest, total);
    parts.push(drawn("line", { class: "equal", x1: LEFT + x(from, WIDE),
      y1: BOTTOM - y(total - from, HIGH), x2: LEFT + x(to, WIDE), y2: BOTTOM - y(total - to, HIGH) }));
  }
  for (const value of ticks(widest)) {
    parts.push(drawn("text", { x: LEFT + x(value, WIDE), y: BOTTOM + 18, "text-anchor": "middle" },
      String(+value.toFixed(3))));
  }
  for (const value of ticks(highest)) {
    parts.push(drawn("text", { x: LEFT - 6, y: BOTTOM - y(value, HIGH) + 4, "text-anchor": "end" },
      String(+value.toFixed(3))));
  }
  const key = at("metric").value, values = facts.runs.map((run) => run[key]);
  const points = facts.runs.map((run) => (
    { run, px: LEFT + x(run.rate_2, WIDE), py: BOTTOM - y(run.rate_1, HIGH) }));
  const places = namePlaces(points);
  for (const { run, px, py } of points) {
    const label = `β₂ = ${run.beta_2}, β₁ = ${run.beta_1}: R₂ ${shown(run.rate_2)}, `
      + `R₁ ${shown(run.rate_1)}, ${facts.metrics[key]} ${shown(run[key], 3)}`;
    const group = drawn("g", { class: run === chosen ? "run chosen" : "run", tabindex: "0",
      role: "button", "aria-pressed": String(run === chosen), "aria-label": label,
      "data-run": run.name });
    const { under, over } = drawName(run, places);
    group.append(...under, drawn("circle", { cx: px, cy: py, r: 9, fill: shade(run[key], values) }),
      ...over, drawn("title", {}, label));
    group.addEventListener("click", () => choose(run));
    group.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      choose(run);
      document.querySelector(`[data-run="${run.name}"]`).focus();
    });
    parts.push(group);
  }
  plane.replaceChildren(...parts);
}

// Numbers

function tile(term, value, more = "") {
  const box = element("div");
  const text = element("dd", { class: "value" }, value);
  box.append(element("dt", {}, term), text);
  if (more) box.append(element("dd", { class: "more" }, more));
  return box;
}

function drawNumbers() {
  const run = chosen;
  const best = Math.max(...["logistic", "linear_svm", "rbf_svm", "knn"].map(
    (name) => run[`${name}_samples`]));
  at("name").textContent = `β₂ = ${run.beta_2}, β₁ = ${run.beta_1}`;
  at("told").textContent = `The top layer carries ${shown(run.rate_2)} nats, the bottom layer `
    + `${shown(run.rate_1)}. Of what the top layer carries, between ${shown(run.information_low)} and `
    + `${shown(run.information_high)} nats are about the label`
    + (run.information_uncertain ? "; the bracket is wide, so the upper end is not to be trusted." : ".");
  at("tiles").replaceChildren(
    tile("Distortion D", shown(run.distortion), `PSNR ${shown(run.psnr)} dB`),
    tile("Cost", shown(run.distortion + run.beta_2 * run.rate_2 + run.beta_1 * run.rate_1),
      "D + β₂R₂ + β₁R₁"),
    tile("Best on samples of z₂", shown(best, 3), `no more than ${shown(run.accuracy_bound, 3)}`),
    tile("On reconstructions", shown(run.reconstruction_accuracy, 3), "the classifier is right"),
    tile("Inception score", shown(run.inception_score),
      `diversity ${shown(run.diversity)}, sharpness ${shown(run.sharpness, 3)}`),
    tile("Active in z₂", String(run.active_2), "dimensions above 0.01 nats"));
  at("now").textContent = `R₂ ${shown(run.rate_2)} · R₁ ${shown(run.rate_1)} · D ${shown(run.distortion)}`;
}

function drawTable() {
  const head = element("tr");
  head.append(element("th", { scope: "col" }, "β₂, β₁"));
  for (const label of Object.values(LABELS)) head.append(element("th", { scope: "col" }, label));
  const body = facts.runs.map((run) => {
    const row = element("tr", run === chosen ? { class: "chosen" } : {});
    row.append(element("th", { scope: "row" }, `${run.beta_2}, ${run.beta_1}`));
    for (const key of Object.keys(LABELS)) row.append(element("td", {}, shown(run[key], 3)));
    return row;
  });
  const top = element("thead"), rest = element("tbody");
  top.append(head);
  rest.append(...body);
  at("table").replaceChildren(top, rest);
}

// Choosing

function nearest(beta2, beta1) {
  const far = (run) => Math.abs(Math.log(run.beta_2 / beta2)) + Math.abs(Math.log(run.beta_1 / beta1));
  return facts.runs.reduce((best, run) => (far(run) < far(best) ? run : best));
}

function choose(run) {
  chosen = run;
  for (const layer of [2, 1]) {
    const own = run[`beta_${layer}`], slider = at(`beta${layer}`);
    slider.value = prices[layer].indexOf(own);
    slider.setAttribute("aria-valuetext", String(own));
    at(`beta${layer}-label`).textContent = `${layer === 2 ? "β₂" : "β₁"} = ${own}`;
  }
  drawPlane();
  drawPictures();
  drawNumbers();
  drawTable();
  at("spoken").textContent = `${at("name").textContent}. ${at("told").textContent}`;
}

function start() {
  at("about").textContent = facts.about;
  at("score").textContent = facts.classifier
    ? `Scores of pictures are of the course's classifier ${facts.classifier}; those of another one `
      + "cannot be compared with them." : "Pictures were not scored: the classifier knows other classes.";
  for (const [key, label] of Object.entries(facts.metrics)) {
    at("metric").append(element("option", { value: key }, label));
  }
  at("metric").addEventListener("change", drawPlane);
  for (const layer of [2, 1]) {
    at(`beta${layer}`).max = prices[layer].length - 1;
    at(`beta${layer}`).addEventListener("input", () =>
      choose(nearest(prices[2][at("beta2").value], prices[1][at("beta1").value])));
  }
  choose(nearest(1, 1));
  document.body.dataset.ready = "";
}

try {
  start();
} catch (error) {
  at("trouble").hidden = false;
  at("trouble").textContent = `This page cannot be shown: ${error.message}`;
}
