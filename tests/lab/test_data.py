"""The embedded sample and the reader of idx files."""

import gzip
import hashlib
import shutil
import subprocess
import sys

import numpy as np
import pytest
import torch

from autograder import ROOT

sys.path.insert(0, str(ROOT / "solution"))

from rdlab.lab import data
from rdlab.lab.errors import LabError
from rdlab.lab.torchvision_compat import import_torchvision

SAMPLE = ROOT / "data"


@pytest.fixture
def sample_copy(tmp_path):
    folder = tmp_path / "data"
    shutil.copytree(SAMPLE, folder)
    return folder


def test_sample_is_balanced_and_scaled():
    sample = data.load_images()
    assert sample.train_images.shape == sample.test_images.shape == (10000, 1, 28, 28)
    assert sample.train_images.dtype == torch.float32
    assert sample.train_labels.dtype == torch.int64
    assert (sample.train_images.min(), sample.train_images.max()) == (0, 1)
    assert sample.train_labels.bincount().tolist() == [1000] * 10
    assert sample.test_labels.bincount().tolist() == [1000] * 10
    assert len(sample.train_labels[:100].unique()) == 10, "the order is shuffled"


def test_sample_is_small_and_matches_its_sums():
    lines = (SAMPLE / "SHA256SUMS").read_text().splitlines()
    assert {line.split()[1] for line in lines} == set(data.FILES)
    for line in lines:
        digest, name = line.split()
        assert hashlib.sha256((SAMPLE / name).read_bytes()).hexdigest() == digest
    assert sum((SAMPLE / name).stat().st_size for name in data.FILES) < 10e6


@pytest.mark.skipif(not data.DEBIAN_FOLDER.is_dir(), reason="dataset-fashion-mnist not installed")
def test_sample_is_what_the_script_makes():
    command = [sys.executable, SAMPLE / "make_sample.py", "--check"]
    assert subprocess.run(command, check=False).returncode == 0


def test_check_of_the_sample_sees_a_damaged_file(sample_copy):
    (sample_copy / data.FILES[1]).write_bytes(b"damaged")
    command = [sys.executable, sample_copy / "make_sample.py", "--check", SAMPLE]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "do not match SHA256SUMS" in done.stderr
    assert "Traceback" not in done.stderr


def test_damaged_sample_is_named(sample_copy):
    path = sample_copy / data.FILES[0]
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(LabError, match=r"train-images-idx3-ubyte\.gz is damaged.*unpack"):
        data.load_images("sample", sample_copy)


def test_missing_file_is_named(sample_copy):
    (sample_copy / data.FILES[3]).unlink()
    with pytest.raises(LabError, match=r"t10k-labels-idx1-ubyte\.gz cannot be read"):
        data.load_images("sample", sample_copy)


def test_folder_of_fashion_mnist_needs_no_sums(sample_copy):
    (sample_copy / "SHA256SUMS").unlink()
    loaded = data.load_images("fashion-mnist", sample_copy)
    assert torch.equal(loaded.test_images, data.load_images().test_images)


def test_unknown_data_set_is_refused():
    with pytest.raises(LabError, match="unknown data set 'mnist'"):
        data.load_images("mnist")


IDX = b"\0\0\x08\x02" + (2).to_bytes(4, "big") + (3).to_bytes(4, "big") + bytes(range(6))


def test_idx_is_read_row_by_row(tmp_path):
    (tmp_path / "x.gz").write_bytes(gzip.compress(IDX))
    assert np.array_equal(data.read_idx(tmp_path / "x.gz"), [[0, 1, 2], [3, 4, 5]])


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no gzip",
        gzip.compress(IDX)[:-9],
        gzip.compress(b""),
        gzip.compress(IDX[:3]),
        gzip.compress(IDX[:10]),
        gzip.compress(IDX[:-1]),
        gzip.compress(b"\0\0\x0d" + IDX[3:]),
    ],
    ids=["empty", "text", "cut gzip", "no bytes", "no axes", "cut header", "cut values", "float"],
)
def test_broken_idx_is_one_sentence(tmp_path, content):
    (tmp_path / "x.gz").write_bytes(content)
    with pytest.raises(LabError, match=r"x\.gz is not an intact idx\.gz file"):
        data.read_idx(tmp_path / "x.gz")


def test_images_and_labels_must_belong_together(sample_copy):
    (sample_copy / data.FILES[1]).write_bytes(gzip.compress(IDX))
    with pytest.raises(LabError, match="one label each"):
        data.load_images("fashion-mnist", sample_copy)


def test_torchvision_reads_the_sample_as_we_do(tmp_path):
    raw = tmp_path / "FashionMNIST" / "raw"
    raw.mkdir(parents=True)
    for name in data.FILES:
        (raw / name.removesuffix(".gz")).write_bytes(gzip.decompress((SAMPLE / name).read_bytes()))
    theirs = import_torchvision("torchvision.datasets").FashionMNIST(tmp_path, train=True)
    ours = data.load_images()
    assert torch.equal(theirs.data, (255 * ours.train_images).round().byte().squeeze(1))
    assert torch.equal(theirs.targets, ours.train_labels)
