"""What is measured and drawn of the runs of part 4."""

import csv
import math
import sys

import pytest
import torch
from PIL import Image

from autograder import ROOT

sys.path.insert(0, str(ROOT / "solution"))

from rdlab.lab.data import Dataset
from rdlab.lab.foundations import chain, folders, measure, pictures, report, training
from rdlab.lab.foundations.networks import GaussianVAE

COMMON = {
    "image_shape": [1, 28, 28],
    "data": "sample",
    "batch_size": 20,
    "learning_rate": 0.001,
    "mc_samples": 1,
    "seed": 0,
    "epochs": 2,
}
CONFIGS = (
    {"type": "ae", "hidden": 8, "latent_dim": 2},
    {"type": "vae", "hidden": 8, "latent_dim": 2},
    {"type": "linear", "latent_dim": 4, "sigma": 0.5},
    {"type": "deep", "hidden": [8, 6], "latent_dim": 4, "sigma": 0.5},
)


@pytest.fixture(scope="module")
def data():
    generator = torch.Generator().manual_seed(0)
    images = torch.rand(140, 1, 28, 28, generator=generator)
    labels = torch.arange(140) % 10
    return Dataset(images[:100], labels[:100], images[100:], labels[100:])


@pytest.fixture(scope="module")
def out(tmp_path_factory, data):
    """Four small finished runs."""
    folder = tmp_path_factory.mktemp("runs-foundations")
    for config in CONFIGS:
        config = config | COMMON
        training.train_run(folder / folders.run_name(config), config, data, torch.device("cpu"))
    return folder


@pytest.fixture(scope="module")
def drawn(out, data, tmp_path_factory):
    target = tmp_path_factory.mktemp("figures")
    patch = pytest.MonkeyPatch()
    patch.setattr(report, "load", lambda name, folder: data)
    patch.setattr(chain, "ROUNDS", 10)
    report.report(out, target)
    patch.undo()
    return target


def test_every_figure_and_table_is_written(out, drawn):
    for name in ("kl_components", "samples", "chain", "chain_memory"):
        assert (drawn / f"{name}.png").is_file()
        assert (drawn / f"{name}.pdf").is_file()
    for run in folders.read_all(out):
        assert (run.folder / "loss_curve.png").is_file()
        plane = run.config["type"] in ("ae", "vae")
        for name in ("manifold", "manifold_digits", "manifold_digits_95"):
            assert (run.folder / f"{name}.png").is_file() == plane


def test_the_animations_have_a_frame_per_round(drawn):
    names = {path.name for path in drawn.glob("*.gif")}
    ways = ("as_stated", "mean_clamped")
    assert names == {f"chain_{kind}_{way}.gif" for kind in ("linear", "deep") for way in ways}
    for name in names:
        with Image.open(drawn / name) as animation:
            assert animation.n_frames == 11
            assert animation.size == (2 * (8 * 30 - 2), 2 * (8 * 30 - 2))


def test_the_table_holds_what_theory_says(out, drawn, data):
    with open(drawn / "foundations.csv", newline="", encoding="utf-8") as file:
        rows = {row["run"]: row for row in csv.DictReader(file)}
    assert len(rows) == 4
    linear = rows["gaussian-linear"]
    assert float(linear["test_elbo"]) <= float(linear["best_linear_test"])
    elbo, kl = measure.theory(data.train_images, 0.5, 4)
    assert float(linear["best_linear_train"]) == pytest.approx(elbo)
    assert int(linear["linear_active"]) == int((kl > 0).sum())
    assert float(linear["importance_bound"]) >= float(linear["elbo_of_the_same"])
    assert rows[folders.run_name(CONFIGS[0] | COMMON)]["test_elbo"] == ""


def test_the_autoencoders_are_measured_without_task_4_9(out, data, monkeypatch, capsys):
    def stub(log_weights):
        raise NotImplementedError("Task 4.9: importance_bound")

    monkeypatch.setattr(measure, "importance_bound", stub)
    run = next(run for run in folders.read_all(out) if run.config["type"] == "vae")
    row = report.measured(run, data)
    assert row["importance_bound"] is None
    assert row["test_elbo"] == -run.summary["test_loss"]
    assert "Task 4.9: importance_bound is not done yet" in capsys.readouterr().out
    report.print_table([row])


def test_the_chains_are_those_of_both_ways(drawn):
    with open(drawn / "chain.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {(row["run"], row["how"]) for row in rows} == {
        (f"gaussian-{kind}", how)
        for kind in ("linear", "deep")
        for how in (chain.AS_STATED, chain.CLAMPED)
    }
    assert [int(row["round"]) for row in rows[:5]] == [0, 1, 2, 5, 10]
    assert all(1 <= int(row["classes"]) <= 10 for row in rows)


def linear_model(scale: float) -> GaussianVAE:
    """One pixel per latent; its round trip multiplies a latent by `scale`."""
    model = GaussianVAE(4, [], 2)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
        model.decoder[0].weight[:2] = torch.eye(2)
        model.encoder[0].weight[:2, :2] = scale * torch.eye(2)
        model.encoder[0].bias[2:] = -2.0
    return model


def test_the_spectral_radius_is_that_of_the_round_trip():
    assert chain.spectral_radius(linear_model(0.6)) == pytest.approx(0.6)


def test_a_chain_forgets_as_fast_as_its_model_says():
    model, config = linear_model(0.6), {"latent_dim": 2, "sigma": 0.1, "seed": 0}
    followed = chain.follow(model, config, chain.AS_STATED, 500, 60)
    assert chain.memory(followed).tolist() == pytest.approx([0.6, 0.6], abs=0.05)
    stationary = (math.exp(-2) + 0.36 * 0.01) / (1 - 0.36)
    assert followed.latents[-1].var(0).mean().item() == pytest.approx(stationary, rel=0.15)


def test_a_chain_that_runs_away_is_measured_and_drawn_all_the_same(data):
    model, config = (
        GaussianVAE(784, [], 2),
        {"latent_dim": 2, "sigma": 0.5, "seed": 0, "type": "linear"},
    )
    with torch.no_grad():
        model.encoder[0].weight[2:] = 30.0
    followed = chain.follow(model, config, chain.AS_STATED, 8, 12)
    rows = chain.measure(followed, [0, 1], data.train_images, data.train_labels, config, model)
    assert not math.isfinite(rows[-1]["active_variance"])
    assert math.isfinite(rows[-1]["distance"])
    frame = pictures.sheet(followed.pictures[-1].reshape(-1, 1, 28, 28), 4)
    assert frame.dtype == torch.uint8


def test_clamped_means_stay_pictures():
    model, config = linear_model(1.5), {"latent_dim": 2, "sigma": 0.1, "seed": 0}
    away, home = (
        chain.follow(model, config, how, 100, 40).latents[-1].var(0).mean().item()
        for how in (chain.AS_STATED, chain.CLAMPED)
    )
    assert away > 1e3
    assert home < 5


def test_a_sheet_is_laid_out_row_by_row():
    images = torch.zeros(3, 1, 4, 4)
    images[1] = 1.0
    pixels = pictures.sheet(images, 2)
    assert pixels.shape == (10, 10)
    assert pixels[:4, 6:].max() == 0, "the second image is black, right of the first"
    assert pixels[6:, :4].min() == 255, "the third one is white, below the first"
    colour = pictures.sheet(torch.ones(2, 3, 4, 4), 2)
    assert colour.shape == (4, 10, 3)
