"""The images of part 4: Fashion-MNIST, MNIST and CelebA. Given code. Nothing is ever unpickled."""

from pathlib import Path

import numpy as np
import torch

from rdlab.lab.data import DOWNLOADS, FILES, Dataset, load_images, read_idx
from rdlab.lab.errors import LabError
from rdlab.lab.photographs import decoded, find_photographs
from rdlab.lab.torchvision_compat import import_torchvision

FACES = 50_000
FEWEST_FACES = 20


def load(name: str, folder: Path | None = None) -> Dataset:
    """Load a data set into memory.

    Args:
        name: "sample" or "fashion-mnist" (see `rdlab.lab.data.load_images`), "mnist" or "celeba".
        folder: of MNIST the four idx files, compressed or not, or the folder that torchvision
            downloaded into; without it MNIST is downloaded. Of CelebA the folder of the aligned
            JPEGs, which it needs.

    Returns:
        The images; those of CelebA are kept as bytes, uint8, to save memory.

    Raises:
        LabError: a file is missing or damaged, or the name unknown.
    """
    if name == "mnist":
        return _mnist(Path(folder) if folder else _downloaded_mnist())
    if name == "celeba":
        return _celeba(folder)
    return load_images(name, folder)


def _downloaded_mnist() -> Path:
    raw = DOWNLOADS / "MNIST" / "raw"
    if all(_idx_file(raw, name) for name in FILES):
        return raw
    datasets = import_torchvision("torchvision.datasets")
    try:
        datasets.MNIST(DOWNLOADS, download=True)
    except (OSError, RuntimeError) as error:
        raise LabError(
            f"MNIST cannot be downloaded to {DOWNLOADS} ({error}): name a folder of its four "
            "idx.gz files with --folder."
        ) from error
    return raw


def _mnist(folder: Path) -> Dataset:
    """Load MNIST from a folder of idx files, or from torchvision's folder above them."""
    places = [folder, folder / "raw", folder / "MNIST" / "raw"]
    found = [place for place in places if all(_idx_file(place, name) for name in FILES)]
    if not found:
        raise LabError(
            f"{folder} does not hold MNIST: it needs {', '.join(FILES)}, compressed or not, there "
            "or in MNIST/raw."
        )
    paths = [path for name in FILES if (path := _idx_file(found[0], name))]
    arrays = [_read(path) for path in paths]
    for images, labels, name in zip(arrays[0::2], arrays[1::2], FILES[0::2], strict=True):
        if images.shape != (len(labels), 28, 28) or labels.ndim != 1 or not len(labels):
            raise LabError(
                f"{found[0] / name} does not hold 28 × 28 images with one label each (shapes "
                f"{images.shape} and {labels.shape}): get MNIST again."
            )
    pixels = [torch.from_numpy(images).float().unsqueeze(1) / 255 for images in arrays[0::2]]
    classes = [torch.from_numpy(own).long() for own in arrays[1::2]]
    return Dataset(pixels[0], classes[0], pixels[1], classes[1], tuple("0123456789"))


def _idx_file(folder: Path, name: str) -> Path | None:
    """Return the file of that name, or the same without .gz; None if there is neither."""
    paths = (folder / name, folder / name.removesuffix(".gz"))
    return next((path for path in paths if path.is_file()), None)


def _read(path: Path) -> np.ndarray:
    """Read an idx file: two zeros, type 8, number of axes, their lengths, values."""
    if path.suffix == ".gz":
        return read_idx(path)
    content = path.read_bytes()
    try:
        if content[:3] != b"\0\0\x08":
            raise ValueError("no idx header")
        lengths = np.frombuffer(content, ">u4", count=content[3], offset=4).astype(int)
        return np.frombuffer(content, np.uint8, offset=4 + 4 * len(lengths)).reshape(lengths).copy()
    except (ValueError, IndexError) as error:
        raise LabError(f"{path} is not an intact idx file ({error}): get it again.") from error


def _celeba(folder: Path | None) -> Dataset:
    """Load the intact ones of the first 50,000, every tenth for the test set; no labels."""
    found = find_photographs(Path(folder))[:FACES] if folder and Path(folder).exists() else []
    if len(found) < FEWEST_FACES:
        raise LabError(
            f"{f'{folder} does not hold' if folder else '--data celeba needs'} the aligned "
            "photographs 000001.jpg, 000002.jpg, …: get img_align_celeba.zip from the CelebA "
            "project, unpack it and name its folder, or name the zip, with --folder."
        )
    photographs = list(decoded(found, Path(folder or ""), DOWNLOADS / "celeba").values())
    if len(photographs) < FEWEST_FACES:
        raise LabError(f"{folder} holds {len(photographs)} intact photographs: unpack it again.")
    images = torch.from_numpy(np.stack(photographs)).movedim(-1, 1).contiguous()
    test = torch.arange(len(images)) % 10 == 9
    none = [torch.zeros(int(chosen.sum()), dtype=torch.int64) for chosen in (~test, test)]
    return Dataset(images[~test], none[0], images[test], none[1], ("face",))
