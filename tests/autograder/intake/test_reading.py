"""What is copied, what is left out, and every kind of archive that is refused."""

import errno
import gzip
import io
import os
import random
import shutil
import stat
import struct
import subprocess
import tarfile
import time
import zipfile
from pathlib import Path

import pytest

from autograder.course import Limits
from autograder.intake import reading as intake
from autograder.intake.reading import read_submission
from autograder.intake.submission import Intake, IntakeError
from tests.autograder.intake.fuzz_intake import fuzz

LIMITS = Limits(20, 120, 3000, 64, submission_mb=1, submission_files=20)

HONEST = {
    "rdlab/__init__.py": b"",
    "rdlab/gaussian.py": b"def gaussian_kl(mean, log_var):\n    return 0\n",
    "rdlab/sub/deep/more.py": b"x = 1\n",
    "runs/beta-0.1/config.json": b"{}",
    "runs/beta-0.1/weights.safetensors": b"\x00" * 512,
    "report.ipynb": "# Bericht über β\n".encode(),
}
LEFT_OUT = {
    "rdlab/sub/deep/too/far.py": b"",
    "rdlab/cached.pyc": b"",
    "rdlab/.hidden.py": b"",
    "runs/beta-0.1/evil.pkl": b"",
    "runs/metrics.csv": b"",
    "runs/beta-0.2/config.json": b"{}",
    "runs/beta-0.1 (copy)/config.json": b"{}",
    "conftest.py": b"",
}


def make_folder(path, files):
    for name, content in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(content)
    return path


def make_zip(path, files):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def make_tar(path, files):
    with tarfile.open(path, "w:gz") as archive:
        for name, content in files.items():
            add_member(archive, name, content)
    return path


def add_member(archive, name, content=b"", **attributes):
    member = tarfile.TarInfo(name)
    member.size = len(content)
    for key, value in attributes.items():
        setattr(member, key, value)
    archive.addfile(member, io.BytesIO(content))


MAKERS = {"alice": make_folder, "alice.zip": make_zip, "alice.tar.gz": make_tar}


@pytest.fixture
def take(tmp_path):
    """Take in into tmp_path/out, in this process."""

    def collect_here(path, limits=LIMITS) -> Intake:
        return read_submission(path, tmp_path / "out", limits)

    return collect_here


@pytest.fixture
def refused(take):
    """Assert that a submission is refused in one sentence that names it; return the sentence."""

    def check(path, limits=LIMITS) -> str:
        with pytest.raises(IntakeError) as caught:
            take(path, limits)
        sentence = str(caught.value)
        assert path.name in sentence
        assert "\n" not in sentence
        assert ":" in sentence.split(path.name, 1)[1], "the remedy follows a colon"
        return sentence

    return check


def copied(tmp_path):
    out = tmp_path / "out"
    return {
        str(file.relative_to(out)): file.read_bytes() for file in out.rglob("*") if file.is_file()
    }


@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.parametrize("wrap", ["", "./", "homework 1/"])
def test_copies_the_allow_list_and_nothing_else(tmp_path, take, name, wrap):
    files = {wrap + file: content for file, content in (HONEST | LEFT_OUT).items()}
    intake = take(MAKERS[name](tmp_path / name, files))
    assert copied(tmp_path) == HONEST
    assert intake.files == tuple(sorted(HONEST))
    assert intake.student == "alice"
    assert intake.notes == ()
    left_out = {file.removeprefix("./").removeprefix("homework 1/") for file in intake.left_out}
    named = {file.removesuffix(" (a folder)") for file in left_out}
    for file in LEFT_OUT:  # of a folder that nothing is taken from, the folder alone is named
        assert not named.isdisjoint([file, *map(str, Path(file).parents)]), file


