import json
import math

import pytest

from autograder.judging.measurements import Measurements


@pytest.fixture
def files(tmp_path):
    paths = [tmp_path / "config.json", tmp_path / "weights.safetensors"]
    for path in paths:
        path.write_text(path.name)
    return paths


class Counting:
    """Something to measure, which counts how often it was."""

    def __init__(self):
        self.times = 0

    def __call__(self):
        self.times += 1
        return {"rate": 0.1 + self.times, "psnr": math.inf, "kl": [0.3, 1e-17]}


def test_equal_files_are_measured_once(files, tmp_path):
    known, measure = Measurements(), Counting()
    first = known.of("hierarchy", 1, files, measure)
    copies = [tmp_path / f"copy of {path.name}" for path in files]
    for path, copy in zip(files, copies, strict=True):
        copy.write_bytes(path.read_bytes())
    assert known.of("hierarchy", 1, copies, measure) == first
    assert measure.times == 1


def test_anything_else_is_measured_again(files, tmp_path):
    known, measure = Measurements(), Counting()
    known.of("hierarchy", 1, files, measure)
    known.of("foundations", 1, files, measure)
    known.of("hierarchy", 2, files, measure)
    known.of("hierarchy", 1, files[::-1], measure)
    config, weights = (path.read_bytes() for path in files)
    files[0].write_bytes(config + weights[:1])
    files[1].write_bytes(weights[1:])
    known.of("hierarchy", 1, files, measure)
    assert measure.times == 5
    known.forget()
    known.of("hierarchy", 1, files, measure)
    assert measure.times == 6


def test_what_cannot_be_measured_is_not_kept(files):
    known, measure = Measurements(), Counting()

    def refuse():
        raise ValueError("not these weights")

    with pytest.raises(ValueError, match="not these weights"):
        known.of("hierarchy", 1, files, refuse)
    assert known.news_as_json() == {}
    known.of("hierarchy", 1, files, measure)
    assert measure.times == 1


def test_another_process_learns_every_digit(files):
    own, other, measure = Measurements(), Measurements(), Counting()
    found = own.of("hierarchy", 1, files, measure)
    other.learn_json(json.loads(json.dumps(own.news_as_json())))
    assert other.of("hierarchy", 1, files, measure) == found
    assert measure.times == 1
    assert other.news_as_json() == {}, "it did not measure that itself"
