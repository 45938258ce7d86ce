"""The fingerprint of trained weights."""

import json
import math
import struct

import numpy as np
import pytest
from safetensors.numpy import save_file

from autograder.intake.weights import SAMPLES, SCALE, weights_fingerprint

GENERATOR = np.random.default_rng(0)
WEIGHTS = {
    "b.weight": GENERATOR.normal(size=(40, 30)).astype(np.float32),
    "a.weight": GENERATOR.normal(size=(9, 100)).astype(np.float32),
    "a.bias": GENERATOR.normal(size=9).astype(np.float32),
}


def fingerprint(folder, weights) -> np.ndarray:
    save_file(weights, folder / "weights.safetensors")
    return np.array(weights_fingerprint(folder / "weights.safetensors"))


def cosine(one: np.ndarray, other: np.ndarray) -> float:
    return one @ other / math.sqrt((one @ one) * (other @ other))


def test_entries_of_each_matrix_in_the_order_of_the_names(tmp_path):
    found = fingerprint(tmp_path, WEIGHTS)
    entries = WEIGHTS["a.weight"].ravel()[[i * 900 // SAMPLES for i in range(SAMPLES)]]
    expected = SCALE * entries / np.linalg.norm(entries)
    assert len(found) == 2 * SAMPLES
    np.testing.assert_allclose(found[:SAMPLES], expected, atol=0.5001)


@pytest.mark.parametrize(
    "change",
    [
        lambda value: 3 * value,
        lambda value: value.round(2),
        lambda value: value.astype(np.float16),
        lambda value: value.astype(np.float64),
        lambda value: value + 0.02 * GENERATOR.normal(size=value.shape).astype(np.float32),
    ],
)
def test_near_copies_have_nearly_the_same(tmp_path, change):
    found = fingerprint(tmp_path, WEIGHTS)
    changed = fingerprint(tmp_path, {name: change(value) for name, value in WEIGHTS.items()})
    assert cosine(found, changed) > 0.999


def test_other_weights_have_another(tmp_path):
    other = {name: value[::-1].copy() for name, value in WEIGHTS.items()}
    assert cosine(fingerprint(tmp_path, WEIGHTS), fingerprint(tmp_path, other)) < 0.5


def header(entry: object) -> bytes:
    text = json.dumps(entry).encode()
    return struct.pack("<Q", len(text)) + text


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"short",
        struct.pack("<Q", 1 << 60) + b"{}",
        header([]),
        header({"a": 3}),
        header({"a": {"shape": [2, 2], "dtype": "F32", "data_offsets": [0, 16]}}),
        header({"a": {"shape": [2, 2], "dtype": "F32", "data_offsets": [-999, 9]}}),
        header({"a": {"shape": [2, 2], "dtype": "I8", "data_offsets": [0, 4]}}) + bytes(4),
        header({"a": {"shape": [1, 1], "dtype": "F32", "data_offsets": [0, 4]}})
        + struct.pack("<f", math.nan),
        b"\x02" + bytes(7) + b"[" * 2,
    ],
)
def test_what_holds_no_weights_has_none(tmp_path, content):
    path = tmp_path / "weights.safetensors"
    path.write_bytes(content)
    assert weights_fingerprint(path) == ()


def test_a_file_that_is_missing_has_none(tmp_path):
    assert weights_fingerprint(tmp_path / "weights.safetensors") == ()