def test_the_digest_is_of_the_content_alone(tmp_path):
    digests = {
        read_submission(maker(tmp_path / name, HONEST), tmp_path / f"out-{name}", LIMITS).sha256
        for name, maker in MAKERS.items()
    }
    assert len(digests) == 1
    for name, content in [("report.ipynb", b"other"), ("runs/beta-2/config.json", b"{}")]:
        changed = make_zip(tmp_path / "b.zip", HONEST | {name: content})
        digests.add(read_submission(changed, tmp_path / f"out-{len(digests)}", LIMITS).sha256)
    assert len(digests) == 3


def test_nothing_copied_is_executable_or_private(tmp_path, take):
    folder = make_folder(tmp_path / "alice", HONEST)
    (folder / "rdlab/gaussian.py").chmod(0o700)
    old = os.umask(0o077)
    try:
        take(folder)
    finally:
        os.umask(old)
    for entry in (tmp_path / "out").rglob("*"):
        assert stat.S_IMODE(entry.stat().st_mode) == (0o755 if entry.is_dir() else 0o644)


def test_macos_droppings_are_ignored(tmp_path, take):
    files = {"hw/" + name: content for name, content in HONEST.items()}
    extra = {"__MACOSX/hw/rdlab/._gaussian.py": b"\0", "hw/rdlab/._gaussian.py": b"\0"}
    take(make_zip(tmp_path / "a.zip", files | extra | {".DS_Store": b""}))
    assert copied(tmp_path) == HONEST


def test_left_out_is_capped(tmp_path, take):
    intake = take(make_zip(tmp_path / "a.zip", HONEST | {f"x{i:02}": b"" for i in range(30)}))
    assert len(intake.left_out) == 21
    assert intake.left_out[-1] == "… and 10 more"


# Refused


def test_what_is_neither_folder_nor_archive(tmp_path, refused):
    (tmp_path / "alice.rar").write_bytes(b"Rar!")
    assert ".zip" in refused(tmp_path / "alice.rar")
    os.mkfifo(tmp_path / "pipe.zip")
    refused(tmp_path / "pipe.zip")


@pytest.mark.parametrize("name", MAKERS)
def test_empty(tmp_path, refused, name):
    path = tmp_path / name
    path.mkdir() if name == "alice" else MAKERS[name](path, {})
    assert "is empty" in refused(path)


@pytest.mark.parametrize("name", MAKERS)
def test_without_a_package(tmp_path, refused, name):
    path = MAKERS[name](tmp_path / name, {"report.ipynb": b"", "rdlab/notes.txt": b""})
    assert "rdlab/" in refused(path)


@pytest.mark.parametrize("name", ["a.zip", "a.tar.gz", "a.tgz", "a.ZIP"])
@pytest.mark.parametrize("content", [b"", b"not an archive", b"PK\x05\x06", b"\x1f\x8b\x08\0"])
def test_no_archive_at_all(tmp_path, refused, name, content):
    (tmp_path / name).write_bytes(content)
    refused(tmp_path / name)


@pytest.mark.parametrize("name", ["alice.zip", "alice.tar.gz"])
def test_every_truncation_is_refused(tmp_path, name):
    files = HONEST | {"rdlab/noise.py": os.urandom(3000)}
    whole = MAKERS[name](tmp_path / name, files).read_bytes()
    for keep in range(0, len(whole) - 1, 97):
        (tmp_path / name).write_bytes(whole[:keep])
        with pytest.raises(IntakeError):
            read_submission(tmp_path / name, tmp_path / f"out{keep}", LIMITS)


def test_a_tar_cut_before_it_was_packed_is_refused(tmp_path, refused):
    make_tar(tmp_path / "a.tgz", HONEST)
    raw = gzip.decompress((tmp_path / "a.tgz").read_bytes())
    for cut in (512 + 100, 1024 + 20):
        (tmp_path / "a.tgz").write_bytes(gzip.compress(raw[:cut]))
        refused(tmp_path / "a.tgz")
    damaged = raw[:1536] + b"?" * 512 + raw[2048:]  # the third header
    (tmp_path / "a.tgz").write_bytes(gzip.compress(damaged))
    assert "cannot be read" in refused(tmp_path / "a.tgz")


