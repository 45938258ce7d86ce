"""The student's command line: sweep, figures, submit."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

ROOT = Path(__file__).resolve().parents[2]
SOLUTION = ROOT / "solution"
sys.path.insert(0, str(SOLUTION))

from rdlab import __main__ as cli  # noqa: E402
from rdlab import runs, train  # noqa: E402
from rdlab.data import Dataset, load_images  # noqa: E402
from rdlab.errors import LabError  # noqa: E402
from rdlab.evaluation import rate_and_distortion  # noqa: E402
from rdlab.models import build_model  # noqa: E402

TINY = ["--hidden", "4", "--latent-dim", "3", "--epochs", "2", "--batch-size", "500"]


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
    assert sorted(path.name for path in swept.iterdir()) == sorted(
        f"beta-{beta}" for beta in ("0.1", "0.5", "1", "2", "5", "10")
    )
    folder = swept / "beta-0.5"
    assert sorted(path.name for path in folder.iterdir()) == sorted(runs.RUN_FILES)
    config = json.loads((folder / "config.json").read_text())
    expected = {"model": "mlp", "hidden": [4], "latent_dim": 3, "beta": 0.5, "data": "sample",
                "epochs": 2, "batch_size": 500, "seed": 0, "augment": False}  # fmt: skip
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
        runs.write_run(tmp_path / "beta-1", config, [], build_model(config))
    assert not (tmp_path / "beta-1").exists()


def test_interrupt_is_one_sentence(tmp_path):
    command = [sys.executable, "-m", "rdlab", "sweep", "--hidden", "4", "--epochs", "9999"]
    process = subprocess.Popen(
        [*command, "--out", str(tmp_path)], cwd=SOLUTION,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    shown = b""
    while b"nats" not in shown:  # the first epoch is done
        shown += os.read(process.stderr.fileno(), 1000)
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "interrupted" in stdout.decode()
    assert b"Traceback" not in stderr
    assert not list(tmp_path.iterdir())


def test_stub_names_its_task_and_place(out, capsys, monkeypatch):
    def reparameterize(mean, log_var, noise):
        raise NotImplementedError("Task 1.1: reparameterize")

    monkeypatch.setattr(train, "reparameterize", reparameterize)
    shutil.rmtree(out)
    message = failure(capsys, "sweep", *TINY, "--out", out)
    assert "Task 1.1: reparameterize is not done yet" in message
    assert "test_lab.py:" in message
    assert not out.exists()


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
    config = {"model": "conv", "width": 2, "latent_dim": 2, "beta": 1.0, "epochs": 1,
              "batch_size": 4, "seed": 0, "augment": True}  # fmt: skip
    data = Dataset(images, torch.zeros(8).long(), images, torch.zeros(8).long())
    model, metrics = train.train(config, data, torch.device("cpu"))
    rate, distortion = rate_and_distortion(model, [images] * 200)
    assert rate == pytest.approx(metrics[-1]["test_rate"], rel=1e-3)
    assert distortion == pytest.approx(metrics[-1]["test_distortion"], rel=0.05)


@pytest.mark.parametrize(
    ("change", "word"),
    [({"model": "rnn"}, "model"), ({"hidden": []}, "hidden"), ({"hidden": [0]}, "hidden"),
     ({"hidden": 64}, "hidden"), ({"latent_dim": 10**9}, "latent_dim"),
     ({"latent_dim": True}, "latent_dim"), ({"latent_dim": "32"}, "latent_dim"),
     ({"model": "conv"}, "width")],
)  # fmt: skip
def test_bad_config_is_refused(change, word):
    with pytest.raises(LabError, match=f'"{word}"'):
        build_model({"model": "mlp", "hidden": [8], "latent_dim": 4, **change})


@pytest.mark.parametrize("config", [{"model": "mlp", "hidden": [512, 256]},
                                    {"model": "conv", "width": 32}])  # fmt: skip
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
    assert "beta-1 cannot be used" in failure(capsys, "figures", "--runs", out)


def test_weights_that_do_not_fit_or_are_not_finite_are_refused(out):
    path = out / "beta-1" / "weights.safetensors"
    weights = load_file(path)
    save_file({name: value * float("nan") for name, value in weights.items()}, path)
    with pytest.raises(LabError, match="not finite"):
        runs.load_run(out / "beta-1")
    save_file({"x": torch.zeros(1)}, path)
    with pytest.raises(LabError, match="do not fit"):
        runs.load_run(out / "beta-1")


def test_figures_are_drawn(swept, tmp_path, capsys):
    assert cli.main(["figures", "--runs", str(swept), "--out", str(tmp_path / "figures")]) == 0
    names = ("interpolation", "kl_per_dimension", "rate_distortion", "reconstructions", "traversal")
    for name in names:
        content = (tmp_path / "figures" / f"{name}.png").read_bytes()
        assert content.startswith(b"\x89PNG")
        assert len(content) > 10_000
    assert "redundant" in capsys.readouterr().out


def test_figures_without_a_sweep_say_what_to_do(tmp_path, capsys):
    message = failure(capsys, "figures", "--runs", tmp_path / "nowhere")
    assert "no run for β = 0.1, 0.5, 1, 2, 5, 10" in message
    assert "rdlab sweep" in message


@pytest.fixture
def lab(swept, tmp_path, monkeypatch):
    """A student's folder: two modules, one of them a stub, five runs and half a report."""
    (tmp_path / "rdlab").mkdir()
    (tmp_path / "rdlab" / "gaussian.py").write_text("def reparameterize(): return 1\n")
    stub = '    # TODO\n    raise NotImplementedError("Task 2.7: interpolate")\n'
    (tmp_path / "rdlab" / "latents.py").write_text("def interpolate():\n" + stub)
    shutil.copytree(swept, tmp_path / "runs")
    shutil.rmtree(tmp_path / "runs" / "beta-5")
    (tmp_path / "report.md").write_text("## A\n*Your answer here.*\n## B\nYes, because …\n")
    (tmp_path / "secret.txt").write_text("not for submission")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_submit_packs_what_belongs_and_says_what_is_missing(lab, capsys):
    assert cli.main(["submit"]) == 0
    missing = [line for line in capsys.readouterr().out.splitlines() if "missing" in line]
    assert missing == [
        "missing: Task 2.7: interpolate (rdlab/latents.py)",
        "missing: runs/beta-5: config.json, metrics.csv, weights.safetensors",
        "missing: report.md: 1 answers",
    ]
    with zipfile.ZipFile(lab / "submission.zip") as archive:
        names = archive.namelist()
        assert archive.testzip() is None
    assert len(names) == 2 + 5 * 3 + 1
    assert "secret.txt" not in names


def test_submit_refuses_what_is_too_large(lab, capsys):
    (lab / "submission.zip").write_text("the last one")
    with open(lab / "runs" / "beta-1" / "weights.safetensors", "wb") as file:
        file.truncate(41_000_000)
    assert "more than 40" in failure(capsys, "submit")
    assert (lab / "submission.zip").read_text() == "the last one"


def test_submit_elsewhere_says_where_it_belongs(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert "no rdlab package" in failure(capsys, "submit")


@pytest.mark.parametrize("argv", [["--epochs", "0"], ["--beta", "-1"], ["--beta", "inf"],
                                  ["--model", "rnn"], ["--hidden", "x"]])  # fmt: skip
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
    done = subprocess.run(["make"], cwd=SOLUTION, capture_output=True, text=True, check=True)
    for target in ("setup", "check", "sweep", "figures", "mi", "submit"):
        assert f"make {target}" in done.stdout
