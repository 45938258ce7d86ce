"""The table and the figures of part 3. Given code."""

from typing import Any

from rdlab.lab.figures import BLACK, BLUE, GREEN, ORANGE, RED, plt


def print_table(rows: list[dict[str, Any]]) -> None:
    """Print one line per β, in nats, and below it why a reading may not be trusted."""
    print(
        "                               I(x; z)                              I(z; y)\n"
        "   β      R        bracket    MINE     NWJ   InfoNCE   SMILE    probe    MINE   ratio"
    )
    for row in rows:
        bracket = f"[{row['sandwich_lower']:.2f}, {row['sandwich_upper']:.2f}]"
        print(
            f"{row['beta']:4g} {row['rate']:6.2f} {bracket:>14} {row['mine']:7.2f} "
            f"{row['nwj']:7.2f} {row['info_nce']:9.2f} {row['smile']:7.2f} "
            f"{row['label_probe']:8.2f} {row['label_mine']:7.2f} {row['ratio']:7.2f}"
        )
    first = rows[0]
    print(f"H(y) = {first['label_entropy']:.2f}; I(x; y) ≥ {first['pixel_probe']:.2f}, by a probe")
    print("Doubts, in nats:")
    for row in rows:
        print(f"{row['beta']:4g}   {row['doubts'] or 'none'}")


def plot_training(curves: list[dict[str, Any]]) -> plt.Figure:
    """Plot the bound on training batches over the steps: a panel per estimator, a line per β."""
    names = {"mine": "MINE and SMILE", "nwj": "NWJ", "info_nce": "InfoNCE"}
    figure, grid = plt.subplots(1, 3, figsize=(8.4, 3.2), sharey=True)
    betas = sorted({row["beta"] for row in curves})
    colours = plt.get_cmap("cividis")([i / max(1, len(betas) - 1) * 0.9 for i in range(len(betas))])
    for axes, (name, title) in zip(grid, names.items(), strict=True):
        for beta, colour in zip(betas, colours, strict=True):
            own = [row for row in curves if row["estimator"] == name and row["beta"] == beta]
            axes.plot(
                [row["step"] for row in own],
                [row["nats"] for row in own],
                color=colour,
                label=f"β = {beta:g}",
            )
        axes.set(title=title, xlabel="step")
    grid[0].set_ylabel("bound on the training batch (nats)")
    handles, labels = grid[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=6)
    return figure


def plot_information(rows: list[dict[str, Any]]) -> plt.Figure:
    """Plot I(x; z) in its bracket, I(z; y) with H(y), their ratio, the probe's accuracy, over β.

    A hollow ring marks a reading of MINE outside its bracket.
    """
    column = {key: [row[key] for row in rows] for key in rows[0]}
    figure, panels = plt.subplots(4, 1, sharex=True, figsize=(6.4, 9.6))
    _plot_input_information(panels[0], rows, column)
    _plot_label_information(panels[1], column)
    beta = column["beta"]
    panels[2].plot(beta, column["ratio"], "o-", color=GREEN, label="I(z; y) / I(x; z)")
    panels[2].set_ylabel("ratio")
    share = [100 * each for each in column["label_accuracy"]]
    panels[3].plot(beta, share, "o-", color=BLUE, label="probe on z")
    panels[3].set(ylabel="labels recognised (%)", xscale="log", xlabel="β")
    panels[3].set(xticks=beta, xticklabels=[f"{b:g}" for b in beta])
    panels[3].minorticks_off()
    for axes in panels:
        axes.legend()
    return figure


def _plot_input_information(axes: plt.Axes, rows: list[dict], column: dict[str, list]) -> None:
    beta, lower = column["beta"], column["sandwich_lower"]
    upper = [min(row["sandwich_upper"], row["rate"]) for row in rows]  # R is an upper bound too
    axes.fill_between(beta, lower, upper, color=BLUE, alpha=0.25, label="bracket of I(x; z)")
    axes.plot(beta, column["rate"], "s--", color=ORANGE, label="rate R")
    axes.plot(beta, column["mine"], "o-", color=RED, label="I(x; z), MINE")
    outside = [
        (row["beta"], row["mine"])
        for row, low, high in zip(rows, lower, upper, strict=True)
        if not low <= row["mine"] <= high
    ]
    if outside:
        label = "MINE outside the bracket"
        axes.plot(*zip(*outside, strict=True), "o", color=RED, mfc="none", ms=12, label=label)
    axes.set(ylabel="I(x; z) (nats)", yscale="log", yticks=[1, 2, 5, 10, 20])
    axes.yaxis.set_major_formatter("{x:g}")
    axes.minorticks_off()


def _plot_label_information(axes: plt.Axes, column: dict[str, list]) -> None:
    axes.axhline(column["label_entropy"][0], color=BLACK, ls=":", label="H(y)")
    axes.axhline(column["pixel_probe"][0], color=GREEN, ls="-.", label="I(x; y), probe on pixels")
    axes.plot(column["beta"], column["label_probe"], "o-", color=BLUE, label="I(z; y), probe")
    axes.plot(column["beta"], column["label_mine"], "^--", color=RED, label="I(z; y), MINE")
    axes.set(ylabel="about the label (nats)", ylim=(0, None))