def test_a_flipped_byte_is_refused(tmp_path, refused):
    body = b"x = 1  # stored, so that the byte can be found\n"
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("rdlab/a.py", body)
    path.write_bytes(path.read_bytes().replace(b"x = 1", b"x = 2"))
    assert "CRC" in refused(path)


@pytest.mark.parametrize("name", ["alice.zip", "alice.tar.gz"])
def test_random_damage_never_ends_in_a_traceback(tmp_path, name):
    draw = random.Random(name)
    whole = MAKERS[name](tmp_path / name, HONEST).read_bytes()
    if name.endswith("gz"):
        whole = gzip.decompress(whole)
    outcomes = set()
    for turn in range(300):
        damaged = bytearray(whole)
        damaged[draw.randrange(len(whole))] = draw.randrange(256)
        packed = gzip.compress(damaged, 1) if name.endswith("gz") else bytes(damaged)
        (tmp_path / name).write_bytes(packed)
        try:
            read_submission(tmp_path / name, tmp_path / f"out{turn}", LIMITS)
            outcomes.add("taken")
        except IntakeError:
            outcomes.add("refused")
    assert outcomes == {"taken", "refused"}


def test_an_encrypted_zip_is_refused(tmp_path, refused):
    path = make_zip(tmp_path / "a.zip", HONEST)
    data = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.find(signature) + offset] |= 1
    path.write_bytes(data)
    assert "password" in refused(path)


@pytest.mark.parametrize(
    "name",
    [
        "/etc/x.py",
        "../x.py",
        "rdlab/../../x.py",
        "\\x.py",
        "a\\..\\..\\x.py",
        "C:x.py",
        "a\nb.py",
        "x" * 1001,
    ],
)
@pytest.mark.parametrize("maker", ["alice.zip", "alice.tar.gz"])
def test_a_dangerous_name_is_refused(tmp_path, refused, maker, name):
    refused(MAKERS[maker](tmp_path / maker, HONEST | {name: b""}))
    assert not (tmp_path / "out").exists()


def test_a_nul_in_a_zip_name_is_refused(tmp_path, refused):
    for nul in (b"rdlab/x\0z.py", b"\0dlab/xyz.py"):
        path = make_zip(tmp_path / "a.zip", HONEST | {"rdlab/xyz.py": b""})
        path.write_bytes(path.read_bytes().replace(b"rdlab/xyz.py", nul))
        assert "control character" in refused(path)


@pytest.mark.parametrize(
    "kind",
    [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE],
)
def test_a_special_tar_member_is_refused(tmp_path, refused, kind):
    path = tmp_path / "a.tgz"
    with tarfile.open(path, "w:gz") as archive:
        add_member(archive, "rdlab/a.py", b"x = 1\n")
        add_member(archive, "rdlab/b.py", type=kind, linkname="/etc/passwd")
    assert "link or special file" in refused(path)


def test_a_link_in_a_zip_is_refused(tmp_path, refused):
    path = make_zip(tmp_path / "a.zip", HONEST)
    with zipfile.ZipFile(path, "a") as archive:
        link = zipfile.ZipInfo("rdlab/b.py")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    assert "link or special file" in refused(path)


def test_links_in_a_folder_are_never_followed(tmp_path, take):
    (tmp_path / "secret.py").write_text("secret = 1\n")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/x.py").write_text("secret = 1\n")
    folder = make_folder(tmp_path / "alice", HONEST)
    (folder / "rdlab/b.py").symlink_to(tmp_path / "secret.py")
    (folder / "rdlab/c").symlink_to(tmp_path / "outside")
    os.mkfifo(folder / "rdlab/d.py")
    intake = take(folder)
    assert copied(tmp_path) == HONEST
    assert [name for name in intake.left_out if "link or special" in name] == [
        f"rdlab/{name} (a link or special file)" for name in ("b.py", "c", "d.py")
    ]


