"""Wrong sweeps over β (task 1.6): each changes a copy of a finished runs/ folder."""

import json
import math
import shutil
from itertools import pairwise

import torch
from safetensors.torch import load_file, save_file

from autograder.judging.experiments.beta_sweep import BETAS, run_name
from autograder.judging.run_folders import held_back_images
from rdlab.lab.models import build_model, load_state
from tests.wrong import mistake, mutant

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


@torch.no_grad()
def report(folder):
    """Let a run report last what its weights give."""
    model = build_model(json.loads((folder / "config.json").read_text()))
    load_state(model, load_file(folder / "weights.safetensors"))
    x = held_back_images().float() / 255
    mean, log_var = model.encode(x)
    x_hat = model.decode(mean + (log_var / 2).exp() * torch.randn_like(mean))
    rate = (mean.square() + log_var.exp() - 1 - log_var).sum(1).mean().item() / 2
    values = {"test_rate": rate, "test_distortion": (x - x_hat).square().sum().item() / len(x)}
    path = folder / "metrics.csv"
    *rows, last = path.read_text().splitlines()
    cells = dict(zip(rows[0].split(","), last.split(","), strict=True)) | values
    path.write_text("\n".join([*rows, ",".join(map(str, cells.values()))]) + "\n")


def made_from(runs, name, change):
    """Give every run the weights of one, changed by `change(weights, number)`, and its report."""
    weights = load_file(runs / name / "weights.safetensors")
    for number, beta in enumerate(BETAS):
        folder = runs / run_name(beta)
        changed = change({name: value.clone() for name, value in weights.items()}, number)
        save_file(changed, folder / "weights.safetensors")
        report(folder)


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


# Sweeps that were not trained, or trained once: what they report is what their weights give.


@mutant
def jittered(runs):
    """Six times the run of β = 10, each with a little noise of its own."""
    torch.manual_seed(0)

    def change(weights, number):
        return {
            name: value + 0.02 * value.std() * torch.randn_like(value)
            for name, value in weights.items()
        }

    made_from(runs, "beta-10", change)


@mutant
def rescaled(runs):
    """Six times the run of β = 10, the code and its variance scaled, and scaled back."""

    def change(weights, number):
        factor = 1 + 0.1 * number
        weights["encoder.3.weight"][:32] *= factor
        weights["encoder.3.bias"][:32] *= factor
        weights["decoder.0.weight"] /= factor
        return weights

    made_from(runs, "beta-10", change)


@mutant
def mean_image(runs):
    """The mean image in the last bias, a little brighter in each run, and all else 0."""
    pixels = (held_back_images().float() / 255).mean(0).flatten().clamp(0.001, 0.999)

    def change(weights, number):
        zeros = {name: torch.zeros_like(value) for name, value in weights.items()}
        return zeros | {"decoder.2.bias": pixels.logit() + 0.02 * number}

    made_from(runs, "beta-10", change)


@mutant
def untrained(runs):
    """Six networks as they are initialised."""
    torch.manual_seed(0)

    def change(weights, number):
        config = json.loads((runs / "beta-10" / "config.json").read_text())
        return build_model(config).state_dict()

    made_from(runs, "beta-10", change)
