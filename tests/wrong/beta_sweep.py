"""Wrong sweeps over β (task 1.6): each changes a copy of a finished runs/ folder."""

import json
import math
import shutil
from itertools import pairwise

from safetensors.torch import load_file, save_file

from autograder.judging.experiments.beta_sweep import BETAS, run_name
from tests.wrong import mistake

TASK = "1.6"


def update_config(folder, **changes):
    """Change values of a run's config.json."""
    path = folder / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def rescale(runs, column, factor):
    """Multiply what each run reports last in a column of metrics.csv by `factor(config)`."""
    for path in sorted(runs.glob("*/metrics.csv")):
        config = json.loads((path.parent / "config.json").read_text())
        *rows, last = path.read_text().splitlines()
        cells = last.split(",")
        place = rows[0].split(",").index(column)
        cells[place] = str(float(cells[place]) * factor(config))
        path.write_text("\n".join([*rows, ",".join(cells)]) + "\n")


@mistake
def beta_ignored(runs):
    """All six models are one and the same: β does not reach the loss that you train with."""
    for folder in sorted(path.parent for path in runs.glob("*/config.json")):
        if folder.name != "beta-1":
            for name in ("weights.safetensors", "metrics.csv"):
                shutil.copy(runs / "beta-1" / name, folder / name)
        update_config(folder, seed=1)


@mistake
def collapsed(runs):
    """Every model sends nothing: with a squared error averaged over pixels a nat is too expensive
    at any β."""
    for path in sorted(runs.glob("*/weights.safetensors")):
        weights = load_file(path)
        last = max(name for name in weights if name.startswith("encoder"))
        layer = last.rpartition(".")[0]
        for name in (f"{layer}.weight", f"{layer}.bias"):
            weights[name].zero_()
        save_file(weights, path)


@mistake
def damaged_file(runs):
    """A weights file is cut short: check the upload, or train this β again."""
    path = runs / "beta-2" / "weights.safetensors"
    path.write_bytes(path.read_bytes()[:5000])


@mistake
def distortion_per_pixel(runs):
    """You report the squared error per pixel. Distortion is summed over the pixels of an image."""
    rescale(runs, "test_distortion", lambda config: 1 / 784)


@mistake
def missing_run(runs):
    """A β is missing in runs/: train all six before you hand in."""
    shutil.rmtree(runs / "beta-5")


@mistake
def not_finite(runs):
    """The weights hold values that are not finite: training diverged, so train this β again."""
    path = runs / "beta-0.1" / "weights.safetensors"
    save_file({name: value * math.nan for name, value in load_file(path).items()}, path)


@mistake
def other_shapes(runs):
    """The weights belong to another network than config.json describes: hand in both from one
    run."""
    for path in sorted(runs.glob("*/config.json")):
        update_config(path.parent, hidden=[37])


@mistake
def rate_in_bits(runs):
    """You report the rate in bits. The assignment counts in nats everywhere."""
    rescale(runs, "test_rate", lambda config: 1 / math.log(2))


@mistake
def rate_times_beta(runs):
    """You report β·R where R is asked for: divide the KL term by β, or do not multiply it."""
    rescale(runs, "test_rate", lambda config: config["beta"])


@mistake
def shifted_beta(runs):
    """Each folder holds the model of the next β: the name, the config and the loss must agree."""
    for beta, following in pairwise(BETAS):
        folder = runs / run_name(beta)
        shutil.rmtree(folder)
        shutil.copytree(runs / run_name(following), folder)
        update_config(folder, beta=beta)
