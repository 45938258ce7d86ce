"""The runs of part 4: folders, resuming, what is refused, and the data they are trained on."""

import argparse
import csv
import gzip
import json
import math
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from autograder import ROOT

sys.path.insert(0, str(ROOT / "solution"))

from rdlab.lab import photographs
from rdlab.lab.data import FILES, Dataset
from rdlab.lab.errors import LabError
from rdlab.lab.foundations import (
    add_parser,
    commands,
    data,
    folders,
    page,
    report,
    training,
)
from rdlab.lab.foundations.losses import evaluate
from rdlab.lab.foundations.networks import GaussianVAE, build_gaussian, count_parameters

AE = "AE-arch=ae(512)-lr=0.001-ep=100"


def parsed(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_parser(parser.add_subparsers())
    return parser.parse_args(["foundations", *map(str, words)])


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """60 random images in place of every data set."""
    generator = torch.Generator().manual_seed(0)
    images = torch.rand(60, 1, 28, 28, generator=generator)
    labels = torch.arange(60) % 10
    found = Dataset(images[:40], labels[:40], images[40:], labels[40:])
    monkeypatch.setattr(commands, "_load", lambda name, folder: found)
    return found


def train(out: Path, *words: str) -> None:
    commands.run(parsed("train", "--jobs", 1, "--out", out, *words))


def test_the_defaults_name_the_four_folders():
    arguments = parsed()
    configs = [commands.settings(kind, arguments, [1, 28, 28]) for kind in commands.FOUR]
    assert [folders.run_name(config) for config in configs] == [
        AE,
        AE.replace("ae(", "vae("),
        "gaussian-linear",
        "gaussian-deep",
    ]
    assert [config["seed"] for config in configs] == [8675309] * 4
    assert [config["batch_size"] for config in configs] == [128] * 4
    assert [config.get("sigma") for config in configs] == [None, None, 0.5, 0.5]


def test_options_reach_config_and_name(tmp_path):
    train(
        tmp_path,
        "--type",
        "vae",
        "--epochs",
        2,
        "--batch-size",
        7,
        "--lr",
        0.01,
        "--hidden-layer-size",
        5,
        "--mc-samples",
        3,
        "--seed",
        4,
        "--exp-name",
        "mine",
    )
    folder = tmp_path / "mine-arch=vae(5)-lr=0.01-ep=2"
    config = json.loads((folder / "config.json").read_text())
    wanted = {
        "type": "vae",
        "epochs": 2,
        "batch_size": 7,
        "learning_rate": 0.01,
        "hidden": 5,
        "mc_samples": 3,
        "seed": 4,
        "latent_dim": 2,
        "data": "sample",
    }
    assert {key: config[key] for key in wanted} == wanted


def test_a_run_folder_holds_what_the_assignment_asks_for(tmp_path, small):
    train(tmp_path, "--type", "vae", "--epochs", 12, "--hidden-layer-size", 6)
    folder = tmp_path / "AE-arch=vae(6)-lr=0.001-ep=12"
    lines = (folder / "perf_metrics.csv").read_text().splitlines()
    assert lines[0] == "epoch,train_loss,test_loss,lr"
    rows = list(csv.DictReader(lines))
    assert [row["epoch"] for row in rows] == [str(epoch) for epoch in range(12)]
    for row in rows:
        for key in ("train_loss", "test_loss", "lr"):
            assert len(row[key].partition(".")[2]) == 8
    pictures = {path.stem for path in folder.glob("*.png")}
    kinds = ("reconstruction", "sample")
    assert pictures == {f"{kind}_{epoch}" for kind in kinds for epoch in (0, 9, 10, 11)}
    with Image.open(folder / "reconstruction_11.png") as picture:
        assert picture.size == (8 * 30 - 2, 2 * 30 - 2)
    with Image.open(folder / "sample_11.png") as picture:
        assert picture.size == (8 * 30 - 2, 8 * 30 - 2)
    run = folders.read(folder)
    assert run.summary["parameters"] == count_parameters(run.model)
    found = evaluate(run.model, small.test_images, run.config)
    assert found == pytest.approx(run.metrics[-1]["test_loss"], rel=0.01)


def test_the_test_loss_of_the_last_epoch_is_that_of_the_stored_weights(tmp_path, small):
    train(tmp_path, "--type", "ae", "--epochs", 2, "--hidden-layer-size", 6)
    run = folders.read(next(tmp_path.glob("AE*")))
    found = evaluate(run.model, small.test_images, run.config)
    assert found == pytest.approx(run.metrics[-1]["test_loss"], rel=1e-6)


def test_training_that_was_stopped_goes_on_to_the_same_weights(tmp_path, monkeypatch):
    words = ("--type", "linear", "--epochs", 4, "--latent-dim", 3)
    train(tmp_path / "whole", *words)
    ordinary, calls = training.train_epoch, []

    def stopped(*arguments):
        calls.append(None)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return ordinary(*arguments)

    monkeypatch.setattr(training, "train_epoch", stopped)
    with pytest.raises(KeyboardInterrupt):
        train(tmp_path / "stopped", *words)
    assert not (tmp_path / "stopped" / "gaussian-linear").exists()
    monkeypatch.setattr(training, "train_epoch", ordinary)
    train(tmp_path / "stopped", *words)
    one, other = (
        folders.read(tmp_path / name / "gaussian-linear") for name in ("whole", "stopped")
    )
    assert one.metrics == other.metrics
    for name, value in one.model.state_dict().items():
        assert torch.equal(value, other.model.state_dict()[name])
    assert not list((tmp_path / "stopped").glob(".*checkpoint"))


def test_a_finished_run_is_kept_and_another_is_not_overwritten(tmp_path, capsys):
    train(tmp_path, "--type", "linear", "--epochs", 1, "--latent-dim", 3)
    before = (tmp_path / "gaussian-linear" / "weights.safetensors").stat().st_mtime_ns
    train(tmp_path, "--type", "linear", "--epochs", 1, "--latent-dim", 3)
    assert "is finished and is kept" in capsys.readouterr().out
    assert (tmp_path / "gaussian-linear" / "weights.safetensors").stat().st_mtime_ns == before
    with pytest.raises(LabError, match="holds a run with latent_dim = 3, not 4: choose another"):
        train(tmp_path, "--type", "linear", "--epochs", 1, "--latent-dim", 4)


def test_a_folder_keeps_to_one_data_set(tmp_path, monkeypatch):
    train(tmp_path, "--type", "linear", "--epochs", 1, "--latent-dim", 3)
    monkeypatch.setattr(commands, "_load", lambda name, folder: pytest.fail("it was loaded"))
    for words in (("mnist",), ("celeba", "--folder", tmp_path)):
        with pytest.raises(LabError, match=f"trained on sample: .* --out runs-{words[0]} "):
            train(tmp_path, "--data", *words)


def test_a_folder_without_one_of_its_files_is_not_taken_for_finished(tmp_path):
    train(tmp_path, "--type", "linear", "--epochs", 1, "--latent-dim", 3)
    (tmp_path / "gaussian-linear" / "summary.json").unlink()
    with pytest.raises(LabError, match=r"lacks summary\.json"):
        train(tmp_path, "--type", "linear", "--epochs", 1, "--latent-dim", 3)


def test_a_loss_that_is_not_finite_is_an_error(tmp_path):
    with pytest.raises(LabError, match="no longer finite"):
        train(tmp_path, "--type", "linear", "--epochs", 3, "--latent-dim", 3, "--lr", 1e6)


def test_an_unusable_name_and_step_are_refused(tmp_path):
    with pytest.raises(LabError, match="--exp-name"):
        train(tmp_path, "--exp-name", "../elsewhere")
    with pytest.raises(LabError, match="there is no step 'draw'"):
        commands.run(parsed("draw"))


def test_the_gaussian_half_ends_without_a_page(tmp_path, monkeypatch, capsys, small):
    monkeypatch.setattr(page, "load_of", lambda runs, folder: small)
    monkeypatch.setattr(report, "report", lambda *arguments: None)
    places = ("--out", tmp_path, "--figures", tmp_path / "figures")
    words = ("--type", "linear", "--epochs", 1, "--latent-dim", 3, "--jobs", 1)
    assert commands.run(parsed(*words, *places)) == 0
    assert "no page yet" in capsys.readouterr().out
    with pytest.raises(LabError, match="no autoencoder with two latents"):
        commands.run(parsed("page", *places))


def test_more_samples_of_z_estimate_the_same_loss(small):
    torch.manual_seed(0)
    config = {"type": "linear", "latent_dim": 4, "sigma": 0.5, "mc_samples": 1}
    model = build_gaussian(config)
    from rdlab.lab.foundations.losses import batch_loss, prepare

    x = prepare(small.test_images, config, model)
    with torch.no_grad():
        ones = torch.stack([batch_loss(model, x, config) for _ in range(300)])
        many = batch_loss(model, x, {**config, "mc_samples": 300})
    margin = 6 * ones.std() / math.sqrt(150)
    assert abs(many - ones.mean()) < margin


def test_the_networks_have_the_sizes_of_the_handout():
    assert count_parameters(GaussianVAE(784, [], 32)) == 50_240 + 25_872
    assert count_parameters(GaussianVAE(784, [512, 256, 128], 32)) == 1_145_424
    assert not any(isinstance(layer, torch.nn.ReLU) for layer in GaussianVAE(784, [], 32).encoder)
    model = GaussianVAE(4, [3], 2)
    model.decoder[-1].bias.data.fill_(-5.0)
    assert (model.decode(torch.zeros(1, 2)) < 0).any(), "no sigmoid"


@pytest.mark.parametrize(
    "changes",
    [
        {"type": "other"},
        {"hidden": 5},
        {"hidden": []},
        {"latent_dim": 0},
        {"latent_dim": True},
        {"hidden": [5000]},
    ],
)
def test_an_impossible_config_is_refused(changes):
    config = {"type": "deep", "hidden": [8], "latent_dim": 2}
    build_gaussian(config)
    with pytest.raises(LabError, match="the config"):
        build_gaussian({**config, **changes})


# Data


def write_mnist(folder: Path, packed: bool = True) -> None:
    """Four idx files of 5 training and 3 test images."""
    folder.mkdir(parents=True, exist_ok=True)
    generator = np.random.default_rng(0)
    for name in FILES:
        count = 5 if name.startswith("train") else 3
        shape = (count, 28, 28) if "images" in name else (count,)
        header = bytes([0, 0, 8, len(shape)]) + np.array(shape, ">u4").tobytes()
        content = header + generator.integers(0, 10, shape, np.uint8).tobytes()
        if packed:
            (folder / name).write_bytes(gzip.compress(content))
        else:
            (folder / name.removesuffix(".gz")).write_bytes(content)


@pytest.mark.parametrize(("inner", "packed"), [("", True), ("MNIST/raw", False), ("raw", True)])
def test_mnist_is_read_from_idx_files_and_from_torchvisions_folder(tmp_path, inner, packed):
    write_mnist(tmp_path / inner, packed)
    found = data.load("mnist", tmp_path)
    assert found.train_images.shape == (5, 1, 28, 28)
    assert found.test_labels.shape == (3,)
    assert found.train_images.max() <= 9 / 255
    assert found.classes == tuple("0123456789")


def test_a_missing_or_damaged_file_of_mnist_is_named(tmp_path):
    with pytest.raises(LabError, match="does not hold MNIST"):
        data.load("mnist", tmp_path)
    write_mnist(tmp_path, packed=False)
    damaged = tmp_path / FILES[1].removesuffix(".gz")
    damaged.write_bytes(b"not an idx file")
    with pytest.raises(LabError, match=damaged.name):
        data.load("mnist", tmp_path)


@pytest.fixture
def celeba(tmp_path, monkeypatch):
    """30 aligned photographs as CelebA names and sizes them, in a folder of their own."""
    monkeypatch.setattr(data, "DOWNLOADS", tmp_path / "cache")
    folder = tmp_path / "img_align_celeba"
    folder.mkdir()
    generator = np.random.default_rng(0)
    for number in range(1, 31):
        pixels = generator.integers(0, 255, (218, 178, 3), np.uint8)
        Image.fromarray(pixels).save(folder / f"{number:06d}.jpg")
    return folder


def test_celeba_is_read_in_colour_and_kept(celeba, tmp_path, monkeypatch):
    found = data.load("celeba", celeba)
    assert found.train_images.shape == (27, 3, 64, 64)
    assert found.test_images.shape == (3, 3, 64, 64)
    assert found.train_images.dtype == torch.uint8
    assert found.train_images.float().std((0, 2, 3)).min() > 1
    assert list((tmp_path / "cache").glob("celeba-*.npz"))

    def decoded_again(path):
        raise AssertionError(f"{path} was decoded a second time")

    monkeypatch.setattr(photographs, "photograph", decoded_again)
    assert torch.equal(data.load("celeba", celeba).train_images, found.train_images)


def test_broken_photographs_are_named_and_skipped(celeba, capsys):
    whole = (celeba / "000003.jpg").read_bytes()
    (celeba / "000003.jpg").write_bytes(whole[: len(whole) // 3])
    (celeba / "000007.jpg").write_bytes(b"")
    Image.new("L", (178, 218), 90).save(celeba / "000008.jpg")
    Image.new("RGB", (178, 218)).save(celeba / "000009.jpg", "PNG")
    found = data.load("celeba", celeba)
    assert len(found.train_images) + len(found.test_images) == 27
    assert "skipped, since not intact JPEG images: 000003.jpg, 000007.jpg, 000009.jpg" in (
        capsys.readouterr().out
    )


def test_the_subset_is_of_the_first_photographs(celeba, monkeypatch):
    monkeypatch.setattr(data, "FACES", 25)
    found = data.load("celeba", celeba)
    assert len(found.train_images) + len(found.test_images) == 25


def test_celeba_needs_a_folder_with_photographs(tmp_path):
    with pytest.raises(LabError, match="does not hold the aligned photographs"):
        data.load("celeba", tmp_path)
    with pytest.raises(LabError, match="--data celeba needs the aligned"):
        data.load("celeba", None)


def test_a_convolutional_run_on_celeba(celeba, tmp_path, monkeypatch):
    faces = data.load("celeba", celeba)
    monkeypatch.setattr(commands, "_load", lambda name, folder: faces)
    monkeypatch.setattr(commands, "CONV_WIDTH", 4)
    words = ("--data", "celeba", "--folder", celeba, "--epochs", 1, "--latent-dim", 5)
    train(tmp_path / "out", *words, "--device", "cpu")
    folder = tmp_path / "out" / "AE-arch=conv(4)-lr=0.001-ep=1"
    with Image.open(folder / "sample_0.png") as picture:
        assert picture.size == (8 * 66 - 2, 8 * 66 - 2)
        assert picture.mode == "RGB"
    run = folders.read(folder)
    row = report.measured(run, faces)
    assert math.isfinite(row["importance_bound"])
    report.draw_run(run, row, faces)
    report.draw_comparison([run], faces, tmp_path)
    assert (folder / "loss_curve.png").is_file()
    assert (tmp_path / "samples.png").is_file()
    with pytest.raises(LabError, match="large and in colour: use --type conv"):
        train(tmp_path / "out", *words, "--type", "vae")


def test_no_data_is_ever_unpickled():
    source = Path(data.__file__).read_text(encoding="utf-8")
    assert "pickle" not in source.replace("allow_pickle=False", "").replace("unpickled", "")
    assert "torch.load" not in source
