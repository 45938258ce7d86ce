// The charts, by Plotly. Each function draws one from the state and says it in words.

const LIGHT = { ink: "#1b1f24", paper: "#fff", quiet: "#59616c", line: "#e2e5e9", accent: "#d55e00",
  blue: "#0072b2", green: "#008a63", orange: "#c98a00", idle: "#b4bac2", soft: "#eef0f3" };
const DARK = { ink: "#e8eaed", paper: "#14171b", quiet: "#a9b1bb", line: "#2c323a", accent: "#ff9a4d",
  blue: "#56b4e9", green: "#2fc79a", orange: "#e6b93c", idle: "#59616c", soft: "#22272e" };
const PRINTED = { width: 335, height: 290 };
const NATS = [0.01, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100];
const SUBSCRIPTS = "₀₁₂₃₄₅₆₇₈₉";
const darkScreen = matchMedia("(prefers-color-scheme: dark)");
const narrowScreen = matchMedia("(max-width: 45rem)");
let printing = false;

const palette = () => (darkScreen.matches && !printing ? DARK : LIGHT);
const subscript = (number) => [...String(number)].map((digit) => SUBSCRIPTS[digit]).join("");
const digits = (value, places = 2) => (value == null ? "–" : value.toFixed(places));
const bits = (nats) => nats / Math.LN2;
const withBeta = (run) => `β = ${run.beta}`;

function draw(id, words, traces, layout) {
  const { ink, quiet, line } = palette();
  const axis = { gridcolor: line, linecolor: line, zeroline: false, fixedrange: true,
    tickfont: { color: quiet }, automargin: true };
  const full = { ...layout, dragmode: false, paper_bgcolor: "transparent",
    plot_bgcolor: "transparent", font: { family: "system-ui, sans-serif", size: 13, color: ink },
    margin: { l: 8, r: 12, t: 8, b: 8, ...layout.margin }, hovermode: layout.hovermode ?? "closest",
    legend: { orientation: "h", yanchor: "top", y: -0.2, x: 0, font: { size: 12 },
      ...layout.legend } };
  if (printing) Object.assign(full, PRINTED);
  for (const name of ["xaxis", "yaxis", "xaxis2", "yaxis2"]) {
    if (name in layout) full[name] = { ...axis, ...layout[name] };
  }
  const chart = document.getElementById(id);
  chart.setAttribute("aria-label", words);
  Plotly.react(chart, traces, full, { displayModeBar: false, responsive: true });
}

const title = (text) => ({ text, standoff: 8, font: { size: 13 } });
const vertical = (x, colour, row = "y domain") => ({ type: "line", xref: "x", yref: row, x0: x, x1: x,
  y0: 0, y1: 1, line: { color: colour, width: 2, dash: "dot" } });

function line(name, x, y, colour, more = {}) {
  return { name, x, y, type: "scatter", mode: "lines", ...more,
    line: { color: colour, width: 2, ...more.line } };
}

/** Points (D, R) of equal cost D + βR through a run's own. */
function priceLine(run, mostD, mostR) {
  const cost = run.distortion + run.beta * run.rate;
  const from = Math.max(0, cost - run.beta * mostR);
  const to = Math.min(cost, mostD);
  const x = Array.from({ length: 80 }, (_, i) => from + ((to - from) * i) / 79.5);
  return [x, x.map((d) => (cost - d) / run.beta)];
}

