"""The student's command line: sweep, analyse, mi, submit."""

import csv
import json
import math
import os
import re
import shutil
import signal
import subprocess
import sys
import time

import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

from autograder import ROOT

SOLUTION = ROOT / "solution"
sys.path.insert(0, str(SOLUTION))

from rdlab import __main__ as cli  # noqa: E402
from rdlab import mutual_information  # noqa: E402
from rdlab.evaluation import rate_and_distortion  # noqa: E402
from rdlab.lab import (  # noqa: E402
    analysis,
    conditions,
    data,
    figures,
    information,
    runs,
    train,
)
from rdlab.lab import photographs as decoding  # noqa: E402
from rdlab.lab.data import Dataset, load_images  # noqa: E402
from rdlab.lab.errors import LabError  # noqa: E402
from rdlab.lab.models import build_model  # noqa: E402

TINY = ["--hidden", "4", "--latent-dim", "3", "--epochs", "2", "--batch-size", "500", "--jobs", "1"]
FIGURES = {"png": b"\x89PNG", "pdf": b"%PDF"}


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    """A tiny sweep of all six β on the whole sample."""
    out = tmp_path_factory.mktemp("lab") / "runs"
    assert cli.main(["sweep", *TINY, "--out", str(out)]) == 0
    return out


@pytest.fixture
def out(swept, tmp_path):
    return shutil.copytree(swept, tmp_path / "runs")


def failure(capsys, *argv) -> str:
    """Run a command that must fail with exit code 2, and return its one line."""
    assert cli.main([str(word) for word in argv]) == 2
    message = capsys.readouterr().err.splitlines()[-1]
    assert message.startswith("error: ")
    return message


def test_run_folder_is_complete(swept):
    assert sorted(path.name for path in swept.glob("[!.]*")) == sorted(
        f"beta-{beta}" for beta in ("0.1", "0.5", "1", "2", "5", "10")
    )
    folder = swept / "beta-0.5"
    assert sorted(path.name for path in folder.iterdir()) == sorted(runs.RUN_FILES)
    config = json.loads((folder / "config.json").read_text())
    expected = {
        "model": "mlp",
        "hidden": [4],
        "latent_dim": 3,
        "beta": 0.5,
        "data": "sample",
        "epochs": 2,
        "batch_size": 500,
        "seed": 0,
        "augment": False,
    }
    assert expected.items() <= config.items()
    assert [row["epoch"] for row in runs.read_metrics(folder)] == [1, 2]
    weights = load_file(folder / "weights.safetensors")
    assert {value.dtype for value in weights.values()} == {torch.float16}


def test_reported_metrics_are_those_of_the_stored_weights(swept):
    run = runs.load_run(swept / "beta-0.1")
    rate, distortion = rate_and_distortion(run.model, load_images().test_images.split(1000))
    assert rate == pytest.approx(run.metrics[-1]["test_rate"], rel=1e-3)
    assert distortion == pytest.approx(run.metrics[-1]["test_distortion"], rel=1e-3)


def test_finished_runs_are_kept(out, capsys):
    before = (out / "beta-1" / "weights.safetensors").stat().st_mtime_ns
    assert cli.main(["sweep", *TINY, "--out", str(out)]) == 0
    assert capsys.readouterr().out.count("is finished and is kept") == 6
    assert (out / "beta-1" / "weights.safetensors").stat().st_mtime_ns == before


def test_sweep_resumes_and_repeats_itself(out):
    stored = load_file(out / "beta-2" / "weights.safetensors")
    shutil.rmtree(out / "beta-2")
    assert cli.main(["sweep", *TINY, "--out", str(out)]) == 0
    again = load_file(out / "beta-2" / "weights.safetensors")
    assert all(torch.equal(stored[name], again[name]) for name in stored)


SLOW = ["--hidden", "64", "--latent-dim", "3", "--epochs", "6", "--beta", "1", "2"]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    out = tmp_path_factory.mktemp("lab") / "runs"
    run_lab("sweep", *SLOW, "--jobs", "2", "--out", out)
    return out


def run_lab(*words, **options) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "rdlab", *map(str, words)]
    return subprocess.run(command, cwd=SOLUTION, check=True, capture_output=True, **options)


