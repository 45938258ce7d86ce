"""Wrong grids of hierarchies (task 6.16): each changes a copy of a finished runs-hierarchy/."""

import csv
import json
import math
import shutil

from safetensors.torch import load_file, save_file

from tests.wrong import mistake, mutant

TASK = "6.16"
PRICES = (0.3, 1.0, 3.0)
CLASSIFIERS = ("logistic", "linear_svm", "rbf_svm", "knn")


def name_of(beta_2, beta_1):
    return f"beta2-{beta_2:g}_beta1-{beta_1:g}"


def update_config(folder, **changes):
    """Change values of a run's config.json."""
    path = folder / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def rewrite(runs, change):
    """Change each row of evaluation.csv in place by `change(row)`."""
    path = runs / "evaluation.csv"
    with open(path, newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        change(row)
    with open(path, "w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def rescale(runs, column, factor):
    """Multiply a column of evaluation.csv by `factor(row)`."""

    def change(row):
        row[column] = str(float(row[column]) * factor(row))

    rewrite(runs, change)


def rename(runs, new_prices):
    """Let each folder (β₂, β₁) hold the model of another pair, reported as it is.

    Args:
        new_prices: (β₂, β₁) → the pair whose model takes the place.
    """
    kept = runs.parent / "kept"
    shutil.copytree(runs, kept)
    with open(kept / "evaluation.csv", newline="") as file:
        rows = {row["run"]: row for row in csv.DictReader(file)}
    for beta_2 in PRICES:
        for beta_1 in PRICES:
            folder, source = runs / name_of(beta_2, beta_1), name_of(*new_prices(beta_2, beta_1))
            shutil.rmtree(folder)
            shutil.copytree(kept / source, folder)
            update_config(folder, beta_2=beta_2, beta_1=beta_1)

    def change(row):
        own = float(row["beta_2"]), float(row["beta_1"])
        row |= {key: value for key, value in rows[name_of(*new_prices(*own))].items()
                if key not in ("run", "beta_2", "beta_1")}  # fmt: skip

    rewrite(runs, change)
    shutil.rmtree(kept)


@mistake
def missing_run(runs):
    """A pair of prices is missing in runs-hierarchy/: the grid has nine."""
    shutil.rmtree(runs / name_of(1.0, 3.0))


@mistake
def damaged_weights(runs):
    """The weights of a run are cut short: check the upload, or train it again."""
    path = runs / name_of(1.0, 1.0) / "weights.safetensors"
    path.write_bytes(path.read_bytes()[:5000])


@mistake
def weights_not_finite(runs):
    """A run diverged, its weights are not finite: train this pair of prices again."""
    path = runs / name_of(0.3, 0.3) / "weights.safetensors"
    save_file({name: value * math.nan for name, value in load_file(path).items()}, path)


@mistake
def other_network(runs):
    """The weights do not fit the network of config.json: hand in both from the same training."""
    for path in sorted(runs.glob("*/config.json")):
        update_config(path.parent, hidden=[37])


@mistake
def other_model(runs):
    """This is a grid of LVAEs: the graded one is of HVAEs."""
    for path in sorted(runs.glob("*/config.json")):
        update_config(path.parent, model="lvae")


@mistake
def not_evaluated(runs):
    """evaluation.csv is missing: evaluate the grid before you hand it in."""
    (runs / "evaluation.csv").unlink()


@mistake
def rates_times_prices(runs):
    """You report β·R in both layers: the rates are wanted in nats, without their prices."""
    rescale(runs, "rate_2", lambda row: float(row["beta_2"]))
    rescale(runs, "rate_1", lambda row: float(row["beta_1"]))


@mistake
def rates_in_bits(runs):
    """The rates of evaluation.csv are in bits, and nats are asked for."""
    for column in ("rate_2", "rate_1"):
        rescale(runs, column, lambda row: 1 / math.log(2))


@mistake
def distortion_per_pixel(runs):
    """You report the squared error per pixel; it is summed over an image."""
    rescale(runs, "distortion", lambda row: 1 / 784)


@mistake
def psnr_per_image(runs):
    """The reported PSNR is half a decibel too good: was it averaged over images?"""

    def change(row):
        row["psnr"] = str(float(row["psnr"]) + 0.56)

    rewrite(runs, change)


@mistake
def accuracies_on_means(runs):
    """These accuracies are of classifiers on posterior means; the bound is for samples."""

    def change(row):
        row |= {f"{name}_samples": row[f"{name}_means"] for name in CLASSIFIERS}

    rewrite(runs, change)


@mistake
def one_model(runs):
    """All nine folders hold the same model: the prices do not reach the loss."""
    rename(runs, lambda beta_2, beta_1: (1.0, 1.0))


@mistake
def prices_swapped(runs):
    """The prices are exchanged: β₂ belongs to the top layer, β₁ to the bottom layer."""
    rename(runs, lambda beta_2, beta_1: (beta_1, beta_2))


@mistake
def prices_inverted(runs):
    """The two prices are exchanged: do you divide by the prices?"""
    turned = dict(zip(PRICES, reversed(PRICES), strict=True))
    rename(runs, lambda beta_2, beta_1: (turned[beta_2], turned[beta_1]))


@mistake
def collapsed(runs):
    """No model sends anything: with a loss averaged over pixels every nat is too expensive."""
    for path in sorted(runs.glob("*/weights.safetensors")):
        weights = load_file(path)
        for name in weights:
            if name.startswith(("top_head", "bottom_head", "prior")):
                weights[name].zero_()
        save_file(weights, path)


@mutant
def reconstructions_made_up(runs):
    rescale(runs, "reconstruction_accuracy", lambda row: 1.03)


@mutant
def one_rate_made_up(runs):
    rescale(runs, "rate_2", lambda row: 1.1 if row["run"] == name_of(1.0, 1.0) else 1.0)