function drawPlane(runs, run, references, logarithmic) {
  const colour = palette();
  const linear = runs.filter((each) => each.linear).map((each) => each.linear);
  const rates = [...runs, ...linear].map((p) => p.rate);
  const distortions = [...runs, ...linear].map((p) => p.distortion);
  const [mostD, mostR] = [1.08 * Math.max(...distortions), 1.08 * Math.max(...rates)];
  const near = ({ distortion, rate }) => rate.some((r, i) => r < mostR && distortion[i] < mostD);
  const shown = logarithmic ? references : references.filter(near);
  const looks = [["dot", colour.ink], ["dashdot", colour.orange], ["dash", colour.blue]];
  const traces = shown.map((curve) => {
    const [dash, ink] = looks[references.indexOf(curve)];
    return line(curve.name, curve.distortion, curve.rate, ink, { line: { dash } });
  });
  if (linear.length) {
    traces.push(line("linear β-VAE", linear.map((p) => p.distortion), linear.map((p) => p.rate),
      colour.green, { mode: "lines+markers", marker: { symbol: "square-open", size: 8 },
        line: { width: 1 } }));
  }
  traces.push(
    line("equal cost D + β·R", ...priceLine(run, mostD, mostR), colour.accent,
      { hoverinfo: "skip", line: { dash: "dot" } }),
    line("this sweep", runs.map((r) => r.distortion), runs.map((r) => r.rate), colour.accent,
      { mode: "lines+markers", marker: { size: 9 }, text: runs.map(withBeta),
        hovertemplate: "%{text}<br>D %{x:.2f}<br>R %{y:.2f} nats<extra></extra>" }),
    { name: withBeta(run), x: [run.distortion], y: [run.rate], mode: "markers", hoverinfo: "skip",
      showlegend: false, marker: { size: 20, color: "transparent",
        line: { color: colour.accent, width: 4 } } },
  );
  const high = Math.max(mostR, ...shown.flatMap((curve) => curve.rate));
  draw("plane",
    `Rate–distortion plane. ${runs.map((r) =>
      `${withBeta(r)}: D ${digits(r.distortion, 1)}, R ${digits(r.rate, 1)} nats`).join("; ")}. ` +
    `References: ${shown.map((curve) => curve.name).join(", ") || "none yet"}. Chosen: ${withBeta(run)}.`,
    traces, {
      xaxis: { title: title("distortion D (squared error per image)"), range: [0, mostD] },
      yaxis: { title: title("rate R (nats)"), ...(logarithmic
        ? { type: "log", range: [Math.log10(0.6 * Math.min(...rates)), Math.log10(1.3 * high)],
            dtick: 1 }
        : { range: [0, mostR] }) },
      legend: logarithmic || narrowScreen.matches || printing ? {} : { orientation: "v", x: 1, xanchor: "right", y: 1 },
      annotations: [{ x: run.distortion, y: logarithmic ? Math.log10(run.rate) : run.rate,
        text: `<b>${withBeta(run)}</b>`, showarrow: false, xanchor: "left", yanchor: "bottom",
        xshift: 12, yshift: 8, bgcolor: colour.paper, opacity: 0.9, font: { color: colour.accent, size: 15 } }],
    });
}

function spectrumBars(run, colour) {
  const idle = new Set(run.redundant);
  return { type: "bar", x: run.order.map((_, i) => i + 1), y: run.order.map((d) => run.kl[d]),
    text: run.order.map((d) => `z${subscript(d)}`), textposition: "none",
    marker: { color: run.order.map((d) => (idle.has(d) ? palette().idle : colour)) },
    hovertemplate: "%{text}: %{y:.3f} nats<extra></extra>" };
}

function spectrumInWords(run) {
  const active = run.order.filter((d) => !run.redundant.includes(d));
  return `${withBeta(run)}: ${active.map((d) => `dimension ${d} ${digits(run.kl[d])} nats`).join(", ")
    || "no dimension above the threshold"}; ${run.redundant.length} redundant`;
}

const rankAxis = (count) => ({ title: title("latent dimension, sorted by KL"), dtick: count > 16 ? 4 : 1,
  tick0: count > 16 ? 4 : 1, range: [0.3, count + 0.7], showgrid: false });