def test_killed_sweep_loses_at_most_an_epoch(undisturbed, tmp_path):
    """Killed between epochs, both trainings go on from their last one and end the same."""
    out = tmp_path / "runs"
    command = [sys.executable, "-m", "rdlab", "sweep", *SLOW, "--jobs", "2", "--out", str(out)]
    process = subprocess.Popen(command, cwd=SOLUTION, stderr=subprocess.DEVNULL)
    paths = {beta: out / f".beta-{beta}.checkpoint" for beta in ("1", "2")}
    while not all(path.exists() for path in paths.values()):
        assert process.poll() is None
        time.sleep(0.02)
    process.kill()
    process.wait()
    assert not list(out.glob("[!.]*"))
    before = {
        beta: len(torch.load(path, weights_only=True)["metrics"]) for beta, path in paths.items()
    }
    done = run_lab("sweep", *SLOW, "--jobs", "2", "--out", out, text=True)
    counts = re.findall(r"training 2 runs.* (\d+)/12 .*β = (\d):", done.stderr)
    first, beta = counts[0]  # the first epoch that was trained now
    assert int(first) > before[beta]
    assert " 12/12 " in done.stderr
    for beta in ("1", "2"):
        state, again = (
            load_file(folder / f"beta-{beta}" / "weights.safetensors")
            for folder in (undisturbed, out)
        )
        assert all(torch.equal(state[name], again[name]) for name in state)
        assert not (out / f".beta-{beta}.checkpoint").exists()


def test_checkpoint_of_another_run_is_refused(tmp_path, capsys):
    config = {"beta": 1.0, "seed": 7}
    runs.write_checkpoint(tmp_path / "beta-1", config, {"metrics": []})
    assert runs.read_checkpoint(tmp_path / "beta-1", config)["metrics"] == []
    message = failure(capsys, "sweep", *TINY, "--beta", "1", "--out", tmp_path)
    assert "beta-1.checkpoint holds a run with " in message
    (tmp_path / ".beta-1.checkpoint").write_bytes(b"damaged")
    message = failure(capsys, "sweep", *TINY, "--beta", "1", "--out", tmp_path)
    assert "beta-1.checkpoint is damaged: delete it" in message


def test_two_sweeps_do_not_write_into_one_another(tmp_path, capsys):
    with runs.claimed(tmp_path / "beta-2"):
        message = failure(capsys, "sweep", *TINY, "--beta", "1", "2", "--out", tmp_path)
    assert f"another process is training {tmp_path / 'beta-2'}" in message
    assert (tmp_path / "beta-1").is_dir()


