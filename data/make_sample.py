"""Make the embedded Fashion-MNIST sample from the original files, or check it.

    python data/make_sample.py            # write the sample next to this file
    python data/make_sample.py --check    # compare it with its sums and with the originals

The sample is the whole test set, copied, and 1,000 training images of each class, drawn and
shuffled with a fixed seed, all in the original idx.gz format.
"""

import argparse
import gzip
import hashlib
import sys
import tempfile
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
ORIGINALS = Path("/usr/share/datasets/fashion-mnist")  # the Debian package dataset-fashion-mnist
TEST_FILES = ("t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz")
TRAIN_FILES = ("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz")
PER_CLASS = 1000
SEED = 0


def choose(labels: np.ndarray) -> np.ndarray:
    """Indices of PER_CLASS images of each class, in random order."""
    random = np.random.RandomState(SEED)  # its stream never changes
    classes = [np.flatnonzero(labels == label) for label in range(10)]
    return random.permutation(
        np.concatenate([random.permutation(members)[:PER_CLASS] for members in classes])
    )


def header_size(idx: bytes) -> int:
    """Bytes before the values: a magic number that counts the axes, then their lengths."""
    return 4 + 4 * idx[3]


def subset(idx: bytes, chosen: np.ndarray) -> bytes:
    """The idx file of the chosen items alone."""
    size, items = header_size(idx), int.from_bytes(idx[4:8], "big")
    values = np.frombuffer(idx, np.uint8, offset=size).reshape(items, -1)
    return idx[:4] + len(chosen).to_bytes(4, "big") + idx[8:size] + values[chosen].tobytes()


def make(originals: Path, out: Path) -> None:
    """Write the four files and SHA256SUMS."""
    for name in TEST_FILES:
        (out / name).write_bytes((originals / name).read_bytes())
    images, labels = (gzip.decompress((originals / name).read_bytes()) for name in TRAIN_FILES)
    chosen = choose(np.frombuffer(labels, np.uint8, offset=header_size(labels)))
    for name, idx in zip(TRAIN_FILES, (images, labels), strict=True):
        (out / name).write_bytes(gzip.compress(subset(idx, chosen), compresslevel=9, mtime=0))
    (out / "SHA256SUMS").write_text(sums(out))


def sums(folder: Path) -> str:
    """The lines of SHA256SUMS, in the format of sha256sum."""
    names = sorted(TEST_FILES + TRAIN_FILES)
    digests = [hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names]
    return "".join(f"{digest}  {name}\n" for digest, name in zip(digests, names, strict=True))


def problems(originals: Path) -> list[str]:
    """What is wrong with the sample: its sums, or its content against a fresh one."""
    if sums(HERE) != (HERE / "SHA256SUMS").read_text():
        return [f"the files in {HERE} do not match SHA256SUMS: make the sample again"]
    found = []
    with tempfile.TemporaryDirectory() as folder:
        make(originals, Path(folder))
        for name in TEST_FILES + TRAIN_FILES:
            # Another zlib may compress the same bytes differently, so the content is compared.
            fresh, stored = (Path(where, name).read_bytes() for where in (folder, HERE))
            if fresh != stored and gzip.decompress(fresh) != gzip.decompress(stored):
                found.append(f"{name} is not what this script makes")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "originals",
        nargs="?",
        type=Path,
        default=ORIGINALS,
        help=f"folder of the four original idx.gz files (default: {ORIGINALS})",
    )
    parser.add_argument("--check", action="store_true", help="write nothing, compare")
    arguments = parser.parse_args()
    try:
        found = problems(arguments.originals) if arguments.check else []
        if not arguments.check:
            make(arguments.originals, HERE)
    except (OSError, EOFError) as error:
        found = [f"{error}: name the folder of the four original idx.gz files"]
    for problem in found:
        print(f"error: {problem}", file=sys.stderr)
    if not found:
        print("the sample is intact" if arguments.check else f"wrote the sample to {HERE}")
    return 2 if found else 0


if __name__ == "__main__":
    sys.exit(main())
