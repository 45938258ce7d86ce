"""A small data set, and what `python -m rdlab geometry` makes of it in seconds."""

import gzip
import json
import shutil
import struct
import sys

import pytest
import torch

from autograder import ROOT

SOLUTION = ROOT / "solution"

sys.path.insert(0, str(SOLUTION))

from rdlab import __main__ as cli  # noqa: E402
from rdlab.lab.data import FILES, load_images  # noqa: E402
from rdlab.lab.geometry import chains, command  # noqa: E402

IMAGES = 300


def idx(array: torch.Tensor) -> bytes:
    """An array of bytes in the format of MNIST."""
    shape = struct.pack(f">{array.dim()}I", *array.shape)
    return gzip.compress(b"\0\0\x08" + bytes([array.dim()]) + shape + array.numpy().tobytes(), 1)


@pytest.fixture(scope="session")
def place(tmp_path_factory):
    """A small data set, and two runs of the solution that claim to be of it."""
    top = tmp_path_factory.mktemp("geometry")
    whole = load_images("sample", ROOT / "data")
    (top / "data").mkdir()
    for name, values in zip(FILES, whole, strict=False):
        part = values[:IMAGES]
        pixels = part if part.dim() == 1 else (255 * part).round().squeeze(1)
        (top / "data" / name).write_bytes(idx(pixels.to(torch.uint8)))
    for beta in ("2", "10"):
        folder = top / "runs" / f"beta-{beta}"
        shutil.copytree(SOLUTION / "runs" / f"beta-{beta}", folder)
        config = json.loads((folder / "config.json").read_text())
        (folder / "config.json").write_text(json.dumps({**config, "data": "fashion-mnist"}))
    return top


@pytest.fixture(scope="session")
def made(place):
    """Everything that the command writes, from short trainings and short chains."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chains, "CHAINS", 4)
        patch.setattr(chains, "BURN_IN", 3)
        patch.setattr(chains, "KEPT", 5)
        patch.setattr(chains, "CHAIN_STEPS", 6)
        patch.setattr(chains, "PICTURES", 40)
        patch.setattr(command, "FILMS", {2: 24, 3: 12, 8: 24})
        words = ["--runs", place / "runs", "--folder", place / "data", "--jobs", "1",
                 "--out", place / "figures", "--results", place / "runs-geometry"]  # fmt: skip
        assert cli.main(["geometry", *map(str, words)]) == 0
    return place