def test_stub_is_named_from_another_process(tmp_path):
    command = [sys.executable, "-m", "rdlab", "sweep", *TINY, "--jobs", "2", "--out", str(tmp_path)]
    done = subprocess.run(
        command, cwd=ROOT / "assignment", capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "Task 1.1: reparameterize is not done yet: write it in" in done.stderr
    assert "Traceback" not in done.stderr


def test_other_config_is_refused(out, capsys):
    message = failure(capsys, "sweep", *TINY, "--seed", "1", "--out", out)
    assert "beta-0.1 holds a run with seed = 0, not 1" in message
    assert "--out" in message


def test_incomplete_run_is_named(out, capsys):
    (out / "beta-5" / "weights.safetensors").unlink()
    message = failure(capsys, "sweep", *TINY, "--out", out)
    assert "beta-5 lacks weights.safetensors" in message


def test_nothing_is_left_by_a_failed_write(tmp_path, monkeypatch):
    monkeypatch.setattr(runs, "save_file", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
    config = {"model": "mlp", "hidden": [2], "latent_dim": 2}
    with pytest.raises(OSError, match="disk full"):
        runs.write_run(tmp_path / "beta-1", config, [], runs.COLUMNS, build_model(config))
    assert not (tmp_path / "beta-1").exists()


def test_interrupt_is_one_sentence(tmp_path):
    command = [sys.executable, "-m", "rdlab", "sweep", "--hidden", "4", "--epochs", "9999"]
    process = subprocess.Popen(
        [*command, "--out", str(tmp_path)],
        cwd=SOLUTION,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # ignored in background
    )
    shown, part = b"", b"-"
    while part and b"test_rate" not in shown:  # the first epoch is done
        part = os.read(process.stderr.fileno(), 1000)
        shown += part
    assert part, shown.decode()  # it ended by itself
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "interrupted" in stdout.decode()
    assert b"Traceback" not in stderr
    assert not list(tmp_path.glob("[!.]*"))


def test_stub_names_its_task_and_place(out, capsys, monkeypatch):
    def reparameterize(mean, log_var, noise):
        raise NotImplementedError("Task 1.1: reparameterize")

    monkeypatch.setattr(train, "reparameterize", reparameterize)
    shutil.rmtree(out)
    message = failure(capsys, "sweep", *TINY, "--out", out)
    assert "Task 1.1: reparameterize is not done yet" in message
    assert "test_lab.py:" in message
    assert not list(out.glob("[!.]*"))


def test_divergence_is_refused(out, capsys, monkeypatch):
    monkeypatch.setattr(train, "beta_vae_loss", lambda x, x_hat, *_: x_hat.sum() * float("nan"))
    shutil.rmtree(out)
    assert "no longer finite after epoch 1" in failure(capsys, "sweep", *TINY, "--out", out)


def test_augmentation_moves_training_images_alone():
    torch.manual_seed(0)
    images = torch.rand(8, 1, 28, 28)
    changed = train.augmentation()(images)
    assert changed.shape == images.shape
    assert not torch.equal(changed, images)
    config = {
        "model": "conv",
        "width": 2,
        "latent_dim": 2,
        "beta": 1.0,
        "epochs": 1,
        "batch_size": 4,
        "seed": 0,
        "augment": True,
    }
    data = Dataset(images, torch.zeros(8).long(), images, torch.zeros(8).long())
    model, metrics = train.train(config, data, torch.device("cpu"))
    rate, distortion = rate_and_distortion(model, [images] * 200)
    assert rate == pytest.approx(metrics[-1]["test_rate"], rel=1e-3)
    assert distortion == pytest.approx(metrics[-1]["test_distortion"], rel=0.05)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"model": "rnn"}, "model"),
        ({"hidden": []}, "hidden"),
        ({"hidden": [0]}, "hidden"),
        ({"hidden": 64}, "hidden"),
        ({"latent_dim": 10**9}, "latent_dim"),
        ({"latent_dim": True}, "latent_dim"),
        ({"latent_dim": "32"}, "latent_dim"),
        ({"model": "conv"}, "width"),
        ({"image_shape": [28, 28]}, "image_shape"),
        ({"image_shape": [1, 28, 30]}, "image_shape"),
        ({"image_shape": [1, 4, 1e6]}, "image_shape"),
    ],
)
def test_bad_config_is_refused(change, word):
    with pytest.raises(LabError, match=f'"{word}"'):
        build_model({"model": "mlp", "hidden": [8], "latent_dim": 4, **change})


@pytest.mark.parametrize(
    "config", [{"model": "mlp", "hidden": [512, 256]}, {"model": "conv", "width": 32}]
)
def test_models_map_images_to_images(config):
    model = build_model({**config, "latent_dim": 32})
    mean, log_var = model.encode(torch.rand(3, 1, 28, 28))
    assert mean.shape == log_var.shape == (3, 32)
    x_hat = model.decode(mean)
    assert x_hat.shape == (3, 1, 28, 28)
    assert 0 <= x_hat.min() <= x_hat.max() <= 1
    assert 6 * 2 * sum(parameter.numel() for parameter in model.parameters()) < 14e6


@pytest.mark.parametrize("content", [b"", b"damaged", None], ids=["empty", "damaged", "missing"])
def test_damaged_weights_are_named(out, capsys, content):
    path = out / "beta-1" / "weights.safetensors"
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    assert "beta-1 cannot be used" in failure(capsys, "analyse", "--runs", out)


def test_weights_that_do_not_fit_or_are_not_finite_are_refused(out):
    path = out / "beta-1" / "weights.safetensors"
    weights = load_file(path)
    save_file({name: value * float("nan") for name, value in weights.items()}, path)
    with pytest.raises(LabError, match="not finite"):
        runs.load_run(out / "beta-1")
    save_file({"x": torch.zeros(1)}, path)
    with pytest.raises(LabError, match="do not fit"):
        runs.load_run(out / "beta-1")


