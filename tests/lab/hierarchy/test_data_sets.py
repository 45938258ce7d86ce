"""Data sets from files that the user has, made here in their own formats."""

import zlib

import numpy as np
import pytest
import torch

from rdlab.lab.data import FILES
from rdlab.lab.errors import LabError
from rdlab.lab.hierarchy.data_sets import CIFAR_FILES, SVHN_FILES, load_data, read_mat


def element(kind: int, data: bytes) -> bytes:
    """A data element of a MATLAB file, padded to eight bytes; short ones within the tag."""
    if len(data) <= 4:
        return np.array([kind | len(data) << 16], "<u4").tobytes() + data.ljust(4, b"\0")
    return np.array([kind, len(data)], "<u4").tobytes() + data + bytes(-len(data) % 8)


def matrix(name: str, array: np.ndarray, packed: bool) -> bytes:
    parts = element(6, np.array([9, 0], "<u4").tobytes())
    parts += element(5, np.array(array.shape, "<i4").tobytes())
    parts += element(1, name.encode())
    parts += element(2, array.tobytes(order="F"))
    whole = element(14, parts)
    if not packed:
        return whole
    content = zlib.compress(whole)
    return np.array([15, len(content)], "<u4").tobytes() + content


def write_mat(path, arrays: dict, packed: bool) -> None:
    header = b"MATLAB 5.0 MAT-file".ljust(124) + b"\x00\x01IM"
    path.write_bytes(header + b"".join(matrix(n, a, packed) for n, a in arrays.items()))


@pytest.mark.parametrize("packed", [True, False])
def test_svhn(tmp_path, packed):
    random = np.random.default_rng(0)
    kept = {}
    for name, count in (("train", 7), ("test", 3)):
        images = random.integers(0, 256, (32, 32, 3, count), dtype=np.uint8)
        labels = np.array([[10], [1], [2], [3], [4], [5], [9]][:count], dtype=np.uint8)
        kept[name] = images
        write_mat(tmp_path / f"{name}_32x32.mat", {"X": images, "y": labels}, packed)
    data = load_data("svhn", tmp_path)
    assert data.train_images.shape == (7, 3, 32, 32)
    assert data.test_images.shape == (3, 3, 32, 32)
    assert data.train_labels.tolist() == [0, 1, 2, 3, 4, 5, 9]
    pixel = data.test_images[2, 1, 30, 5]
    assert torch.isclose(255 * pixel, torch.tensor(float(kept["test"][30, 5, 1, 2])))


def test_cifar10_in_its_binary_version(tmp_path):
    random = np.random.default_rng(0)
    records = random.integers(0, 256, (6, 4, 3073), dtype=np.uint8)
    records[:, :, 0] %= 10
    names = [f"data_batch_{i}.bin" for i in range(1, 6)] + ["test_batch.bin"]
    for name, batch in zip(names, records, strict=True):
        (tmp_path / name).write_bytes(batch.tobytes())
    data = load_data("cifar10", tmp_path)
    assert data.train_images.shape == (20, 3, 32, 32)
    assert data.test_labels.tolist() == records[5, :, 0].tolist()
    red_of_the_second_row = data.test_images[1, 0, 1, 0]
    assert torch.isclose(255 * red_of_the_second_row, torch.tensor(float(records[5, 1, 1 + 32])))
    assert data.classes[3] == "cat"


def test_mnist_from_its_four_files(images):
    data = load_data("mnist", images)
    assert data.train_images.shape == (96, 1, 28, 28)
    assert data.classes[7] == "7"


@pytest.mark.parametrize("name", ["svhn", "cifar10", "mnist"])
def test_missing_and_damaged_files_are_named(tmp_path, name):
    with pytest.raises(LabError, match="--folder"):
        load_data(name)
    with pytest.raises(LabError, match=r"cannot be read|is missing"):
        load_data(name, tmp_path)
    for file in (*SVHN_FILES, *CIFAR_FILES[0], *CIFAR_FILES[1], *FILES):
        (tmp_path / file).write_bytes(b"not what it should be")
    with pytest.raises(LabError, match="get"):
        load_data(name, tmp_path)


def test_a_matlab_file_cut_short(tmp_path):
    path = tmp_path / "X.mat"
    write_mat(path, {"X": np.zeros((4, 5), dtype=np.uint8)}, packed=True)
    whole = path.read_bytes()
    for length in (50, 130, 140, len(whole) - 5):
        path.write_bytes(whole[:length])
        with pytest.raises(LabError, match="intact"):
            read_mat(path)


def test_unknown_names_are_refused():
    with pytest.raises(LabError, match="imagenet"):
        load_data("imagenet")