function drawSpectrum(runs, run) {
  const { accent, soft, quiet } = palette();
  const count = run.order.length;
  const start = count - run.redundant.length + 0.5;
  draw("spectrum", `Mean KL per latent dimension. ${spectrumInWords(run)}.`,
    [spectrumBars(run, accent)], {
      showlegend: false, bargap: 0.25,
      xaxis: rankAxis(count),
      yaxis: { title: title("mean KL (nats)"),
        range: [0, 1.08 * Math.max(...runs.flatMap((each) => each.kl))] },
      shapes: run.redundant.length ? [{ type: "rect", xref: "x", yref: "y domain", x0: start,
        x1: count + 0.5, y0: 0, y1: 1, fillcolor: soft, line: { width: 0 }, layer: "below" }] : [],
      annotations: run.redundant.length > 5 ? [{ x: (start + count + 0.5) / 2, yref: "y domain",
        y: 0.55, text: `${run.redundant.length} redundant`, showarrow: false,
        font: { color: quiet, size: 15 } }] : [],
    });
}

function drawKnowledge(runs, run) {
  const colour = palette();
  const known = runs.filter((each) => each.information);
  const x = known.map((each) => each.beta);
  const of = (key) => known.map((each) => each.information[key]);
  const upper = known.map((each) => Math.min(each.information.sandwich_upper, each.rate));
  const betas = runs.map((each) => each.beta);
  const outside = known.filter((each, i) => each.information.mine < each.information.sandwich_lower ||
    each.information.mine > upper[i]);
  draw("knows",
    `Information over β. ${known.map((each) => `${withBeta(each)}: I(x; z) between ` +
      `${digits(each.information.sandwich_lower)} and ${digits(each.information.sandwich_upper)}, ` +
      `MINE ${digits(each.information.mine)}, I(z; y) ${digits(each.information.label_probe)} nats`)
      .join("; ") || "Not measured yet"}.` +
    (outside.length ? ` MINE is outside the bracket at ${outside.map(withBeta).join(", ")}.` : ""),
    [
      line("lower", x, of("sandwich_lower"), colour.blue,
        { line: { width: 0 }, showlegend: false, hoverinfo: "skip" }),
      line("bracket of I(x; z)", x, upper, colour.blue,
        { line: { width: 0 }, fill: "tonexty", hoverinfo: "skip" }),
      line("rate R", betas, runs.map((each) => each.rate), colour.orange,
        { line: { dash: "dash" }, mode: "lines+markers", marker: { symbol: "square" } }),
      line("I(x; z) by MINE", x, of("mine"), colour.accent, { mode: "lines+markers" }),
      line("I(z; y) by the probe", x, of("label_probe"), colour.green,
        { mode: "lines+markers", marker: { symbol: "diamond" } }),
      ...(outside.length ? [{ name: "MINE outside the bracket", type: "scatter", mode: "markers",
        x: outside.map((each) => each.beta), y: outside.map((each) => each.information.mine),
        hoverinfo: "skip", marker: { size: 15, symbol: "circle-open", color: colour.accent,
          line: { width: 2 } } }] : []),
    ], {
      hovermode: "x",
      xaxis: { type: "log", title: title("β"), tickvals: betas, ticktext: betas.map(String) },
      yaxis: { type: "log", title: title("nats"), tickvals: NATS, ticktext: NATS.map(String),
        hoverformat: ".2f" },
      legend: { y: -0.28 },
      shapes: [vertical(run.beta, colour.accent)],
    });
}

function drawCurves(run, epoch) {
  const colour = palette();
  const { loss, test_rate: rate, test_distortion: distortion } = run.metrics;
  const x = loss.map((_, i) => i + 1);
  const bands = run.phases.map(({ first, last }, i) => ({ type: "rect", xref: "x", yref: "y2 domain",
    x0: first - 0.5, x1: last + 0.5, y0: 0, y1: 1, layer: "below", line: { width: 0 },
    fillcolor: i % 2 ? "transparent" : colour.soft }));
  const names = run.phases.filter(({ first, last }) => last - first >= x.length / 12)
    .map(({ name, first, last }) => ({ x: (first + last) / 2, yref: "y2 domain", y: 0.98,
      yanchor: "top", text: name, showarrow: false, font: { size: 12, color: colour.quiet } }));
  draw("curves",
    `Training at ${withBeta(run)}, epoch ${epoch}: loss ${digits(loss[epoch - 1])}, D ` +
    `${digits(distortion[epoch - 1])}, R ${digits(rate[epoch - 1])} nats. ${phasesInWords(run)}`,
    [
      line("loss", x, loss, colour.ink, { line: { dash: "dash" } }),
      line("distortion D", x, distortion, colour.blue),
      line("rate R (nats)", x, rate, colour.accent, { yaxis: "y2" }),
    ], {
      hovermode: "x",
      xaxis: { title: title("epoch"), range: [0.5, x.length + 0.5], anchor: "y2", hoverformat: "d" },
      yaxis: { domain: [0.46, 1], title: title("loss, D"), rangemode: "tozero", hoverformat: ".2f" },
      yaxis2: { domain: [0, 0.4], title: title("R"), hoverformat: ".2f",
        range: [0, 1.35 * Math.max(...rate)] },
      shapes: [...bands, vertical(epoch, colour.accent, "y domain"),
        vertical(epoch, colour.accent, "y2 domain")],
      annotations: names,
    });
}