def test_analysis(swept, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(analysis, "CODED_IMAGES", 50)
    out = tmp_path / "figures"
    assert cli.main(["analyse", "--runs", str(swept), str(swept), "--out", str(out)]) == 0
    names = ("interpolation", "kl_per_dimension", "rate_distortion", "reconstructions", "traversal")
    for name in names:
        for kind, start in FIGURES.items():
            content = (out / f"{name}.{kind}").read_bytes()
            assert content.startswith(start)
            assert len(content) > 10_000
    printed = capsys.readouterr().out
    assert "redundant" in printed
    assert "± 0.00" in printed  # the same sweep twice
    with open(out / "analysis.csv", newline="") as file:
        rows = [{key: float(value) for key, value in row.items()} for row in csv.DictReader(file)]
    assert len(rows) == 12
    for row in rows:
        assert row["white_rate"] >= row["per_pixel_rate"] >= row["water_filling_rate"] >= 0
        assert row["excess_rate"] == pytest.approx(row["rate"] - row["water_filling_rate"])
        assert 0 <= row["redundant_dimensions"] <= 3
        assert 4 < row["bits_per_pixel"] < 10
        assert row["parameters"] == 784 * 4 + 4 + 4 * 6 + 6 + 3 * 4 + 4 + 4 * 784 + 784


def test_latents_really_take_their_rate(tmp_path):
    """On a trained run, whose latents stay on the coder's grid."""
    run = runs.load_run(SOLUTION / "runs" / "beta-1")
    kl, latent, total = analysis.code_lengths(run.model, load_images().test_images[:500])
    assert latent == pytest.approx(kl, rel=0.03)
    assert kl * math.log(2) == pytest.approx(run.metrics[-1]["test_rate"], rel=0.05)
    assert 4 < total / 784 < 5.2


def test_wrong_bits_back_is_named(out, tmp_path, capsys, monkeypatch):
    right = analysis.bits_back_encode
    negative = lambda message, pixels, model: right(message, 255 - pixels, model)  # noqa: E731
    monkeypatch.setattr(analysis, "bits_back_encode", negative)
    message = failure(capsys, "analyse", "--runs", out, "--out", tmp_path / "figures")
    assert "check task 2.9" in message


def test_analysis_without_a_sweep_says_what_to_do(tmp_path, capsys):
    message = failure(capsys, "analyse", "--runs", tmp_path / "nowhere")
    assert "no run for β = 0.1, 0.5, 1, 2, 5, 10" in message
    assert "rdlab sweep" in message


SHORT = information.Budget(
    draws=1,
    steps=20,
    label_steps=5,
    probe_steps=10,
    pixel_steps=20,
    nce_batch=32,
    nce_steps=20,
    sandwich_images=200,
    block=20,
)


def few_images(name="sample", folder=None, count=600) -> Dataset:
    """The first images of the sample."""
    whole = load_images()
    return Dataset(*(part[:count] for part in whole[:4]))


def mi(out, swept, *options) -> list[dict]:
    """Measure a sweep, and return the rows of mi.csv."""
    words = ["mi", "--runs", str(swept), "--out", str(out), "--jobs", "1", "--device", "cpu"]
    assert cli.main([*words, *map(str, options)]) == 0
    with open(out / "mi.csv", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def trained(monkeypatch) -> list[str]:
    """Which estimators are trained, as they are; each on few images and with little effort."""
    monkeypatch.setattr(information, "BUDGET", SHORT)
    monkeypatch.setattr(information, "load_images", few_images)
    calls: list[str] = []
    estimate = mutual_information.estimate_mutual_information

    def counted(x, z, *, estimator="mine", **options):
        calls.append(estimator)
        return estimate(x, z, estimator=estimator, **options)

    monkeypatch.setattr(mutual_information, "estimate_mutual_information", counted)
    return calls


def test_information(swept, tmp_path, capsys, trained):
    out = tmp_path / "figures"
    rows = mi(out, swept)
    assert [float(row["beta"]) for row in rows] == list(runs.BETAS)
    for row in rows:
        assert float(row["sandwich_lower"]) <= float(row["sandwich_upper"])
        assert -1 < float(row["mine"]) < 10
        assert 0.05 < float(row["label_accuracy"]) <= 1
        assert float(row["label_entropy"]) == pytest.approx(math.log(10), abs=0.05)
        assert 0.2 < float(row["pixel_probe"]) < math.log(10)
    with open(out / "mi_training.csv", newline="") as file:
        assert len(list(csv.DictReader(file))) == 6 * 3
    for name in ("mutual_information", "mi_training"):
        for kind, start in FIGURES.items():
            assert (out / f"{name}.{kind}").read_bytes().startswith(start)
    printed = capsys.readouterr().out
    assert "bracket" in printed
    assert "below the bracket: MINE by" in printed
    assert trained.count("mine") == 2 * 6  # of the image and of the label
    assert "smile" not in trained  # it reads MINE's critic


def test_interrupted_measurements_are_kept(swept, tmp_path, capsys, trained, monkeypatch):
    """Whatever was measured before is taken from the file; the table comes out the same."""
    whole = mi(tmp_path / "whole", swept)
    after = {"NWJ": 2}
    nwj = information.MEASUREMENTS["NWJ"]

    def stopped(encoded, budget):
        after["NWJ"] -= 1
        if after["NWJ"] < 0:
            raise KeyboardInterrupt
        return nwj(encoded, budget)

    out = tmp_path / "figures"
    with monkeypatch.context() as patched:
        patched.setitem(information.MEASUREMENTS, "NWJ", stopped)
        assert cli.main(["mi", "--runs", str(swept), "--out", str(out), "--jobs", "1"]) == 130
    assert "what is finished is kept; give the command again" in capsys.readouterr().out
    trained.clear()
    assert mi(out, swept) == whole
    assert trained == ["nwj"] * 4 + ["info_nce"] * 6 + ["mine"] * 6
    trained.clear()
    assert mi(out, swept) == whole
    assert trained == []


def test_other_weights_are_measured_again(swept, tmp_path, trained):
    own = shutil.copytree(swept, tmp_path / "runs")
    mi(tmp_path, own)
    path = own / "beta-5" / "weights.safetensors"
    save_file({name: value / 2 for name, value in load_file(path).items()}, path)
    trained.clear()
    mi(tmp_path, own)
    assert sorted(trained) == ["info_nce", "mine", "mine", "nwj"]
    (tmp_path / "mi_kept.json").write_text("damaged")
    trained.clear()
    mi(tmp_path, own)
    assert len(trained) == 6 * 4


def test_an_estimate_that_does_not_show_its_critic_is_trained_twice(
    swept, tmp_path, monkeypatch, capsys
):
    """A constant estimate calls no dv_bound and has no history: SMILE is asked for by name."""
    monkeypatch.setattr(information, "BUDGET", SHORT)
    monkeypatch.setattr(information, "load_images", few_images)
    constant = {"mine": 1.5, "smile": 2.5, "nwj": 0.5, "info_nce": 0.25}
    monkeypatch.setattr(
        mutual_information,
        "estimate_mutual_information",
        lambda x, z, *, estimator="mine", **options: constant[estimator],
    )
    for row in mi(tmp_path, swept):
        assert {name: float(row[name]) for name in constant} == constant
    assert "appends nothing to `history`" in capsys.readouterr().out


def test_a_device_that_the_code_cannot_use_is_left_for_the_processor(swept, monkeypatch):
    """Without a GPU here: a tensor on "meta" has no values, so an estimate on it fails."""
    run = runs.load_run(swept / "beta-1")
    encoded = information.encode_run(run, few_images(), torch.device("meta"))
    beta, name, found = information.measure(1.0, "NWJ", encoded, SHORT)
    assert (beta, name) == (1.0, "NWJ")
    assert math.isfinite(found.columns["nwj"])


STEADY = [2.0] * 400
CERTAIN = {"rate": 2.3, "sandwich_lower": 2.0, "sandwich_upper": 2.1, "images": 4000}


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({}, []),
        ({"rate": 8.0, "sandwich_upper": 3.0}, ["the bracket is open"]),
        ({"mine": 2.4}, ["above the rate: MINE by 0.10"]),
        ({"mine": 2.2}, ["above the bracket: MINE by 0.10"]),
        ({"rate": 2.05, "nwj": 2.07}, ["above the rate: NWJ by 0.02"]),
        ({"mine": 1.2}, ["below the bracket: MINE by 0.80"]),
        ({"nwj": 1.5, "info_nce": 1.9}, ["below the bracket: NWJ by 0.50, InfoNCE by 0.10"]),
        ({"smile": 1.95}, ["below the bracket: SMILE by 0.05"]),
        ({"images": 8}, ["8 images can show at most ln 8 = 2.08"]),
    ],
)
def test_doubts_about_readings(change, found):
    row = {**dict.fromkeys(information.READINGS, 2.04), **CERTAIN, **change}
    assert information.doubts(row) == found