def test_a_package_that_is_a_link_is_no_package(tmp_path, refused):
    make_folder(tmp_path / "bob", HONEST)
    (tmp_path / "alice").mkdir()
    (tmp_path / "alice/rdlab").symlink_to(tmp_path / "bob/rdlab")
    assert "rdlab/" in refused(tmp_path / "alice")


@pytest.mark.parametrize("first", ["file", "folder"])
def test_a_file_swapped_for_a_link_after_the_listing(tmp_path, refused, monkeypatch, first):
    from autograder.intake import reading as intake

    folder = make_folder(tmp_path / "alice", HONEST)
    make_folder(tmp_path / "secret", HONEST)
    swapped = "rdlab/gaussian.py" if first == "file" else "rdlab"
    choose = intake._choose

    def choose_then_swap(*args):
        chosen = choose(*args)
        (folder / swapped).rename(tmp_path / "moved")
        (folder / swapped).symlink_to(tmp_path / "secret" / swapped)
        return chosen

    monkeypatch.setattr(intake, "_choose", choose_then_swap)
    assert "cannot be read" in refused(folder)


def test_a_file_that_grows_while_it_is_copied(tmp_path, refused, monkeypatch):
    from autograder.intake import reading as intake

    folder = make_folder(tmp_path / "alice", HONEST)
    chunks = intake._chunks

    def chunks_then_grow(stream, path):
        yield from chunks(stream, path)
        (folder / "rdlab/gaussian.py").write_bytes(b"x" * 1000)

    monkeypatch.setattr(intake, "_chunks", chunks_then_grow)
    assert "changed while it was copied" in refused(folder)


@pytest.mark.parametrize(
    "again",
    ["rdlab/gaussian.py", "rdlab//gaussian.py", "./rdlab/gaussian.py"],
)
@pytest.mark.parametrize("archive", ["zip", "tgz"])
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_duplicate_member_is_refused(tmp_path, refused, archive, again):
    path = tmp_path / f"a.{archive}"
    if archive == "zip":
        make_zip(path, HONEST)
        with zipfile.ZipFile(path, "a") as opened:
            opened.writestr(again, b"other")
    else:
        with tarfile.open(path, "w:gz") as opened:
            add_member(opened, "rdlab/gaussian.py", b"one")
            add_member(opened, again, b"other")
    refused(path)


@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.parametrize("pair", [("A.py", "a.py"), ("\u00e9.py", "e\u0301.py"), ("ß.py", "ss.py")])
def test_colliding_names_are_refused(tmp_path, refused, name, pair):
    files = {f"rdlab/{file}": b"" for file in pair}
    assert "same name" in refused(MAKERS[name](tmp_path / name, files))


def test_a_file_below_a_file_is_refused(tmp_path, refused):
    path = make_zip(tmp_path / "a.zip", {"rdlab/a.py": b"", "rdlab/a.py/b.py": b""})
    assert "inside a file" in refused(path)


def test_two_packages_are_refused(tmp_path, refused):
    path = make_zip(tmp_path / "a.zip", {"one/rdlab/a.py": b"", "two/rdlab/a.py": b""})
    assert "more than one" in refused(path)


@pytest.mark.parametrize("name", MAKERS)
def test_too_many_files_are_refused(tmp_path, refused, name):
    files = {f"rdlab/x{i}.py": b"" for i in range(LIMITS.submission_files + 1)}
    assert "20 files" in refused(MAKERS[name](tmp_path / name, files))


@pytest.mark.parametrize("name", ["alice.zip", "alice.tar.gz"])
def test_endless_members_are_refused(tmp_path, refused, name):
    files = HONEST | {f"junk/{i}": b"" for i in range(200)}
    assert "20 files" in refused(MAKERS[name](tmp_path / name, files))


