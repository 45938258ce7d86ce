"""Photographs in a folder or a zip: found, decoded once, and kept in small. Given code."""

import hashlib
import io
import os
import warnings
import zipfile
import zlib
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageOps
from tqdm import tqdm

from rdlab.lab.errors import LabError

SIZE = (64, 64)
SUFFIXES = (".jpg", ".jpeg")
NAMED = 10
"""Broken photographs that are named one by one."""
BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    RuntimeError,  # an encrypted member of a zip
    zipfile.BadZipFile,
    zlib.error,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)


class Photograph(NamedTuple):
    """A file that should be a photograph: its path below the folder or in the zip."""

    path: PurePosixPath
    size: int
    read: Callable[[], bytes]


def find_photographs(place: Path) -> list[Photograph]:
    """Return the JPEG files of a folder, at any depth, or of a zip, by name.

    Raises:
        LabError: it is neither, or a damaged zip.
    """
    if place.is_dir():
        found = [
            Photograph(
                PurePosixPath(file.relative_to(place).as_posix()),
                file.stat().st_size,
                file.read_bytes,
            )
            for file in place.rglob("*")
            if file.is_file()
        ]
    else:
        found = _in_zip(place)
    chosen = (each for each in found if each.path.suffix.lower() in SUFFIXES)
    return sorted((each for each in chosen if each.path.name[0] != "."), key=lambda each: each.path)


def _in_zip(place: Path) -> list[Photograph]:
    try:
        archive = zipfile.ZipFile(place)
    except (OSError, zipfile.BadZipFile) as error:
        raise LabError(f"{place} is neither a folder nor an intact zip ({error}).") from error
    return [
        Photograph(PurePosixPath(entry.filename), entry.file_size, partial(archive.read, entry))
        for entry in archive.infolist()
        if not entry.is_dir()
    ]


def decoded(photographs: Sequence[Photograph], place: Path, cache: Path) -> dict[int, np.ndarray]:
    """Return the intact photographs, uint8 of shape (64, 64, 3), by their place in the list.

    The broken ones are named. The second time all are read from one file.

    Args:
        photographs: what `find_photographs` returns, or some of it.
        place: the folder or zip that they are in.
        cache: the beginning of that file's path.
    """
    listing = "\n".join(f"{each.path} {each.size}" for each in photographs)
    digest = hashlib.sha256(f"{place.resolve()}\n{listing}".encode(errors="replace")).hexdigest()
    file = cache.with_name(f"{cache.name}-{digest[:16]}.npz")
    if file.is_file():
        with np.load(file, allow_pickle=False) as kept:
            images = dict(zip(kept["places"].tolist(), kept["images"], strict=True))
    else:
        images = _decode(photographs)
        _keep(images, file)
    name_broken([each.path for i, each in enumerate(photographs) if i not in images])
    return images


def _decode(photographs: Sequence[Photograph]) -> dict[int, np.ndarray]:
    found = map(photograph, tqdm(photographs, desc="photographs", unit=""))
    return {place: image for place, image in enumerate(found) if image is not None}


def _keep(images: dict[int, np.ndarray], file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    partial_file = file.with_name(f".{file.name}.{os.getpid()}.npz")
    whole = np.stack(list(images.values())) if images else np.zeros((0, *SIZE, 3), np.uint8)
    np.savez(partial_file, images=whole, places=np.array(list(images), int))
    os.replace(partial_file, file)


def photograph(source: Photograph) -> np.ndarray | None:
    """Return the middle square of a photograph, in colour, scaled to 64 × 64; None if broken."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # such as on a damaged comment of the camera
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(source.read()), formats=["JPEG"]) as image:
                return np.asarray(ImageOps.fit(image.convert("RGB"), SIZE))
    except BROKEN:
        return None


def name_broken(paths: Sequence[PurePosixPath]) -> None:
    """Print which photographs are left out."""
    if not paths:
        return
    names = ", ".join(path.name for path in paths[:NAMED])
    more = f" and {len(paths) - NAMED} more" if len(paths) > NAMED else ""
    print(f"skipped, since not intact JPEG images: {names}{more}")