@pytest.mark.parametrize(
    ("history", "found"),
    [
        (STEADY, []),
        ([i / 100 for i in range(400)], ["no plateau: train longer"]),
        ([1.0, 3.0] * 200, ["the plateau is unsteady"]),
        ([], []),
    ],
)
def test_doubts_about_a_training_curve(history, found):
    assert information.unsteadiness(history) == found


def test_a_reading_near_its_ceiling_is_doubted():
    torch.manual_seed(0)
    means = 10 * torch.randn(2000, 4)  # every image tells its code: far more than ln 2000 nats
    code, labels = (means, torch.zeros(2000, 4)), torch.zeros(2000).long()
    encoded = information.Encoded(code, labels, code, labels, 2, torch.device("cpu"))
    budget = information.Budget(draws=1, nce_batch=8, nce_steps=300)
    found = information.measure(1.0, "InfoNCE", encoded, budget)[2]
    assert found.doubts == ["InfoNCE is near its ceiling ln 8 = 2.08"]


def test_few_images_are_measured_and_doubted(swept, tmp_path, monkeypatch, capsys):
    """Dogs vs. Cats of 40 photographs has 4 test images: all tables are cut to what is there."""
    monkeypatch.setattr(information, "BUDGET", SHORT)
    monkeypatch.setattr(information, "load_images", lambda *_: few_images(count=4))
    rows = mi(tmp_path, swept)
    for row in rows:
        doubted = "4 images can show at most ln 4 = 1.39" in row["doubts"]
        assert doubted or float(row["rate"]) < 1.39
    assert "4 images can show" in rows[0]["doubts"]
    assert "4 images can show at most" in capsys.readouterr().out


