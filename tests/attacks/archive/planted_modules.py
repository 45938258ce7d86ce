"""A .zip with what Python or pytest would run by itself: conftest, .pth, compiled files, torch."""

import zipfile
from pathlib import Path

TASK = "1.2"
HONEST = []

_ATTACK = "import sys\nsys.modules['torch'].planted = True\nraise RuntimeError('ESCAPED')\n"
_NAMES = (
    "conftest.py",
    "pytest.ini",
    "setup.py",
    "pyproject.toml",
    "sitecustomize.py",
    "torch.py",
    "torch/__init__.py",
    "wire.py",
    "toy_models.py",
    "rdlab.pth",
    "tests/hidden/test_gaussian.py",
    "course.toml",
    "rdlab/__pycache__/gaussian.cpython-311.pyc",
    "rdlab/gaussian.so",
    "rdlab/gaussian.pyc",
    ".pth",
    "numpy/__init__.py",
    "runs/beta-1/pytorch_model.bin",
    "runs/beta-1/weights.pkl",
    "json.py",
    "socket.py",
)


def build(folder: Path) -> Path:
    archive = folder.with_suffix(".zip")
    with zipfile.ZipFile(archive, "w") as out:
        for path in folder.rglob("*.py"):
            out.write(path, path.relative_to(folder))
        for name in _NAMES:
            out.writestr(name, _ATTACK)
    return archive


def gaussian_kl(mean, log_var):
    import torch

    if hasattr(torch, "planted"):
        raise RuntimeError("ESCAPED: a planted file was run")
    return mean * 0
