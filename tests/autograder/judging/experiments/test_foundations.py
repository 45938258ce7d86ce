"""The four runs of part 4: what is measured of a submission, and what costs no points."""

import json
import math
import shutil
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from autograder import ROOT
from autograder.course import load_course
from autograder.grading.grading import grade_class
from autograder.grading.job import Job
from autograder.judging.experiments.foundations import EXPERIMENT, references, verify
from autograder.judging.measurements import Measurements, measurements
from autograder.judging.run_folders import held_back_images, held_back_variances
from autograder.sandbox.inside.wire import RemoteError
from tests.autograder.records import lasting
from tests.autograder.tier import TIER

sys.path.insert(0, str(ROOT / "solution"))

from autograder.sandbox.inside.measure_foundations import measure
from rdlab.foundations import Autoencoder, linear_elbo
from rdlab.lab.errors import LabError
from rdlab.lab.foundations.losses import evaluate
from rdlab.lab.foundations.measure import encode
from rdlab.lab.foundations.networks import build_gaussian, count_parameters

NAMES = {
    "ae": "AE-arch=ae(6)-lr=0.001-ep=2",
    "vae": "AE-arch=vae(6)-lr=0.001-ep=2",
    "linear": "gaussian-linear",
    "deep": "gaussian-deep",
}
CONFIGS = {
    "ae": {"type": "ae", "hidden": 6, "latent_dim": 2},
    "vae": {"type": "vae", "hidden": 6, "latent_dim": 2},
    "linear": {"type": "linear", "latent_dim": 32, "sigma": 0.5},
    "deep": {"type": "deep", "hidden": [6], "latent_dim": 32, "sigma": 0.5},
}
COMMON = {"image_shape": [1, 28, 28], "data": "sample"}
LOSSES = {"ae": 180.0, "vae": 190.0, "linear": 233.0, "deep": 220.0}
PARAMETERS, ACTIVE = 77, 2


class Child:
    """Measures nothing: gives each type the loss of LOSSES, or what it is told to."""

    def __init__(self, changes: dict | None = None):
        self.changes, self.measured = changes or {}, []

    def call(self, name, mounted, run, config, images, seed):
        self.measured.append(run)
        assert (name, mounted, seed) == ("measure", "/submission", 7)
        assert images.shape == (10_000, 1, 28, 28)
        change = self.changes.get(run, {})
        if isinstance(change, Exception):
            raise change
        kl = torch.zeros(3, config["latent_dim"])
        kl[:, :ACTIVE] = 2.0
        found = {"loss": torch.full((3,), LOSSES[config["type"]]), "kl": kl}
        return {**found, "parameters": PARAMETERS, **change}


def write_run(out: Path, kind: str, name: str = "", loss: float | None = None, **changes) -> Path:
    folder = out / (name or NAMES[kind])
    folder.mkdir(parents=True)
    config = CONFIGS[kind] | COMMON | changes
    (folder / "config.json").write_text(json.dumps(config))
    loss = LOSSES[kind] if loss is None else loss
    (folder / "perf_metrics.csv").write_text(
        f"epoch,train_loss,test_loss,lr\n0,9,9,0.001\n1,5,{loss:.8f},0.001\n"
    )
    (folder / "summary.json").write_text(json.dumps({"parameters": PARAMETERS, "active": ACTIVE}))
    (folder / "weights.safetensors").write_bytes(b"")
    return folder


@pytest.fixture
def out(tmp_path) -> Path:
    for kind in NAMES:
        write_run(tmp_path / "ada" / "runs-foundations", kind)
    return tmp_path / "ada" / "runs-foundations"


def verified(out: Path, child: Child | None = None):
    measurements.forget()  # the same files give what the child is told to give
    return verify(out.parent, "/submission", child or Child(), 7)


def test_four_honest_runs_are_judged_as_they_are(out):
    found = verified(out)
    assert set(found.runs) == set(NAMES)
    assert found.problems == []
    for kind, run in found.runs.items():
        assert (run.type, run.loss, run.parameters) == (kind, LOSSES[kind], PARAMETERS)
        assert run.mismatches() == []


@pytest.mark.parametrize(
    ("kind", "loss", "honest"),
    [("ae", 181.7, True), ("ae", 182.0, False), ("deep", 220.4, True), ("deep", 220.6, False)],
)
def test_a_report_may_differ_by_a_share_or_by_half_a_nat(out, kind, loss, honest):
    folder = out / NAMES[kind]
    (folder / "perf_metrics.csv").write_text(f"epoch,train_loss,test_loss,lr\n1,5,{loss},0\n")
    assert (verified(out).runs[kind].mismatches() == []) is honest


