"""Fashion-MNIST, the sample that comes with the assignment or the whole, and Dogs vs. Cats.

Given code.
"""

import gzip
import hashlib
import re
import zlib
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from rdlab.lab.errors import LabError
from rdlab.lab.photographs import Photograph, decoded, find_photographs
from rdlab.lab.torchvision_compat import import_torchvision

PACKAGE = Path(__file__).resolve().parents[1]
DEBIAN_FOLDER = Path("/usr/share/datasets/fashion-mnist")
DOWNLOADS = Path.home() / ".cache" / "rdlab"
DATA_SETS = ("sample", "fashion-mnist", "dogs-vs-cats")
CLASSES = (
    "T-shirt",
    "trouser",
    "pullover",
    "dress",
    "coat",
    "sandal",
    "shirt",
    "sneaker",
    "bag",
    "boot",
)

FEWEST = 10
"""Cats, and dogs, that a data set of both must have."""

FILES = (
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
)


class Dataset(NamedTuple):
    """Images are float32 in [0, 1], (N, C, H, W); labels are int64 indices of classes, (N,)."""

    train_images: Tensor
    train_labels: Tensor
    test_images: Tensor
    test_labels: Tensor
    classes: tuple[str, ...] = CLASSES


def load_images(name: str = "sample", folder: Path | str | None = None) -> Dataset:
    """Load a data set into memory.

    Args:
        name: "sample" (10,000 training images, in the assignment) or "fashion-mnist" (60,000);
            both have the whole test set of 10,000 images, each (1, 28, 28). Or "dogs-vs-cats":
            colour photographs, scaled to (3, 64, 64), every tenth of them for the test set.
        folder: where the four idx.gz files are, or the photographs. By default the sample is
            looked for in `data/` beside the package; Fashion-MNIST in Debian's folder, and else
            it is downloaded. Dogs vs. Cats always needs it: train.zip of
            kaggle.com/c/dogs-vs-cats, or a folder with its cat.0.jpg … dog.12499.jpg, or with
            folders Cat and Dog, at any depth. Broken photographs are named and left out.

    Raises:
        LabError: the name is unknown, or a file is missing or damaged.
    """
    if name not in DATA_SETS:
        raise LabError(f"unknown data set {name!r}: it is one of {', '.join(DATA_SETS)}.")
    if name == "dogs-vs-cats":
        return _dogs_vs_cats(folder)
    if name == "sample":
        folder = Path(folder) if folder else sample_folder()
        _verify(folder)
    else:
        folder = Path(folder) if folder else _fashion_mnist_folder()
    return _read_folder(folder)


def sample_folder() -> Path:
    """Return `data/` beside the package, or one level further up."""
    candidates = [parent / "data" for parent in PACKAGE.parents[:2]]
    for candidate in candidates:
        if (candidate / "SHA256SUMS").is_file():
            return candidate
    raise LabError(f"{candidates[0]} with the Fashion-MNIST sample is missing: unpack it again.")


def _fashion_mnist_folder() -> Path:
    if all((DEBIAN_FOLDER / name).is_file() for name in FILES):
        return DEBIAN_FOLDER
    datasets = import_torchvision("torchvision.datasets")
    try:
        datasets.FashionMNIST(DOWNLOADS, download=True)
    except (OSError, RuntimeError) as error:
        raise LabError(
            f"Fashion-MNIST cannot be downloaded to {DOWNLOADS} ({error}): name a folder of its "
            "four idx.gz files with --folder, or use --data sample."
        ) from error
    return DOWNLOADS / "FashionMNIST" / "raw"


def _verify(folder: Path) -> None:
    """Compare the files of the sample with its SHA256SUMS."""
    lines = _read_bytes(folder / "SHA256SUMS").decode(errors="replace").splitlines()
    expected = {line.split()[-1]: line.split()[0] for line in lines if line.strip()}
    for name in FILES:
        if hashlib.sha256(_read_bytes(folder / name)).hexdigest() != expected.get(name):
            raise LabError(
                f"{folder / name} is damaged (its SHA-256 sum is not the one in SHA256SUMS): "
                "unpack the assignment's data folder again."
            )