@pytest.mark.parametrize("name", MAKERS)
def test_a_bomb_is_refused(tmp_path, refused, name):
    path = MAKERS[name](tmp_path / name, HONEST | {"rdlab/b.py": b"#" * 2**21})
    assert "1 MB" in refused(path)
    written = sum(len(content) for content in copied(tmp_path).values())
    assert written <= intake.MB


def test_a_bomb_that_lies_about_its_size_is_refused(tmp_path, refused):
    path = tmp_path / "a.zip"
    make_zip(path, {"rdlab/b.py": b"#" * 2**21})
    size = struct.pack("<L", 2**21)
    assert path.read_bytes().count(size) == 2
    path.write_bytes(path.read_bytes().replace(size, struct.pack("<L", 10)))
    refused(path)
    assert sum(map(len, copied(tmp_path).values())) <= intake.MB


def test_a_bomb_among_the_left_out_is_not_unpacked(tmp_path, take, refused):
    files = HONEST | {"zeros.bin": bytes(2**23)}
    assert take(make_zip(tmp_path / "a.zip", files)).left_out == ("zeros.bin",)
    refused(make_tar(tmp_path / "a.tgz", files))


def test_an_endless_tar_header_is_refused(tmp_path, refused):
    path = tmp_path / "a.tgz"
    with tarfile.open(path, "w:gz") as archive:
        add_member(archive, "rdlab/a.py", pax_headers={"comment": "9" * 10_000})
    assert "endless number" in refused(path)
    with tarfile.open(path, "w:gz") as archive:
        add_member(archive, "rdlab/a.py", pax_headers={"comment": "x" * 100_000})
    assert "too long" in refused(path)


def test_a_rarely_packed_member_is_refused(tmp_path, refused):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("rdlab/a.py", b"x = 1\n")
    assert "ordinary .zip" in refused(path)


# Notes


@pytest.mark.parametrize(
    ("source", "note"),
    [
        (b"x = 1\n\ndef f(:\n", "rdlab/a.py line 3: invalid syntax"),
        (b"x = '\xff'\n", "rdlab/a.py is not UTF-8: save it as UTF-8"),
        ("x = 1\n".encode("utf-16"), "rdlab/a.py is not UTF-8: save it as UTF-8"),
        (b"# coding: punycode\nx = 1\n", "rdlab/a.py is declared as punycode: save it as UTF-8"),
        (b"return 1\n", "rdlab/a.py line 1: 'return' outside function"),
        (b"-" * 100_000 + b"1", "rdlab/a.py is nested too deeply for Python to read: simplify it"),
        (b"x = 1\x00\n", "rdlab/a.py: source code string cannot contain null bytes"),
    ],
)
def test_a_file_that_python_cannot_read_is_noted(tmp_path, take, source, note):
    intake = take(make_zip(tmp_path / "a.zip", {"rdlab/a.py": source}))
    assert intake.notes == (note,)


@pytest.mark.parametrize(
    "source",
    [
        b"x = 1\r\nif x:\r\n    y = 2\r\n",
        b"\xef\xbb\xbfx = 'with a byte order mark'\n",
        "β = 'σ'\n".encode(),
        b"x = '\\d'  # an invalid escape is only a warning\n",
        b"(" * 250_000,  # too large to be searched
    ],
)
def test_a_file_that_needs_no_note(tmp_path, take, source):
    assert take(make_zip(tmp_path / "a.zip", {"rdlab/a.py": source})).notes == ()


def test_diagnosis_executes_nothing(tmp_path, take):
    witness = tmp_path / "witness"
    take(make_folder(tmp_path / "a", {"rdlab/a.py": f"open({str(witness)!r}, 'w')".encode()}))
    assert not witness.exists()


