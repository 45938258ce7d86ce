"""Training of hierarchies: what is written, what is kept, every kind of model."""

import csv
import json
from types import SimpleNamespace

import pytest
import torch
from safetensors.torch import load_file

from rdlab.lab.errors import LabError
from rdlab.lab.hierarchy import training
from rdlab.lab.hierarchy.evaluation import cost, linear_point
from rdlab.lab.hierarchy.networks import build_hierarchy
from rdlab.rate_distortion import covariance_spectrum
from tests.lab.hierarchy.conftest import train

ONE = ["--beta2", "1", "--beta1", "0.5"]


def test_every_pair_of_prices_has_its_folder_with_config_metrics_and_weights(grid):
    names = {folder.name for folder in grid.glob("*/")}
    assert names == {training.run_name(*pair) for pair in training.pairs_of([0.3, 3], [0.3, 3])}
    folder = grid / "beta2-0.3_beta1-3"
    config = json.loads((folder / "config.json").read_text())
    assert (config["beta_2"], config["beta_1"], config["hidden"]) == (0.3, 3.0, [16, 8])
    with open(folder / "metrics.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["epoch"] for row in rows] == ["1", "2"]
    assert tuple(rows[0]) == training.COLUMNS
    model = training.load_grid(grid)[0.3, 3.0].model
    weights = load_file(folder / "weights.safetensors")
    assert sum(v.numel() for v in weights.values()) == sum(p.numel() for p in model.parameters())


def test_a_finished_grid_is_kept(grid, images, capsys):
    before = {path: path.stat().st_mtime_ns for path in grid.rglob("weights.safetensors")}
    assert train(grid, images) == 0
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert capsys.readouterr().out.count("is finished and is kept") == 4


def test_an_interrupted_run_goes_on_to_the_same_weights(tmp_path, images, monkeypatch):
    assert train(tmp_path / "whole", images, *ONE) == 0
    train_epoch = training._train_epoch
    calls = []

    def interrupted(*arguments):
        calls.append(arguments)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return train_epoch(*arguments)

    monkeypatch.setattr(training, "_train_epoch", interrupted)
    assert train(tmp_path / "parts", images, *ONE) == 130
    monkeypatch.setattr(training, "_train_epoch", train_epoch)
    assert train(tmp_path / "parts", images, *ONE) == 0
    name = "beta2-1_beta1-0.5/weights.safetensors"
    whole, parts = load_file(tmp_path / "whole" / name), load_file(tmp_path / "parts" / name)
    assert all(torch.equal(value, parts[key]) for key, value in whole.items())


@pytest.mark.parametrize(
    "options",
    [
        ["--model", "lvae"],
        ["--top-family", "categorical"],
        ["--network", "conv", "--width", "4"],
        ["--top", "conv", "--top-dim", "2"],
        ["--likelihood", "learned-sigma"],
        ["--likelihood", "bernoulli"],
        ["--likelihood", "logistics"],
        ["--model", "lvae", "--network", "conv", "--width", "2", "--likelihood", "logistics"],
    ],
)
def test_every_kind_of_model_trains(tmp_path, images, options):
    assert train(tmp_path / "runs", images, *ONE, *options) == 0
    [run] = training.load_grid(tmp_path / "runs").values()
    assert run.config["warm_up"] == ("lvae" in options)
    last = run.metrics[-1]
    assert last["test_rate_2"] >= 0
    assert last["test_rate_1"] >= 0
    x_hat = run.model.decode(torch.randn(3, 4))
    assert x_hat.shape == (3, 1, 28, 28)
    assert x_hat.min() >= 0
    assert x_hat.max() <= 1


@pytest.fixture
def one_thread():
    """For models so small that threads only wait for each other."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.mark.usefixtures("one_thread")
@pytest.mark.parametrize("prices", [(1.0, 3.0), (3.0, 1.0)])
def test_the_linear_hierarchy_trains_to_its_closed_form(prices):
    spectrum = torch.tensor([8.0, 4.0, 2.0, 1.0, 0.5, 0.1])
    images = torch.zeros(1000, 16)
    random = torch.Generator().manual_seed(0)
    images[:, :6] = torch.randn(1000, 6, generator=random) * spectrum.sqrt()
    images = images.reshape(-1, 1, 4, 4)
    data = SimpleNamespace(train_images=images, test_images=images)
    config = {
        "model": "hvae", "network": "linear", "top": "dense", "top_dim": 2, "bottom_dim": 4,
        "top_family": "gaussian", "likelihood": "gaussian", "variance": 0.5, "epochs": 40,
        "batch_size": 50, "learning_rate": 0.02, "decay": True, "seed": 0, "warm_up": False,
        "image_shape": [1, 4, 4], "beta_2": prices[0], "beta_1": prices[1],
    }  # fmt: skip
    _, rows = training.train(config, data, torch.device("cpu"))
    found = tuple(rows[-1][f"test_{key}"] for key in ("rate_2", "rate_1", "distortion"))
    best = linear_point(config, covariance_spectrum(images))
    assert found == pytest.approx(best, abs=0.25)
    assert 0.99 < cost(config, *found) / cost(config, *best) < 1.04


def test_the_learning_rate_falls_if_asked_to():
    config = {"learning_rate": 0.1, "epochs": 10}
    assert {training.learning_rate(config, epoch) for epoch in range(10)} == {0.1}
    falling = [training.learning_rate({**config, "decay": True}, epoch) for epoch in range(10)]
    assert falling == sorted(falling, reverse=True)
    assert falling[0] == 0.1
    assert falling[5] == pytest.approx(0.05)
    assert 0 < falling[9] < 0.003


@pytest.mark.parametrize(
    "wrong",
    [["--likelihood", "logistics"], ["--top", "conv"], ["--top-family", "categorical"]],
)
def test_a_linear_hierarchy_has_nothing_that_is_not_linear(tmp_path, images, capsys, wrong):
    assert train(tmp_path, images, *ONE, "--network", "linear", *wrong) == 2
    assert f"with --network linear, {wrong[0]} must be" in capsys.readouterr().err


def test_training_lowers_the_distortion(tmp_path, images):
    assert train(tmp_path / "runs", images, *ONE, "--epochs", "15") == 0
    [run] = training.load_grid(tmp_path / "runs").values()
    first, last = run.metrics[0], run.metrics[-1]
    assert last["loss"] < first["loss"]
    assert last["test_distortion"] < 0.9 * first["test_distortion"]


def test_the_decoder_sees_the_bottom_layer_only():
    config = {
        "model": "hvae", "network": "dense", "hidden": [8], "top": "dense", "top_dim": 2,
        "top_family": "gaussian", "bottom_dim": 3, "likelihood": "gaussian",
    }  # fmt: skip
    model = build_hierarchy(config)
    names = {name.split(".")[0] for name, _ in model.named_parameters()}
    assert names == {"top_body", "top_head", "bottom_body", "bottom_head", "prior", "decoder"}
    for key, wrong in (("hidden", [0]), ("top_dim", 0), ("model", "vae"), ("likelihood", "none")):
        with pytest.raises(LabError, match=key):
            build_hierarchy({**config, key: wrong})
    with pytest.raises(LabError, match="LVAE"):
        build_hierarchy({**config, "model": "lvae"})


def test_a_cluster_is_told_the_command_line_of_each_run(tmp_path, images, monkeypatch):
    told = []

    def record(address, runs, data_folder, device, command):
        told.extend(command(config, data_folder, device) for _, config in runs)
        raise LabError("no cluster is needed to see what it is told")

    monkeypatch.setattr(training, "train_on_cluster", record)
    options = ["--model", "lvae", "--no-warm-up", "--decay", "--cluster", "tcp://nowhere:1"]
    assert train(tmp_path / "far", images, *ONE, *options) == 2
    [words] = told
    assert words[:2] == ["hierarchy", "train"]
    assert "--no-warm-up" in words
    assert "--decay" in words
    monkeypatch.undo()
    from rdlab import __main__ as cli

    assert cli.main([*words, "--out", str(tmp_path / "near")]) == 0
    assert (tmp_path / "near" / "beta2-1_beta1-0.5" / "config.json").is_file()
