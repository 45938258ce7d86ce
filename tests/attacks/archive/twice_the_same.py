"""A .zip that holds each file twice, and under names that some file systems take for the same."""

import unicodedata
import warnings
import zipfile
from pathlib import Path

TASK = "1.2"
HONEST = []

_NAMES = (
    "rdlab/gaussian.py",
    "RDLAB/gaussian.py",
    "rdlab/Gaussian.py",
    "rdlab//gaussian.py",
    "rdlab/./gaussian.py",
    "other/rdlab/gaussian.py",
    "rdlab/gaussian.py/",
    unicodedata.normalize("NFD", "rdlab/gäussian.py"),
    "rdlab/gäussian.py",
    "rdlab/gaussian.py\0.txt",
    "rdlab/gaussian.py ",
    "rdlab /gaussian.py",
)


def build(folder: Path) -> Path:
    archive = folder.with_suffix(".zip")
    with zipfile.ZipFile(archive, "w") as out, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for _ in range(2):
            for name in _NAMES:
                out.writestr(zipfile.ZipInfo(name), "def gaussian_kl(m, v): return m * 0\n")
    return archive