function phasesInWords(run) {
  const does = { silent: "nothing is sent", opening: "R rises: dimensions open",
    compressing: "R falls: the same is said in fewer nats", settled: "R is settled" };
  const parts = run.phases.map(({ name, first, last }) =>
    `${first === last ? `epoch ${first}` : `epochs ${first}–${last}`}: ${does[name]}`);
  return `Phases of the KL term at ${withBeta(run)}: ${parts.join("; ")}.`;
}

function drawPaths(runs, run, epoch) {
  const { accent, idle } = palette();
  const path = (each, colour, more) => line(withBeta(each), each.metrics.test_distortion,
    each.metrics.test_rate, colour, more);
  const [d, r] = [run.metrics.test_distortion, run.metrics.test_rate];
  const others = runs.filter((each) => each !== run);
  draw("paths",
    `Path of the training in the rate–distortion plane: from D ${digits(d[0], 1)}, R ` +
    `${digits(r[0], 1)} to D ${digits(d.at(-1), 1)}, R ${digits(r.at(-1), 1)} nats; at epoch ` +
    `${epoch} D ${digits(d[epoch - 1], 1)}, R ${digits(r[epoch - 1], 1)}.`,
    [
      ...others.map((each) => path(each, idle, { line: { width: 1.5 }, hoverinfo: "name" })),
      { x: others.map((each) => each.distortion), y: others.map((each) => each.rate),
        mode: "markers", hoverinfo: "skip", marker: { size: 9, color: "transparent",
          line: { color: idle, width: 2 } } },
      line(withBeta(run), d.slice(0, epoch), r.slice(0, epoch), accent,
        { mode: "lines+markers", marker: { size: 5 }, line: { width: 3 } }),
      { x: [run.distortion], y: [run.rate], mode: "markers", hoverinfo: "skip",
        marker: { size: 12, color: "transparent", line: { color: accent, width: 2 } } },
      { x: [d[epoch - 1]], y: [r[epoch - 1]], mode: "markers", hoverinfo: "skip",
        marker: { size: 15, color: accent } },
    ], {
      showlegend: false,
      xaxis: { title: title("distortion D on the test images"), rangemode: "tozero" },
      yaxis: { title: title("rate R (nats)"), rangemode: "tozero" },
      annotations: runs.map((each) => ({ x: each.distortion, y: each.rate, text: withBeta(each),
        showarrow: false, xanchor: "right", yanchor: "top", xshift: -8,
        font: { size: 12, color: each === run ? accent : palette().quiet } })),
    });
}

function drawComparison(left, right) {
  const { accent, blue } = palette();
  draw("compare-spectrum",
    `Mean KL per latent dimension. ${spectrumInWords(left)}. ${spectrumInWords(right)}.`,
    [{ ...spectrumBars(left, accent), name: withBeta(left), marker: { color: accent } },
      { ...spectrumBars(right, blue), name: withBeta(right), marker: { color: blue } }], {
      barmode: "group", bargap: 0.2,
      xaxis: rankAxis(Math.max(left.order.length, right.order.length)),
      yaxis: { title: title("mean KL (nats)") }, legend: { y: -0.28 },
    });
}
