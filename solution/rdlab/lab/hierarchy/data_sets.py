"""Further data sets, read from files that the user has. Given code.

Nothing is unpickled and nothing is downloaded: CIFAR-10 in its binary version, SVHN's two MATLAB
files of cropped digits, and the four idx.gz files of MNIST.
"""

import zlib
from pathlib import Path

import numpy as np
import torch

from rdlab.lab.data import DATA_SETS, FILES, Dataset, load_images, read_idx
from rdlab.lab.errors import LabError

FURTHER = ("mnist", "cifar10", "svhn")
DIGITS = tuple("0123456789")
CIFAR_CLASSES = (
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
)  # fmt: skip
CIFAR_FILES = tuple(f"data_batch_{i}.bin" for i in range(1, 6)), ("test_batch.bin",)
SVHN_FILES = "train_32x32.mat", "test_32x32.mat"
MAT_TYPES = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8"}
MATRIX, COMPRESSED = 14, 15
LARGEST_MATRIX = 4 << 30


def load_data(name: str = "sample", folder: Path | str | None = None) -> Dataset:
    """Load a data set into memory: those of `load_images`, MNIST, CIFAR-10 or SVHN.

    Args:
        name: "mnist" (four idx.gz files), "cifar10" (data_batch_1.bin … test_batch.bin), "svhn"
            (train_32x32.mat and test_32x32.mat), or what `load_images` knows.
        folder: where the files are; needed for the three.

    Raises:
        LabError: the name is unknown, or a file is missing or damaged.
    """
    if name in DATA_SETS:
        return load_images(name, folder)
    if name not in FURTHER:
        known = ", ".join((*DATA_SETS, *FURTHER))
        raise LabError(f"unknown data set {name!r}: it is one of {known}.")
    if folder is None:
        raise LabError(f"--data {name} needs the folder of its files: name it with --folder.")
    read = {"mnist": _mnist, "cifar10": _cifar, "svhn": _svhn}[name]
    return read(Path(folder))


def _mnist(folder: Path) -> Dataset:
    train_images, train_labels, test_images, test_labels = (
        read_idx(folder / name) for name in FILES
    )
    for images, labels in ((train_images, train_labels), (test_images, test_labels)):
        if images.shape != (len(labels), 28, 28):
            raise LabError(
                f"{folder} does not hold 28 × 28 images with a label each: get it again."
            )
    halves = [(train_images[:, None], train_labels), (test_images[:, None], test_labels)]
    return _dataset(halves, DIGITS)


def _cifar(folder: Path) -> Dataset:
    """Read records of one label and 3 × 32 × 32 bytes."""
    halves = []
    for names in CIFAR_FILES:
        content = b"".join(_bytes(folder / name) for name in names)
        if not content or len(content) % 3073:
            raise LabError(
                f"{folder / names[0]} and what belongs to it are not whole records of 3,073 bytes: "
                "get the binary version of CIFAR-10 again."
            )
        records = np.frombuffer(content, np.uint8).reshape(-1, 3073)
        if records[:, 0].max() > 9:
            raise LabError(f"{folder / names[0]} holds a label above 9: get it again.")
        halves.append((records[:, 1:].reshape(-1, 3, 32, 32), records[:, 0]))
    return _dataset(halves, CIFAR_CLASSES)


def _svhn(folder: Path) -> Dataset:
    halves = []
    for name in SVHN_FILES:
        arrays = read_mat(folder / name)
        images, labels = arrays.get("X"), arrays.get("y")
        if images is None or labels is None or images.shape != (32, 32, 3, labels.size):
            raise LabError(
                f"{folder / name} does not hold X (32, 32, 3, N) and y (N, 1): get it again."
            )
        halves.append((images.transpose(3, 2, 0, 1), labels.reshape(-1) % 10))  # 10 stands for 0
    return _dataset(halves, DIGITS)


def _dataset(halves: list, classes: tuple[str, ...]) -> Dataset:
    tensors = []
    for images, labels in halves:
        pixels = torch.from_numpy(np.ascontiguousarray(images)).float() / 255
        tensors += [pixels, torch.from_numpy(np.ascontiguousarray(labels)).long()]
    train_images, train_labels, test_images, test_labels = tensors
    return Dataset(train_images, train_labels, test_images, test_labels, classes)


def read_mat(path: Path) -> dict[str, np.ndarray]:
    """Read the numeric arrays of a MATLAB file of level 5 by name.

    Raises:
        LabError: the file is missing, damaged or of another level.

    Source: MathWorks, "MAT-File Format", the level 5 format.
    """
    content = _bytes(path)
    try:
        if len(content) < 128 or content[126:128] != b"IM":
            raise ValueError("no header of a level 5 file")
        arrays = {}
        for kind, data in _elements(content[128:]):
            if kind == COMPRESSED:
                [(kind, data)] = _elements(_inflated(data))
            if kind == MATRIX:
                name, array = _matrix(data)
                arrays[name] = array
        return arrays
    except (ValueError, zlib.error, IndexError, KeyError) as error:
        raise LabError(f"{path} is not an intact MATLAB file ({error}): get it again.") from error


def _inflated(data: bytes) -> bytes:
    unpacker = zlib.decompressobj()
    content = unpacker.decompress(data, LARGEST_MATRIX)
    if unpacker.unconsumed_tail:
        raise ValueError("an array is too large")
    return content


def _elements(content: bytes):
    """Yield type and bytes of each element; small ones keep their bytes within the tag."""
    view, place = memoryview(content), 0
    while place < len(view):
        first = int.from_bytes(view[place : place + 4], "little")
        if first >> 16:
            kind, size, start = first & 0xFFFF, first >> 16, place + 4
            place += 8
        else:
            kind = first
            size, start = int.from_bytes(view[place + 4 : place + 8], "little"), place + 8
            place = start + size + (0 if kind == COMPRESSED else -size % 8)
        if start + size > len(view):
            raise ValueError("it ends too early")
        yield kind, view[start : start + size]


def _matrix(data: bytes) -> tuple[str, np.ndarray]:
    """Name and values of a numeric array: flags, lengths, name, then the numbers by columns."""
    _, (_, lengths), (_, name), (kind, numbers) = list(_elements(data))[:4]
    shape = tuple(int(length) for length in np.frombuffer(lengths, "<i4"))
    values = np.frombuffer(numbers, "<" + MAT_TYPES[kind]).reshape(shape, order="F")
    return bytes(name).decode("ascii", "replace"), values


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise LabError(f"{path} cannot be read ({error.strerror}): check --folder.") from error
