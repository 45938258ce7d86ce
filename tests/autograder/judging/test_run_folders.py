"""What experiments share: run folders are read, and refused where they are of no use."""

import json

import pytest
import torch

from autograder.judging.run_folders import (
    MAX_TEXT,
    RunError,
    held_back_images,
    held_back_labels,
    held_back_variances,
    mean_per_image,
    measured,
    read_config,
    read_last_row,
    shown,
)
from autograder.sandbox.inside.wire import RemoteError, WireClosed


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (None, "is missing"),
        (b"{", "is not valid JSON"),
        (b"[" * 100_000, "is not valid JSON"),
        (b"[1]", "is not a JSON object"),
        (b"\xff{}", "is not UTF-8"),
        (b" " * (MAX_TEXT + 1), "is larger than 1 MiB"),
    ],
)
def test_configs_of_no_use_are_refused(tmp_path, content, problem):
    path = tmp_path / "config.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(RunError, match=problem):
        read_config(path)


def test_a_config_is_read(tmp_path):
    (tmp_path / "config.json").write_text(json.dumps({"beta": 2, "data": "β"}))
    assert read_config(tmp_path / "config.json") == {"beta": 2, "data": "β"}


@pytest.mark.parametrize(
    "text", ["", "a,b\n", "a,c\n1,2\n", "a,b\n1,2\n3,x\n", "a,b\n1,2\n3\n", "\0"]
)
def test_tables_that_do_not_end_with_the_numbers_are_refused(tmp_path, text):
    (tmp_path / "metrics.csv").write_text(text)
    with pytest.raises(RunError, match=r"metrics\.csv does not end with a and b"):
        read_last_row(tmp_path / "metrics.csv", ("a", "b"))


def test_the_last_row_counts(tmp_path):
    (tmp_path / "metrics.csv").write_text("b,epoch,a\n1,1,2\n3,2,4.5\n")
    assert read_last_row(tmp_path / "metrics.csv", ("a", "b")) == (4.5, 3.0)


def test_what_is_shown_of_a_config_is_short_ascii():
    assert shown({"data": "\ud800" + "x" * 1000}, "data").isascii()
    assert len(shown({"data": "x" * 1000}, "data")) == 200
    nested: list = []
    for _ in range(100_000):
        nested = [nested]
    assert shown({"data": nested}, "data") == "what is nested too deeply"


class Child:
    def __init__(self, answer):
        self.answer = answer

    def call(self, name, *arguments):
        if isinstance(self.answer, Exception):
            raise self.answer
        return (name, *arguments)


def test_the_trusted_child_is_asked_to_measure():
    assert measured(Child(None), 1, "two") == ("measure", 1, "two")


@pytest.mark.parametrize(
    ("error", "problem"),
    [
        (RemoteError(["LabError"], "the weights do not fit"), "^the weights do not fit$"),
        (RemoteError(["ValueError"], "bad"), "^ValueError: bad$"),
        (RemoteError(["LabError"], "x" * 1000), "^x{200}$"),
        (WireClosed("the other end is gone"), "it cannot be measured"),
    ],
)
def test_what_it_refuses_is_a_problem_of_the_run(error, problem):
    with pytest.raises(RunError, match=problem):
        measured(Child(error))


def test_means_are_over_images_of_sums_over_the_rest():
    assert mean_per_image(torch.tensor([[1.0, 2.0], [3.0, 4.0]])) == 5
    assert mean_per_image(torch.tensor([1.0, 2.0])) == 1.5
    for value in (float("nan"), float("inf")):
        with pytest.raises(RunError, match="not finite"):
            mean_per_image(torch.tensor([1.0, value]))


def test_held_back_data_are_the_official_test_set():
    assert held_back_images().shape == (10_000, 1, 28, 28)
    assert held_back_labels().bincount().tolist() == [1000] * 10


def test_the_spectrum_descends_and_sums_to_the_variance():
    variances = held_back_variances()
    pixels = held_back_images().flatten(1).double() / 255
    assert (variances.diff() <= 0).all()
    assert variances.sum().item() == pytest.approx(pixels.var(0, correction=0).sum().item())