def test_an_archive_of_countless_empty_parts_is_refused(tmp_path):
    whole = make_tar(tmp_path / "ada.tar.gz", HONEST)
    whole.write_bytes(gzip.compress(b"") * 100_000 + whole.read_bytes())
    with pytest.raises(IntakeError, match="more than"):
        read_submission(whole, tmp_path / "out", LIMITS)


def test_given_parts_of_pages_are_not_listed_as_ignored(take, tmp_path):
    pages = {"rdlab/lab/explorer_page/page.js": b"", "rdlab/lab/geometry/page.html": b""}
    taken = take(make_folder(tmp_path / "a", HONEST | pages | {"rdlab/lab/notes.pdf": b""}))
    assert "rdlab/lab/notes.pdf" in taken.left_out
    assert not [name for name in taken.left_out if name.endswith((".js", ".html"))]


# What tarfile, zipfile and folders make of damage


def raw_header(name: bytes, kind: bytes, size: int | bytes) -> bytes:
    """A tar header of any size, also of a negative one."""
    header = bytearray(512)
    header[: len(name)] = name
    header[124:136] = size if isinstance(size, bytes) else b"%011o\0" % size
    header[148:156] = b" " * 8
    header[156:157] = kind
    header[257:265] = b"ustar\x0000"
    header[148:156] = b"%06o\0 " % sum(header)
    return bytes(header)


def padded(content: bytes) -> bytes:
    return content + bytes(-len(content) % 512)


def pax(record: str) -> bytes:
    length = next(n for n in range(9999) if n == len(f"{n} {record}\n"))
    content = f"{length} {record}\n".encode()
    return raw_header(b"pax", b"x", len(content)) + padded(content)


BACKWARD = b"\xff" * 10 + b"\xfc\x00"
"""-1024 as tar writes what is beyond its octal digits."""
HELLO = raw_header(b"rdlab/a.py", b"0", 6) + padded(b"x = 1\n")


@pytest.mark.parametrize(
    "tar",
    [
        pax("GNU.sparse.major=1") + pax("GNU.sparse.minor=0") + HELLO[:512],
        pax("GNU.sparse.map=0,1,2") + HELLO,
        pax("GNU.sparse.size=9") + HELLO,
        raw_header(b"rdlab/a.py", b"S", 6) + HELLO[512:],
        HELLO + raw_header(b"rdlab/b.py", b"0", BACKWARD) + bytes(2048),
        HELLO + pax("size=-1024") + raw_header(b"rdlab/b.py", b"0", 0) + bytes(2048),
        HELLO + pax("size=1000000000") + raw_header(b"rdlab/b.py", b"0", 0),
        HELLO + raw_header(b"rdlab/b.py", b"0", 10**9),
        HELLO + raw_header(b"long", b"L", 0) + raw_header(b"long", b"L", 0) * 5000,
        HELLO + pax("path=rdlab/b.py")[:600],
        b"".join(pax(f"k{i}=v") for i in range(3000)) + HELLO,
    ],
)
def test_a_tar_made_by_hand_is_refused_soon(tmp_path, refused, tar):
    (tmp_path / "a.tar.gz").write_bytes(gzip.compress(tar + bytes(1024)))
    start = time.process_time()
    refused(tmp_path / "a.tar.gz")
    assert time.process_time() - start < 2


def test_nothing_is_unpacked_twice_for_steps_back(tmp_path, refused):
    """Each cost unpacking all that came before it: 10 s for 4 kB."""
    zeros = raw_header(b"zeros", b"0", 3_000_320) + bytes(3_000_320)
    back = raw_header(b"back", b"0", BACKWARD)
    (tmp_path / "a.tar.gz").write_bytes(gzip.compress(zeros + HELLO + back * 3))
    assert "overlap" in refused(tmp_path / "a.tar.gz")