def test_where_the_linear_reference_fits_the_images_longer_training_is_not_advised():
    """With 30 images it reproduces them; the same with 10,000 is a sign of too short training."""
    points = {1.0: (5.0, 50.0), 2.0: (4.0, 51.5)}
    linear = {1.0: 20.0, 2.0: 30.0}
    few, many = (conditions.violations(points, linear, count) for count in (30, 10_000))
    assert len(few) == 1
    assert "fitted to the 30 test images themselves" in few[0]
    assert "not longer training" in few[0]
    assert [line.endswith("check the loss") for line in many] == [True, True]


def test_a_slope_on_few_images_says_nothing_of_the_loss():
    points = {1.0: (5.0, 50.0), 2.0: (4.0, 60.0)}
    few, many = (conditions.violations(points, {}, count) for count in (30, 10_000))
    assert few == [
        "β = 1 to 2: the slope −ΔD/ΔR is 10.00, not between the two β: on 30 images it need not "
        "be, however long they are trained",
        "at β = 2 the run of β = 1 is cheaper: train longer, or on more images",
    ]
    assert many[0].endswith("is the loss scaled right?")


def test_of_other_data_your_own_tasks_give_the_linear_reference(monkeypatch):
    images = torch.rand(50, 1, 4, 4)
    costs, unknown = conditions.linear_costs("dogs-vs-cats", images, [1.0])
    assert unknown == ""
    assert 0 < costs[1.0] < images.flatten(1).var(0, correction=0).sum()

    def stub(x):
        raise NotImplementedError("Task 2.3: covariance_spectrum")

    monkeypatch.setattr(conditions, "covariance_spectrum", stub)
    costs, unknown = conditions.linear_costs("dogs-vs-cats", images, [1.0])
    assert costs == {}
    assert "Task 2.3: covariance_spectrum is not done yet" in unknown
    assert conditions.linear_costs("sample", images, [1.0]) == ({1.0: 32.6802}, "")


