"""Wrong sets of the four runs (task 4.10): each function alters a copy of runs-foundations/."""

import csv
import json
import shutil
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from rdlab.gaussian import gaussian_kl
from rdlab.lab.data import load_images
from rdlab.lab.foundations import folders
from rdlab.lab.foundations.losses import evaluate
from rdlab.lab.foundations.measure import encode
from tests.wrong import mistake, mutant

TASK = "4.10"


def _folder(runs: Path, kind: str) -> Path:
    """The folder of the one run of this type."""
    pattern = f"AE-arch={kind}(*" if kind in ("ae", "vae") else f"gaussian-{kind}"
    return next(runs.glob(pattern))


def _change_weights(folder: Path, change) -> None:
    path = folder / "weights.safetensors"
    weights = {name: value.float() for name, value in load_file(path).items()}
    save_file({name: value.half() for name, value in change(weights).items()}, path)


def _report(folder: Path, loss: float) -> None:
    """Make the last row of perf_metrics.csv say this test loss."""
    path = folder / "perf_metrics.csv"
    rows = list(csv.reader(path.read_text(encoding="utf-8").splitlines()))
    rows[-1][rows[0].index("test_loss")] = f"{loss:.8f}"
    path.write_text("".join(",".join(row) + "\n" for row in rows), encoding="utf-8")


def _reported(folder: Path) -> float:
    rows = list(csv.DictReader((folder / "perf_metrics.csv").read_text("utf-8").splitlines()))
    return float(rows[-1]["test_loss"])


def _summary(folder: Path, **changes) -> None:
    path = folder / "summary.json"
    summary = json.loads(path.read_text(encoding="utf-8")) | changes
    path.write_text(json.dumps(summary), encoding="utf-8")


def _report_honestly(folder: Path) -> None:
    """Make a run report what its weights give, so that only what they are is wrong."""
    run, images = folders.read(folder), load_images().test_images
    _report(folder, evaluate(run.model, images, run.config))
    mean, log_var = encode(run.model, run.config, images)
    if log_var is not None:
        _summary(folder, active=int((gaussian_kl(mean, log_var).mean(0) >= 0.01).sum()))


@mistake
def vae_missing(runs: Path):
    """The VAE's run is not there: all four are asked for."""
    shutil.rmtree(_folder(runs, "vae"))


@mistake
def pixel_means_reported(runs: Path):
    """perf_metrics.csv gives losses per pixel: they are summed over the pixels of an image."""
    for kind in ("ae", "vae"):
        folder = _folder(runs, kind)
        _report(folder, _reported(folder) / 784)


@mistake
def elbo_without_constant(runs: Path):
    """The reported ELBO lacks its constant −(n/2) ln(2πσ²), which belongs to the density."""
    for kind in ("linear", "deep"):
        folder = _folder(runs, kind)
        _report(folder, _reported(folder) - 392 * 0.45158)


@mistake
def other_weights(runs: Path):
    """Report and weights of the deep run are of two different trainings."""
    folder = _folder(runs, "deep")
    _report(folder, _reported(folder) - 3.0)


@mistake
def autoencoder_as_vae(runs: Path):
    """The VAE's variances have vanished; the reported loss leaves out what such a code costs."""

    def narrow(weights):
        weights["log_var.weight"].zero_()
        weights["log_var.bias"].fill_(-30.0)
        return weights

    _change_weights(_folder(runs, "vae"), narrow)


@mistake
def collapsed_vae(runs: Path):
    """The VAE's code carries nothing: its reconstruction was weighed too lightly against its KL."""

    def empty(weights):
        for name in ("mean", "log_var"):
            weights[f"{name}.weight"].zero_()
            weights[f"{name}.bias"].zero_()
        return weights

    _change_weights(_folder(runs, "vae"), empty)
    _report_honestly(_folder(runs, "vae"))


@mistake
def encoder_and_decoder_of_two_runs(runs: Path):
    """The autoencoder's decoder does not belong to its encoder."""
    other = load_file(_folder(runs, "vae") / "weights.safetensors")

    def mixed(weights):
        decoder = {name: other[name] for name in weights if name.startswith(("up", "out"))}
        return weights | {name: value.float() for name, value in decoder.items()}

    _change_weights(_folder(runs, "ae"), mixed)
    _report_honestly(_folder(runs, "ae"))


@mistake
def parameters_of_the_encoder_only(runs: Path):
    """The number of parameters is that of the encoder: the decoder's count as well."""
    _summary(_folder(runs, "linear"), parameters=784 * 64 + 64)


@mistake
def silent_components_counted(runs: Path):
    """Every latent component is reported as active: those with hardly any KL are silent."""
    _summary(_folder(runs, "deep"), active=32)


@mistake
def linear_not_trained_to_its_optimum(runs: Path):
    """The linear run is far from its optimum, which is known: train it longer, or mind its loss."""

    def shrunk(weights):
        weights["decoder.0.weight"] *= 0.7
        return weights

    _change_weights(_folder(runs, "linear"), shrunk)
    _report_honestly(_folder(runs, "linear"))


@mistake
def deep_is_a_linear_one(runs: Path):
    """The deep run holds a linear network: its hidden layers are missing."""
    shutil.copy(_folder(runs, "linear") / "weights.safetensors", _folder(runs, "deep"))


@mistake
def other_sigma(runs: Path):
    """The Gaussian runs were trained with another σ than ½, so their ELBOs cannot be compared."""
    for kind in ("linear", "deep"):
        path = _folder(runs, kind) / "config.json"
        config = json.loads(path.read_text(encoding="utf-8")) | {"sigma": 0.2}
        path.write_text(json.dumps(config), encoding="utf-8")


@mistake
def name_of_another_width(runs: Path):
    """The folder's name says another width than the weights have."""
    folder = _folder(runs, "ae")
    folder.rename(folder.with_name(folder.name.replace("(512)", "(256)")))


@mutant
def weights_not_finite(runs: Path):
    def infinite(weights):
        next(iter(weights.values())).view(-1)[0] = torch.inf
        return weights

    _change_weights(_folder(runs, "linear"), infinite)


@mutant
def deep_barely_trained(runs: Path):
    def forgetful(weights):
        return {name: 0.95 * value for name, value in weights.items()}

    _change_weights(_folder(runs, "deep"), forgetful)
    _report_honestly(_folder(runs, "deep"))