def _read_folder(folder: Path) -> Dataset:
    arrays = [read_idx(folder / name) for name in FILES]
    images, labels = arrays[0::2], arrays[1::2]
    for i in range(2):
        if images[i].shape != (len(labels[i]), 28, 28) or labels[i].ndim != 1 or not len(labels[i]):
            raise LabError(
                f"{folder / FILES[2 * i]} and {FILES[2 * i + 1]} do not hold 28 × 28 images with "
                f"one label each (shapes {images[i].shape} and {labels[i].shape}): get them again."
            )
    pixels = [torch.from_numpy(array).float().unsqueeze(1) / 255 for array in images]
    classes = [torch.from_numpy(array).long() for array in labels]
    return Dataset(pixels[0], classes[0], pixels[1], classes[1])


def _dogs_vs_cats(place: Path | str | None) -> Dataset:
    """Load the photographs, however they are laid out; name and leave out broken ones."""
    found = _cats_and_dogs(Path(place)) if place else []
    kinds = [_kind(each.path) for each in found]
    if min(kinds.count(name) for name in ("cat", "dog")) < FEWEST:
        raise LabError(
            f"{place or '--data dogs-vs-cats'} does not hold cats and dogs (cat.0.jpg … "
            "dog.12499.jpg, or folders Cat and Dog): get train.zip from kaggle.com/c/dogs-vs-cats, "
            "and name it, or the folder it was unpacked to, with --folder."
        )
    images = decoded(found, Path(place or ""), DOWNLOADS / "dogs-vs-cats")
    intact = torch.tensor(list(images))
    pixels = torch.from_numpy(np.stack(list(images.values()))).movedim(-1, 1)
    labels = torch.tensor([kinds[place] == "dog" for place in images]).long()
    if min(labels.bincount(minlength=2)) < FEWEST:
        raise LabError(f"{place} has fewer than {FEWEST} intact cats or dogs: get it again.")
    test = intact % 10 == 9
    halves = pixels[~test].float() / 255, pixels[test].float() / 255
    return Dataset(halves[0], labels[~test], halves[1], labels[test], ("cat", "dog"))


def _cats_and_dogs(place: Path) -> list[Photograph]:
    """Return all cats by name, then all dogs; those of the train.zip where a folder has none."""
    if place.is_dir() and (place / "train.zip").is_file():
        unpacked = [each for each in find_photographs(place) if _kind(each.path)]
        place = place if unpacked else place / "train.zip"
    found = [(_kind(each.path), each) for each in find_photographs(place)]
    return [each for name in ("cat", "dog") for kind, each in found if kind == name]


def _kind(path: PurePosixPath) -> str:
    """Return "cat" or "dog" by the file (cat.0.jpg) or its folder (PetImages/Cat); "" else."""
    named = re.fullmatch(r"(cat|dog)\.\d+", path.stem) or re.fullmatch(
        r"(cat|dog)s?", path.parent.name.lower()
    )
    return named[1] if named else ""


def read_idx(path: Path) -> np.ndarray:
    """Read an idx.gz file of bytes: two zeros, type 8, number of axes, their lengths, values.

    Raises:
        LabError: the file is missing, damaged or of another kind.

    Source: LeCun et al., the idx format of MNIST.
    """
    try:
        content = gzip.decompress(_read_bytes(path))
        if content[:3] != b"\0\0\x08":
            raise ValueError("no idx header")
        lengths = np.frombuffer(content, ">u4", count=content[3], offset=4).astype(int)
        values = np.frombuffer(content, np.uint8, offset=4 + 4 * content[3])
        return values.reshape(lengths).copy()
    except (EOFError, gzip.BadGzipFile, zlib.error, ValueError, IndexError) as error:
        raise LabError(f"{path} is not an intact idx.gz file ({error}): get it again.") from error


def _read_bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise LabError(
            f"{path} cannot be read ({error.strerror}): unpack the data again, or name its "
            "folder with --folder."
        ) from error
