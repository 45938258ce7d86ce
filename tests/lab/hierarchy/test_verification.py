"""The judge's measurement of a grid, made here without its sandbox."""

import importlib
import json
import math
import shutil
import sys

import pytest
import torch

from autograder.judging.experiments import hierarchy
from rdlab.hierarchy import mixture_information
from rdlab.lab.data import load_images
from rdlab.lab.hierarchy import evaluation, training
from tests.lab.hierarchy.conftest import ROOT

SHARE = 200


class Peer:
    """Calls the trusted child's function in this process."""

    def __init__(self, module):
        self.module = module

    def call(self, name, *arguments):
        from autograder.sandbox.inside.wire import RemoteError

        assert name == "measure"
        try:
            return self.module.measure(*arguments)
        except Exception as error:
            raise RemoteError([type(error).__name__], str(error)) from error


@pytest.fixture(scope="module")
def peer():
    sys.path.append(str(ROOT / "autograder" / "sandbox" / "inside"))
    yield Peer(importlib.import_module("measure_hierarchy"))
    sys.path.remove(str(ROOT / "autograder" / "sandbox" / "inside"))


@pytest.fixture
def submission(grid, tmp_path, monkeypatch):
    """The tiny grid as it is handed in, to a judge that holds few images back."""
    data = load_images("sample")
    images, labels = (255 * data.test_images[:SHARE]).round().byte(), data.test_labels[:SHARE]
    monkeypatch.setattr(hierarchy, "held_back_images", lambda: images)
    monkeypatch.setattr(hierarchy, "held_back_labels", lambda: labels)
    shutil.copytree(grid, tmp_path / hierarchy.FOLDER)
    return tmp_path


def verify(submission, peer):
    return hierarchy.verify(submission, str(submission), peer, seed=3)


def test_the_judge_measures_what_the_lab_measures(submission, peer):
    found = verify(submission, peer)
    assert found.problems == []
    assert [(run.beta_2, run.beta_1) for run in found.runs] == training.pairs_of([0.3, 3], [0.3, 3])
    images = load_images("sample").test_images[:SHARE]
    for run in found.runs:
        model = training.load_grid(submission / hierarchy.FOLDER)[run.beta_2, run.beta_1].model
        rate_2, rate_1, distortion = training.measure_layers(model, images)
        assert math.isclose(run.rate_2, rate_2, rel_tol=1e-4)
        assert math.isclose(run.rate_1, rate_1, rel_tol=0.1, abs_tol=0.02)
        assert math.isclose(run.distortion, distortion, rel_tol=0.02)
        x_hat = evaluation.reconstruct(model, images)
        error = (images - x_hat).double().square().mean().item()
        assert math.isclose(run.psnr, -10 * math.log10(error), rel_tol=1e-4)
        assert 0 <= run.reconstruction_accuracy <= 1


def test_the_judge_estimates_the_information_as_the_task_does():
    n = hierarchy.INFORMATION_IMAGES
    generator = torch.Generator().manual_seed(0)
    labels = load_images("sample").test_labels[:n]
    mean = torch.randn(10, 3, generator=generator)[labels]
    log_var = torch.randn(n, 3, generator=generator) / 2
    z = mean + (log_var / 2).exp() * torch.randn(n, 3, generator=generator)
    found, error = hierarchy.mixture_information(z, mean, log_var)
    assert math.isclose(found, mixture_information(z, mean, log_var, labels), rel_tol=1e-6)
    assert 0 < error < 0.05


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"beta_2": "cheap"}, "does not give beta_2"),
        ({"beta_2": 1.0}, "other prices"),
        ({"model": "lvae"}, "in the graded grid hvae"),
        ({"network": "linear"}, "networks are linear"),
        ({"likelihood": "bernoulli"}, "in the graded grid gaussian"),
        ({"data": "mnist"}, "trained on 'mnist'"),
        ({"image_shape": [3, 32, 32]}, "images have the shape"),
        ({"hidden": [7]}, "does not fit the model"),
        ({"top_dim": 10**9}, "top_dim"),
    ],
)
def test_a_run_that_cannot_be_graded_is_told_why(submission, peer, changes, told):
    path = submission / hierarchy.FOLDER / "beta2-3_beta1-0.3" / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))
    found = verify(submission, peer)
    assert len(found.runs) == 3
    [problem] = found.problems
    assert problem.startswith("runs-hierarchy/beta2-3_beta1-0.3: ")
    assert told in problem


def test_without_a_table_or_a_folder_it_says_what_to_run(submission, peer):
    (submission / hierarchy.FOLDER / "evaluation.csv").unlink()
    [problem] = verify(submission, peer).problems
    assert "evaluation.csv is missing" in problem
    shutil.rmtree(submission / hierarchy.FOLDER)
    [problem] = verify(submission, peer).problems
    assert "hierarchy train" in problem
