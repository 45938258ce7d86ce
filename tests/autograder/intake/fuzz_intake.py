"""Take in damaged archives and folders: each is taken or refused with one sentence, and soon.

`make fuzz` runs this for RUNS inputs; test_reading.py takes a few hundred.

Usage: fuzz_intake.py RUNS [SEED]
"""

import contextlib
import gzip
import io
import os
import random
import shutil
import struct
import sys
import tarfile
import tempfile
import time
import zipfile
from collections import Counter
from pathlib import Path

from autograder.course import Limits
from autograder.intake.reading import answer

LIMITS = Limits(20, 120, 3000, 64, submission_mb=1, submission_files=20)
SECONDS = 3
"""CPU time that no input may take."""
FILES = {
    "rdlab/__init__.py": b"",
    "rdlab/gaussian.py": b"def gaussian_kl(mean, log_var):\n    return 0\n",
    "rdlab/" + "long" * 24 + "g.py": b"x = 1\n",
    "runs/beta-0.1/weights.safetensors": bytes(600),
    "report.ipynb": "# Bericht über β\n".encode(),
}
TAR_FORMATS = (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT)
PAX = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.realsize": "9"}
WORDS = (b"\0", b"\xff" * 8, b"9" * 11, b"-1", b"GNU.sparse.map=", b"path=", b"size=-9\n", b"../")


def tars() -> list[bytes]:
    """Well-made tars of every format, one with the marks of a sparse file."""
    made = []
    for kind in TAR_FORMATS:
        for headers in ({}, PAX) if kind == tarfile.PAX_FORMAT else ({},):
            packed = io.BytesIO()
            with tarfile.open(fileobj=packed, mode="w", format=kind) as archive:
                for name, content in FILES.items():
                    member = tarfile.TarInfo(name)
                    member.size, member.pax_headers = len(content), headers
                    archive.addfile(member, io.BytesIO(content))
            made.append(packed.getvalue())
    return made


def zips() -> list[bytes]:
    """Well-made archives, stored and deflated."""
    made = []
    for kind in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", kind) as archive:
            for name, content in FILES.items():
                archive.writestr(name, content)
        made.append(packed.getvalue())
    return made


def damaged(whole: bytes, draw: random.Random) -> bytes:
    """A copy with some bytes changed, words written over it, parts moved, or its end cut off."""
    data = bytearray(whole)
    for _ in range(draw.choice((1, 1, 2, 5, 20))):
        at, way = draw.randrange(len(data)), draw.randrange(6)
        if way < 2:
            data[at] = draw.randrange(256)
        elif way == 2:
            word = draw.choice((*WORDS, struct.pack("<I", draw.getrandbits(32))))
            data[at : at + len(word)] = word
        elif way == 3:
            start, size = draw.randrange(len(data)), draw.choice((1, 46, 512))
            data[at:at] = data[start : start + size]
        elif way == 4:
            del data[at : at + draw.choice((1, 30, 512))]
        elif draw.random() < 0.2:
            del data[at:]
        data = data or bytearray(b"\0")
    return bytes(data)


def with_checksums(data: bytes) -> bytes:
    """A damaged tar whose headers are right all the same, so that what they say is believed."""
    whole = bytearray(data)
    for start in range(0, len(whole) - 511, 512):
        header = whole[start : start + 512]
        if header[257:262] == b"ustar":
            header[148:156] = b" " * 8
            whole[start + 148 : start + 156] = b"%06o\0 " % sum(header)
    return bytes(whole)


def one_archive(path: Path, draw: random.Random) -> Path:
    """Write a damaged archive of a kind drawn at random."""
    kind = draw.randrange(4)
    if kind == 0:
        path = path.with_suffix(".zip")
        path.write_bytes(damaged(draw.choice(ZIPS), draw))
        return path
    data = draw.choice(TARS)
    if kind == 1:
        content = damaged(gzip.compress(data, 1), draw)
    else:
        broken = damaged(data, draw)
        content = gzip.compress(with_checksums(broken) if kind == 2 else broken, 1)
    path = path.with_suffix(".tgz")
    path.write_bytes(content)
    return path


def one_folder(path: Path, draw: random.Random) -> Path:
    """Make a folder of odd names, links, pipes, times and bytes."""
    os.makedirs(path)
    for name, content in FILES.items():
        odd = damaged(name.encode(), draw) if draw.random() < 0.3 else name.encode()
        odd = odd.replace(b"\0", b"_").replace(b"..", b"_").strip(b"/") or b"x"
        place = os.path.join(os.fsencode(path), odd[:2000])
        with contextlib.suppress(OSError):
            os.makedirs(os.path.dirname(place), exist_ok=True)
            _one_entry(place, content, draw)
    return path


def _one_entry(place: bytes, content: bytes, draw: random.Random) -> None:
    way = draw.randrange(12)
    if way == 0:
        os.symlink(draw.choice((b"/etc/passwd", b".", b"nowhere", b"/")), place)
    elif way == 1:
        os.mkfifo(place)
    elif way == 2:
        os.makedirs(os.path.join(place, *[b"deep"] * draw.choice((1, 5, 300))))
    else:
        with open(place, "xb") as file:  # or a pipe of that name would wait for a reader
            file.write(damaged(content, draw) if content and way < 8 else content)
        if way == 3:
            os.utime(place, (0, draw.choice((-1, 10**11, 2**62 // 10**9))))


ZIPS, TARS = zips(), tars()


def outcome(path: Path, out: Path) -> str:
    """Return "taken" or "refused" for one input; raise AssertionError where it is neither."""
    start = time.process_time()
    with contextlib.redirect_stdout(io.StringIO()):
        found = answer(path, out, LIMITS)
    assert time.process_time() - start < SECONDS, "it takes too long"
    [(what, said)] = found.items()
    assert what in ("taken", "refused"), said
    if what == "refused":
        assert said.startswith(str(path)), said
        assert "\n" not in said, said
        assert ":" in said.removeprefix(str(path)), said
    return what


def fuzz(runs: int, seed: object, home: Path) -> Counter[str]:
    """Take in that many inputs, one in eight a folder; return how many were taken and refused."""
    draw, found = random.Random(seed), Counter[str]()
    for number in range(runs):
        kind = "folder" if draw.randrange(8) == 0 else "archive"
        path = (one_folder if kind == "folder" else one_archive)(home / f"in{number}", draw)
        try:
            found[f"{kind} {outcome(path, home / 'out')}"] += 1
        except BaseException:
            print(f"input {number} of seed {seed}: {path}", file=sys.stderr)
            raise
        shutil.rmtree(home / "out", ignore_errors=True)
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    return found


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="rdlab-fuzz-") as folder:
        counted = fuzz(int(sys.argv[1]), (sys.argv[2:] or ["0"])[0], Path(folder))
        for kind, count in sorted(counted.items()):
            print(f"{count:8} {kind}")