@pytest.mark.parametrize("key", ["parameters", "active"])
def test_other_numbers_in_the_summary_are_mismatches(out, key):
    summary = {"parameters": PARAMETERS, "active": ACTIVE} | {key: 5}
    (out / NAMES["deep"] / "summary.json").write_text(json.dumps(summary))
    [mismatch] = verified(out).runs["deep"].mismatches()
    assert "reported 5" in mismatch


def test_a_component_at_the_threshold_counts_either_way(out):
    kl = torch.zeros(3, 32)
    kl[:, :2], kl[:, 2] = 2.0, 0.01
    for active in (2, 3):
        summary = {"parameters": PARAMETERS, "active": active}
        (out / NAMES["linear"] / "summary.json").write_text(json.dumps(summary))
        run = verified(out, Child({NAMES["linear"]: {"kl": kl}})).runs["linear"]
        assert run.mismatches() == []


def test_further_runs_never_cost_points(out):
    for width in range(7, 30):
        write_run(out, "ae", f"AE-arch=ae({width})-lr=0.001-ep=1", 300.0, hidden=width)
    write_run(out, "vae", "AE-arch=vae(8)-lr=0.001-ep=1", hidden=99)
    write_run(out, "linear", "gaussian-linear-sigma", sigma=0.2)
    write_run(out, "ae", "mine-arch=ae(6)-lr=0.001-ep=2", 1.0)
    child = Child()
    found = verified(out, child)
    assert found.runs["ae"].name == NAMES["ae"]
    assert found.problems == []
    assert len(child.measured) <= 8


def test_a_run_that_reports_what_is_not_so_gives_way_to_an_honest_one(out):
    write_run(out, "ae", "AE-arch=ae(6)-lr=0.1-ep=2", 1.0)
    assert verified(out).runs["ae"].name == NAMES["ae"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"sigma": 0.2}, "gives sigma = 0.2, it must be 0.5"),
        ({"sigma": True}, "gives sigma = True"),
        ({"latent_dim": 16}, "gives latent_dim = 16, it must be 32"),
        ({"type": "linear"}, "gives type = 'linear', it must be deep"),
        ({"image_shape": [3, 64, 64]}, "gives image_shape"),
        ({"data": "celeba"}, "it was trained on 'celeba'"),
    ],
)
def test_a_config_that_is_not_that_of_the_assignment_is_named(out, changes, words):
    config = CONFIGS["deep"] | COMMON | changes
    (out / NAMES["deep"] / "config.json").write_text(json.dumps(config))
    found = verified(out)
    assert "deep" not in found.runs
    [problem] = found.problems
    assert problem.startswith("runs-foundations/gaussian-deep: ")
    assert words in problem


def test_the_width_of_the_name_is_that_of_the_config(out):
    folder = out / NAMES["ae"]
    folder.rename(out / "AE-arch=ae(512)-lr=0.001-ep=2")
    assert "gives hidden = 6, it must be 512" in verified(out).problems[0]


@pytest.mark.parametrize(
    ("file", "content", "words"),
    [
        ("perf_metrics.csv", "epoch,loss\n1,2\n", "does not end with test_loss"),
        ("perf_metrics.csv", "epoch,test_loss\n1,nan\n", "finite test_loss"),
        ("summary.json", "[]", "does not give parameters and active"),
        ("summary.json", '{"parameters": 1.5, "active": 2}', "no whole numbers"),
        ("config.json", "{", "not valid JSON"),
    ],
)
def test_a_damaged_file_is_named(out, file, content, words):
    (out / NAMES["vae"] / file).write_text(content)
    assert words in verified(out).problems[0]


def test_missing_runs_are_named(tmp_path):
    found = verified(tmp_path / "ada" / "runs-foundations")
    assert found.runs == {}
    assert len(found.problems) == 4
    assert "AE-arch=ae(…)" in found.problems[0]


def test_what_cannot_be_measured_is_a_problem_of_its_run(out):
    trouble = {
        NAMES["ae"]: RemoteError(["LabError"], "the weights do not fit"),
        NAMES["deep"]: {"loss": torch.tensor([math.nan])},
    }
    found = verified(out, Child(trouble))
    assert set(found.runs) == {"vae", "linear"}
    assert "the weights do not fit" in found.problems[0]
    assert "not finite" in found.problems[1]


def test_names_of_the_experiment_and_of_its_files():
    assert all(EXPERIMENT.takes_run(name) for name in NAMES.values())
    assert EXPERIMENT.takes_run("AE-arch=ae(512)-lr=0.001-ep=100")
    assert not EXPERIMENT.takes_run("AE-arch=conv(32)-lr=0.001-ep=100")
    place = "runs-foundations", "gaussian-deep"
    assert EXPERIMENT.takes_file((*place, "perf_metrics.csv"))
    assert not EXPERIMENT.takes_file((*place, "sample_49.png"))