@pytest.mark.parametrize("error", [IndexError, struct.error, AssertionError, MemoryError, KeyError])
@pytest.mark.parametrize("library", ["zipfile.ZipFile", "tarfile.open"])
def test_whatever_a_library_raises_is_a_refusal(tmp_path, refused, monkeypatch, library, error):
    def broken(*_args, **_options):
        raise error("out of range")

    path = make_zip(tmp_path / "a.zip", HONEST) if "zip" in library else tmp_path / "a.tgz"
    if path.suffix == ".tgz":
        make_tar(path, HONEST)
    monkeypatch.setattr(library, broken)
    refused(path)


def test_a_fault_of_ours_is_no_refusal(tmp_path):
    """The folder for the copy cannot be written: no student's doing."""
    (tmp_path / "out").write_text("a file")
    found = intake.answer(make_zip(tmp_path / "a.zip", HONEST), tmp_path / "out", LIMITS)
    assert list(found) == ["fault"]


@pytest.mark.parametrize(
    "what", ["ada.zip", "ada.tar.gz", "ada", "ada/rdlab", "ada/rdlab/gaussian.py"]
)
def test_what_the_instructor_may_not_read_is_no_refusal(tmp_path, monkeypatch, what):
    make = {".zip": make_zip, ".gz": make_tar, "": make_folder}[Path(what.split("/")[0]).suffix]
    submission = make(tmp_path / Path(what).parts[0], HONEST)
    locked = tmp_path / what
    locked.chmod(0)
    if os.geteuid() == 0:  # who may read everything
        deny(monkeypatch, locked)
    found = intake.answer(submission, tmp_path / "out", LIMITS)
    locked.chmod(0o755)
    assert found == {"fault": [errno.EACCES, "Permission denied", str(locked)]}


def deny(monkeypatch, locked: Path) -> None:
    """Let the system calls behave as for somebody who may not read this file or folder."""
    access, open_, scan = os.access, os.open, os.scandir

    def refused(call):
        def guarded(path, *arguments, **named):
            if os.path.basename(path) == locked.name:
                raise PermissionError(errno.EACCES, "Permission denied")
            return call(path, *arguments, **named)

        return guarded

    monkeypatch.setattr(os, "access", lambda path, mode: path != locked and access(path, mode))
    monkeypatch.setattr(os, "open", refused(open_))
    monkeypatch.setattr(os, "scandir", refused(scan))


def test_a_folder_deeper_than_recursion(tmp_path, take):
    folder = make_folder(tmp_path / "ada", HONEST)
    place = os.getcwd()
    try:
        os.chdir(folder)
        for _ in range(1100):
            os.mkdir("deep")
            os.chdir("deep")
    finally:
        os.chdir(place)
    assert take(folder).left_out == ("deep/deep (a folder)",)
    subprocess.run(["rm", "-rf", folder], check=True)


def test_a_folder_of_countless_files_is_refused_soon(tmp_path, refused):
    folder = make_folder(tmp_path / "ada", HONEST)
    for number in range(5000):
        (folder / f"x{number}").touch()
    assert "more than 20 files" in refused(folder)


@pytest.mark.parametrize("seconds", [0, 10**10, 2**33])
def test_the_newest_time_of_what_is_taken(tmp_path, take, seconds):
    folder = make_folder(tmp_path / "ada", HONEST | {"left out": b""})
    for file in folder.rglob("*"):
        os.utime(file, (5, 5))
    os.utime(folder / "left out", (99, 99))
    os.utime(folder / "report.ipynb", (seconds, seconds))
    assert take(folder).kept.modified == max(5, seconds)
    archive = make_zip(tmp_path / "bob.zip", HONEST)
    os.utime(archive, (seconds, seconds))
    shutil.rmtree(tmp_path / "out")
    assert take(archive).kept.modified == seconds


def test_damage_of_every_kind_is_taken_or_refused_with_a_sentence(tmp_path):
    found = fuzz(300, "a test", tmp_path)
    assert sum(found.values()) == 300
    assert len(found) == 4
