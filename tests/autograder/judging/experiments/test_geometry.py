"""The walk and the chain of part 5: what the judge measures again, and what it refuses."""

import json
import math
import re
import shutil
from pathlib import Path

import pytest
import torch

from autograder.judging.experiments.geometry import STEPS, read_acceptances, verify
from autograder.judging.run_folders import RunError
from autograder.sandbox.inside.wire import RemoteError

CONFIG = {"beta": 2.0, "data": "sample", "latent_dim": 2, "model": "mlp", "hidden": [4]}
ACCEPTANCES = "images,step,acceptance\n1,0.1,0.8\n1,0.3,0.5\n8,0.1,0.4\n"


class Child:
    """Measures nothing: gives a walk of two places, changed as it is told to."""

    def __init__(self, change=None):
        self.change = change or {}

    def call(self, name, mounted, config, classifier, images, steps, sigma, seed):
        assert (name, mounted, config) == ("measure", "/submission", CONFIG)
        assert (images.shape, steps, sigma, seed) == ((1, 1, 28, 28), [0.1, 0.3], 1.0, 7)
        assert all(isinstance(value, torch.Tensor) for value in classifier.values())
        if isinstance(self.change, Exception):
            raise self.change
        found = {"waypoints": torch.zeros(10, 2), "places": torch.ones(2, 2)}
        found |= {"classes": torch.tensor([3, 4]), "acceptances": torch.tensor([0.75, 0.5])}
        return found | self.change


@pytest.fixture
def submission(tmp_path) -> Path:
    run, walk = tmp_path / "runs" / "beta-2", tmp_path / "runs-geometry"
    run.mkdir(parents=True)
    walk.mkdir()
    (run / "config.json").write_text(json.dumps(CONFIG))
    (walk / "pcn.csv").write_text(ACCEPTANCES)
    (walk / "walk.safetensors").touch()
    return tmp_path


def verified(submission: Path, change=None):
    return verify(submission, "/submission", Child(change), 7)


def test_what_was_measured_and_what_was_reported_stand_side_by_side(submission):
    found = verified(submission)
    assert found.problems == []
    assert (found.reported, found.found) == ((0.8, 0.5), (0.75, 0.5))
    assert torch.equal(found.places, torch.ones(2, 2))
    assert found.waypoints.shape == (10, 2)
    assert found.classes.tolist() == [3, 4]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"beta": 1.0}, "runs/beta-2 has beta = 1.0, not 2"),
        ({"beta": None}, "has beta = None, not 2"),
        ({"image_shape": [3, 64, 64]}, r"the images of runs/beta-2 have the shape \[3, 64, 64\]"),
        ({"data": "cats-dogs"}, "was trained on 'cats-dogs', not on"),
    ],
)
def test_a_run_of_another_kind_is_a_problem(submission, changes, problem):
    (submission / "runs" / "beta-2" / "config.json").write_text(json.dumps({**CONFIG, **changes}))
    found = verified(submission)
    assert len(found.problems) == 1
    assert re.search(f"^runs-geometry: .*{problem}", found.problems[0])
    assert (found.places, found.reported, found.found) == (None, (), ())


@pytest.mark.parametrize(
    ("missing", "problem"),
    [
        ("runs/beta-2", "runs/beta-2 is missing: train the sweep"),
        ("runs-geometry/walk.safetensors", "walk.safetensors is missing: run"),
        ("runs-geometry/pcn.csv", "pcn.csv"),
    ],
)
def test_what_is_missing_is_named(submission, missing, problem):
    path = submission / missing
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    assert len(verified(submission).problems) == 1
    assert problem in verified(submission).problems[0]


@pytest.mark.parametrize("key", ["waypoints", "places"])
def test_a_walk_that_is_not_finite_is_a_problem(submission, key):
    found = verified(submission, {key: torch.tensor([[math.nan, 0.0]])})
    assert found.problems == [
        "runs-geometry: walk.safetensors holds values that are not finite: make it again"
    ]


def test_what_cannot_be_measured_is_a_problem_in_its_words(submission):
    found = verified(submission, RemoteError(["LabError"], "the walk has 3 columns"))
    assert len(found.problems) == 1
    assert "the walk has 3 columns" in found.problems[0]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "images,step,acceptance\n1,0.1,0.8\n",
        "images,step,acceptance\n8,0.1,0.8\n8,0.3,0.5\n",
        "images,step,acceptance\n1,0.1,high\n1,0.3,0.5\n",
        "images,step\n1,0.1\n1,0.3\n",
        ACCEPTANCES.replace("0.8", "nan"),
        ACCEPTANCES.replace("0.5", "inf"),
    ],
)
def test_acceptances_that_cannot_be_used_are_refused(tmp_path, text):
    (tmp_path / "pcn.csv").write_text(text)
    with pytest.raises(RunError, match=r"pcn\.csv has (no|an) acceptance"):
        read_acceptances(tmp_path / "pcn.csv")


def test_acceptances_of_one_image_are_read_in_the_order_of_the_steps(tmp_path):
    (tmp_path / "pcn.csv").write_text("step,images,acceptance\n0.3,1,0.5\n0.1,1,0.8\n")
    assert read_acceptances(tmp_path / "pcn.csv") == (0.8, 0.5)
    assert STEPS == (0.1, 0.3)
