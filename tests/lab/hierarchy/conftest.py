"""A tiny grid, trained and evaluated once for all tests of the package."""

import gzip
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from autograder import ROOT

sys.path.insert(0, str(ROOT / "solution"))

from rdlab import __main__ as cli
from rdlab.lab.hierarchy import classifiers

SMALL = ["--data", "fashion-mnist", "--hidden", "16", "8", "--epochs", "2", "--jobs", "1"]
SIZES = ["--top-dim", "3", "--bottom-dim", "4", "--batch-size", "32"]
GRID = ["--beta2", "0.3", "3", "--beta1", "0.3", "3"]


class NearestMean:
    """A classifier with the interface of scikit-learn's."""

    def fit(self, x, y):
        self.classes_ = np.unique(y)
        self.means = np.stack([x[y == label].mean(0) for label in self.classes_])

    def _gaps(self, x):
        return -((x[:, None] - self.means) ** 2).sum(2)

    def score(self, x, y):
        return float((self.classes_[self._gaps(x).argmax(1)] == y).mean())

    def predict_log_proba(self, x):
        return torch.from_numpy(self._gaps(x)).log_softmax(1).numpy()


@pytest.fixture(scope="session")
def images(tmp_path_factory):
    """A folder of four idx.gz files: 96 training and 60 test images, a bright patch per class."""
    folder = tmp_path_factory.mktemp("images")
    random = np.random.default_rng(0)
    for name, count in (("train", 96), ("t10k", 60)):
        labels = (np.arange(count) % 10).astype(np.uint8)
        pixels = random.integers(0, 40, (count, 28, 28), dtype=np.uint8)
        for pixel, label in zip(pixels, labels, strict=True):
            pixel[2 * label : 2 * label + 8, 10:20] = 220
        write_idx(folder / f"{name}-images-idx3-ubyte.gz", pixels)
        write_idx(folder / f"{name}-labels-idx1-ubyte.gz", labels)
    return folder


def write_idx(path: Path, array: np.ndarray) -> None:
    header = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes()
    path.write_bytes(gzip.compress(header + array.tobytes()))


def train(out: Path, images: Path, *options: str) -> int:
    words = ["hierarchy", "train", *SMALL, *SIZES, "--folder", str(images), "--out", str(out)]
    return cli.main([*words, *(options or GRID)])


@pytest.fixture(scope="session")
def grid(tmp_path_factory, images):
    """A finished and evaluated grid of four runs."""
    out = tmp_path_factory.mktemp("grid") / "runs-hierarchy"
    assert train(out, images) == 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(classifiers, "_models", nearest_means)
        words = ["hierarchy", "evaluate", "--runs", str(out), "--folder", str(images)]
        assert cli.main([*words, "--jobs", "1"]) == 0
    return out


def nearest_means():
    return {name: NearestMean() for name in classifiers.NAMES}