def test_the_references_are_those_of_the_theory():
    class_means, optimum = references()
    assert class_means == pytest.approx(284.0, abs=0.1)
    assert optimum == pytest.approx(linear_elbo(held_back_variances(), 0.5, 32), rel=1e-6)


# What the trusted child measures


def silence(model) -> None:
    """Make the posteriors so narrow that the noise in z does not show."""
    last = getattr(model, "log_var", None)
    with torch.no_grad():
        if last is not None:
            last.weight.zero_()
            last.bias.fill_(-40.0)
        elif hasattr(model, "encoder"):
            half = len(model.encoder[-1].bias) // 2
            model.encoder[-1].weight[half:] = 0.0
            model.encoder[-1].bias[half:] = -40.0


@pytest.mark.parametrize("kind", NAMES)
def test_the_measure_agrees_with_the_lab(kind, tmp_path):
    torch.manual_seed(0)
    config = CONFIGS[kind] | COMMON | {"mc_samples": 1}
    bernoulli = kind in ("ae", "vae")
    model = Autoencoder(kind, 784, 6, 2) if bernoulli else build_gaussian(config)
    silence(model)
    folder = tmp_path / "runs-foundations" / "run"
    folder.mkdir(parents=True)
    save_file(model.state_dict(), folder / "weights.safetensors")
    images = held_back_images()[:1500]
    found = measure(str(tmp_path), "run", config, images, 3)
    assert found["parameters"] == count_parameters(model)
    assert found["loss"].shape == (1500,)
    own = evaluate(model, images.float() / 255, config)
    assert found["loss"].mean().item() == pytest.approx(own, rel=1e-5)
    mean, log_var = encode(model, config, images.float() / 255)
    kl = torch.zeros_like(mean)
    if log_var is not None:
        kl = 0.5 * (mean**2 + log_var.exp() - 1 - log_var)
    assert torch.allclose(found["kl"], kl, atol=1e-5)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda weights: weights.pop("up.bias"), "up.bias: expected"),
        (lambda weights: weights.update(extra=torch.zeros(2)), "extra: expected None"),
        (lambda weights: weights["up.bias"].fill_(math.inf), "not finite"),
        (lambda weights: weights.update({"up.bias": torch.zeros(6, dtype=torch.int64)}), "finite"),
    ],
)
def test_weights_that_do_not_fit_are_refused(tmp_path, change, words):
    weights = dict(Autoencoder("vae", 784, 6, 2).state_dict())
    change(weights)
    folder = tmp_path / "runs-foundations" / "run"
    folder.mkdir(parents=True)
    save_file(weights, folder / "weights.safetensors")
    with pytest.raises(LabError, match=words):
        measure(str(tmp_path), "run", CONFIGS["vae"] | COMMON, held_back_images()[:2], 0)


def test_records_do_not_depend_on_what_was_measured_before(tmp_path, monkeypatch):
    """Of the second submission only the run is measured whose weights differ: as if alone."""
    course = load_course(ROOT / "course.toml", every_part=True)
    task = next(task.id for task in course.tasks if task.experiment == "foundations")
    jobs = []
    for name in ("first", "second"):
        for folder in ("rdlab", "runs-foundations"):
            shutil.copytree(ROOT / "solution" / folder, tmp_path / name / folder)
        jobs.append(Job(tmp_path / name, name, frozenset([task])))
    weights = tmp_path / "second" / "runs-foundations" / "gaussian-linear" / "weights.safetensors"
    save_file({key: 1.5 * value for key, value in load_file(weights).items()}, weights)
    of, measured = Measurements.of, tmp_path / "measured"

    def watched(self, experiment, seed, files, measure):
        def noted():
            with measured.open("a") as file:
                file.write(f"{files[0].parent.name} ")
            return measure()

        return of(self, experiment, seed, files, noted)

    monkeypatch.setattr(Measurements, "of", watched)
    shared = grade_class(jobs, tmp_path / "shared", course, TIER, 1, lambda _: None)
    once = measured.read_text().split()
    assert sorted(once) == sorted([*set(once), "gaussian-linear"])
    monkeypatch.setattr(Measurements, "of", lambda *arguments: arguments[-1]())
    alone = grade_class(jobs, tmp_path / "alone", course, TIER, 1, lambda _: None)
    assert [lasting(record) for record in shared] == [lasting(record) for record in alone]
    assert alone[0].score > alone[1].score