@pytest.mark.parametrize("task", ["2.3", "2.6", "2.8", "2.9"])
def test_what_is_done_is_analysed_and_drawn(swept, tmp_path, capsys, monkeypatch, task):
    """One stub costs its own columns and figures; its sentence says where to write it."""
    monkeypatch.setattr(analysis, "CODED_IMAGES", 5)
    places = {
        "2.3": (analysis, "covariance_spectrum"),
        "2.6": (analysis, "linear_vae_point"),
        "2.8": (figures, "traverse"),
        "2.9": (analysis, "bits_back_encode"),
    }

    def stub(*arguments, **options):
        raise NotImplementedError(f"Task {task}: {places[task][1]}")

    monkeypatch.setattr(*places[task], stub)
    assert cli.main(["analyse", "--runs", str(swept), "--out", str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    assert f"Task {task}: {places[task][1]} is not done yet: write it in" in printed
    drawn = {path.stem for path in tmp_path.glob("*.png")}
    lacks = {"traversal"} if task == "2.8" else set()
    assert drawn == {
        "interpolation", "kl_per_dimension", "rate_distortion", "reconstructions", "traversal"
    } - lacks  # fmt: skip
    with open(tmp_path / "analysis.csv", newline="") as file:
        row = next(csv.DictReader(file))
    assert math.isnan(float(row["linear_rate"])) == (task in ("2.3", "2.6"))
    assert math.isnan(float(row["latent_bits"])) == (task == "2.9")
    assert math.isfinite(float(row["per_pixel_rate"]))
    assert float(row["active_dimensions"]) + float(row["redundant_dimensions"]) == 3


@pytest.fixture
def photographs(tmp_path, monkeypatch):
    """Twenty cats of one colour and twenty dogs of another, not square."""
    monkeypatch.setattr(data, "DOWNLOADS", tmp_path / "cache")
    folder = tmp_path / "train"
    folder.mkdir()
    for name, colour in (("cat", (200, 100, 50)), ("dog", (20, 40, 220))):
        for i in range(20):
            Image.new("RGB", (90 + i, 70), colour).save(folder / f"{name}.{i}.jpg")
    return folder


def test_dogs_vs_cats(photographs, monkeypatch, capsys):
    loaded = data.load_images("dogs-vs-cats", photographs)
    assert loaded.train_images.shape == (36, 3, 64, 64)
    assert loaded.test_labels.tolist() == [0, 0, 1, 1]
    assert loaded.classes == ("cat", "dog")
    cat = loaded.test_images[0].mean((1, 2)) * 255
    assert torch.allclose(cat, torch.tensor([200.0, 100.0, 50.0]), atol=3)
    monkeypatch.setattr(decoding, "photograph", None)  # the second time nothing is decoded
    again = data.load_images("dogs-vs-cats", photographs)
    assert torch.equal(again.train_images, loaded.train_images)
    options = [
        "--data",
        "dogs-vs-cats",
        "--folder",
        str(photographs),
        "--model",
        "conv",
        "--width",
        "2",
        "--latent-dim",
        "2",
        "--epochs",
        "1",
        "--jobs",
        "1",
    ]
    out = photographs.parent
    assert cli.main(["sweep", *options, "--out", str(out / "runs")]) == 0
    monkeypatch.setattr(analysis, "CODED_IMAGES", 2)
    folders = ["--folder", photographs, "--runs", out / "runs", "--out", out / "figures"]
    assert cli.main(["analyse", *map(str, folders)]) == 0
    assert (out / "figures" / "reconstructions.png").is_file()
    monkeypatch.setattr(information, "BUDGET", SHORT)
    assert cli.main(["mi", *map(str, folders), "--jobs", "1", "--device", "cpu"]) == 0
    assert cli.main(["explore", *map(str, folders)]) == 0
    assert information.load_information(out / "runs", out / "figures", photographs)


@pytest.mark.parametrize(("shape", "coded"), [((1, 28, 28), 1000), ((3, 64, 64), 63)])
def test_as_many_values_are_coded_of_photographs(swept, monkeypatch, shape, coded):
    lengths = []
    monkeypatch.setattr(
        analysis, "code_lengths", lambda _, images: lengths.append(len(images)) or (1.0, 1.0, 1.0)
    )
    run = runs.load_sweep(swept)[1.0]
    group = analysis._on_images(run, torch.zeros(2000, *shape))
    group["kl_bits", "latent_bits", "bits_per_pixel"]()
    assert lengths == [coded]


def test_photographs_that_are_missing_are_asked_for(photographs, capsys):
    sweep = ["sweep", *TINY, "--data", "dogs-vs-cats"]
    assert "name it, or the folder it was unpacked to" in failure(capsys, *sweep)
    for name in [f"dog.{i}.jpg" for i in range(11)]:
        (photographs / name).unlink()
    message = failure(capsys, *sweep, "--folder", photographs)
    assert f"{photographs} does not hold cats and dogs" in message
    (photographs.parent / "train.zip").write_bytes(b"PK damaged")
    message = failure(capsys, *sweep, "--folder", photographs.parent / "train.zip")
    assert "train.zip is neither a folder nor an intact zip" in message
    assert "no/where" in failure(capsys, *sweep, "--folder", "no/where")


def laid_out(photographs, layout: str):
    """The photographs as people have them; returns what they name with --folder."""
    around = photographs.parent
    if layout == "train.zip":
        return shutil.make_archive(str(around / "train"), "zip", around, "train")
    if layout == "the folder around train.zip":
        shutil.make_archive(str(around / "kaggle" / "train"), "zip", around, "train")
        return around / "kaggle"
    if layout.startswith("PetImages"):
        for path in photographs.iterdir():
            kind, number, _ = path.name.split(".")
            target = around / "pets" / "PetImages" / kind.title() / f"{number}.jpg"
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
        (around / "pets" / "PetImages" / "Cat" / "Thumbs.db").write_bytes(b"")
        (around / "pets" / "PetImages" / "Cat" / "._0.jpg").write_bytes(b"of a Mac")
        return around / "pets" / ("PetImages" if layout == "PetImages" else "")
    return {"train/": photographs, "above train/": around}[layout]


LAYOUTS = ["train/", "above train/", "train.zip", "the folder around train.zip"]


@pytest.mark.parametrize("layout", [*LAYOUTS, "PetImages", "PetImages, above"])
def test_dogs_vs_cats_as_people_have_it(photographs, layout, capsys):
    for i in range(20):  # each photograph is one of a kind
        Image.new("RGB", (70, 90), (10 * i, 0, 0)).save(photographs / f"cat.{i}.jpg")
    expected = data.load_images("dogs-vs-cats", photographs)
    loaded = data.load_images("dogs-vs-cats", laid_out(photographs, layout))
    assert loaded.classes == ("cat", "dog")
    assert torch.equal(loaded.train_labels, expected.train_labels)
    assert len(loaded.test_images) == len(expected.test_images)
    if "Pet" not in layout:  # there the names, and with them the order, are others
        assert torch.equal(loaded.train_images, expected.train_images)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("layout", ["train/", "train.zip", "PetImages"])
def test_broken_photographs_are_named_and_skipped(photographs, layout, capsys):
    whole = (photographs / "cat.1.jpg").read_bytes()
    (photographs / "cat.1.jpg").write_bytes(whole[: len(whole) // 2])
    (photographs / "dog.3.jpg").write_bytes(b"")
    Image.new("L", (300, 20), 90).save(photographs / "dog.4.jpg")
    Image.new("CMYK", (20, 300)).save(photographs / "dog.5.jpg")
    place = laid_out(photographs, layout)
    for _ in range(2):  # also when they come from the cache
        loaded = data.load_images("dogs-vs-cats", place)
        assert len(loaded.train_images) + len(loaded.test_images) == 38
        assert (loaded.train_labels.tolist() + loaded.test_labels.tolist()).count(1) == 19
        names = "1.jpg, 3.jpg" if layout == "PetImages" else "cat.1.jpg, dog.3.jpg"
        assert f"not intact JPEG images: {names}\n" in capsys.readouterr().out


def test_a_broken_photograph_leaves_the_others_where_they_were(photographs):
    before = data.load_images("dogs-vs-cats", photographs)
    (photographs / "dog.3.jpg").write_bytes(b"no image")
    after = data.load_images("dogs-vs-cats", photographs)
    assert torch.equal(after.test_images, before.test_images)


@pytest.mark.parametrize(
    "argv",
    [["--epochs", "0"], ["--beta", "-1"], ["--beta", "inf"], ["--model", "rnn"], ["--hidden", "x"]],
)
def test_bad_options_are_refused(argv, capsys):
    with pytest.raises(SystemExit, match="2"):
        cli.main(["sweep", *argv])
    assert argv[0] in capsys.readouterr().err


def test_file_errors_are_one_sentence(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    message = failure(capsys, "sweep", *TINY, "--beta", "1", "--out", tmp_path / "file" / "runs")
    assert "file" in message


def test_unknown_device_is_refused(tmp_path, capsys):
    message = failure(capsys, "sweep", *TINY, "--device", "abacus", "--out", tmp_path)
    assert "no device 'abacus'" in message


def test_bare_make_prints_help():
    done = subprocess.run(
        ["make"], cwd=ROOT / "assignment", capture_output=True, text=True, check=True
    )
    for target in ("setup", "check", "sweep", "analyse", "mi", "report", "submit"):
        assert f"make {target}" in done.stdout
