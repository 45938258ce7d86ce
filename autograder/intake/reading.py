"""The child that reads one submission: copies what is allowed, parses and lexes it, dates it.

Only files on the allow-list are copied; everything else is left out and listed. Nothing in a
submission is executed, followed (links) or believed (sizes in headers). As a program, this sets
limits to itself and writes lines of JSON, of which the last is the answer: `submission.collect`
reads them.
"""

import errno
import gzip
import hashlib
import io
import json
import os
import re
import resource
import stat
import sys
import tarfile
import unicodedata
import warnings
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import IO, cast

from autograder import typed_json
from autograder.course import Limits
from autograder.experiments import experiments
from autograder.intake.arrangement import (
    REPACK,
    archive_inside,
    arrange,
    nothing_found,
    without_copy_mark,
)
from autograder.intake.modules import MAX_ALL_BYTES, Kept, Module, keep_module
from autograder.intake.submission import (
    ARCHIVES,
    CPU_SECONDS,
    LOOSE,
    MEMORY,
    OTHER_ARCHIVES,
    Intake,
    IntakeError,
    delivered,
    loose_files,
    student_name,
)
from autograder.intake.syntax import diagnose
from autograder.intake.weights import weights_fingerprint
from autograder.text import printable

MB = 10**6
CHUNK = 2**16
ARCHIVE_OVERHEAD = 4
"""An archive may hold this many times the limits, in files that are then left out."""
HEADER_BYTES = 2**14
"""Longest tar header (long names, extended attributes)."""
SHOWN_LEFT_OUT, SHOWN_NAME = 20, 120
WEIGHTS = ".safetensors"
SPARSE = "it holds a sparse file"
UNTOLD = re.compile(r"(?:[^/]+/)?rdlab/lab/.+\.(?:css|html|js|md)|timestamp\.txt")
"""Parts of the lab's pages and nbgrader's time: not needed, and nothing to tell a student about."""
DEEPEST = 8
"""Folders in each other that are searched for a package."""
NESTED = 3
"""Archives in each other that are opened."""
MAGIC = {b"PK": ".zip", b"\x1f\x8b": ".tar.gz", b"Rar!": ".rar", b"7z\xbc\xaf": ".7z"}
"""What an archive begins with, whatever its name says."""
_Members = Iterator[tuple[str, Iterator[bytes]]]


@dataclass(frozen=True)
class _Archive:
    """An archive on disk, or one that was read from another one."""

    path: Path
    """Where it is, also as refusals name it."""
    content: bytes | None = None

    def open(self) -> IO[bytes]:
        return self.path.open("rb") if self.content is None else io.BytesIO(self.content)

    def __str__(self) -> str:
        return str(self.path)


@dataclass(frozen=True)
class _Source:
    """The names in a folder or archive, and how the chosen ones among them are read."""

    where: Path
    names: list[str]
    read: Callable[[dict[str, str]], _Members]


@dataclass(frozen=True)
class _Found:
    """A package in a delivery, and on what way it was found."""

    source: _Source
    chosen: dict[str, str]
    outermost: tuple[str, ...]
    """Names in the delivery that were taken, or that hold what was taken."""
    left_out: tuple[str, ...]
    said: str


def main() -> None:
    """Read the submission that the command line names; write the answer as a line of JSON."""
    warnings.simplefilter("ignore")
    for kind, limit in ((resource.RLIMIT_CPU, CPU_SECONDS), (resource.RLIMIT_AS, MEMORY)):
        hard = resource.getrlimit(kind)[1]
        resource.setrlimit(kind, (limit if hard < 0 else min(limit, hard), hard))
    path, destination, limits = json.loads(sys.argv[1])
    print(json.dumps(answer(Path(path), Path(destination), Limits(**limits))), flush=True)


def answer(path: Path, destination: Path, limits: Limits) -> dict:
    """Return what becomes of a submission: {"taken": ...}, {"refused": ...} or {"fault": ...}."""
    try:
        return {"taken": typed_json.to_json(read_submission(path, destination, limits))}
    except IntakeError as error:
        return {"refused": str(error)}
    except OSError as error:  # of the copy: what cannot be read is refused above
        return {"fault": [error.errno, error.strerror or str(error), str(error.filename or path)]}
    except Exception as error:
        return {"refused": str(_corrupt(path, error))}


def read_submission(path: Path, destination: Path, limits: Limits) -> Intake:
    """Do the work of `submission.collect` in this process, without its limits.

    Raises:
        IntakeError: the submission is refused.
        OSError: the copy cannot be written, or the instructor may not read the archive.
    """
    found = _find(_source(path, limits), limits)
    digests = _copy(found.source.read(found.chosen), destination, path, limits)
    sha256 = hashlib.sha256()
    for file in sorted(digests):
        sha256.update(file.encode() + b"\0" + digests[file])
    notes, modules = _parse(destination, sorted(digests))
    weights = {file: digests[file].hex() for file in sorted(digests) if file.endswith(WEIGHTS)}
    fingerprints = {file: weights_fingerprint(destination / file) for file in weights}
    fingerprints = {file: found for file, found in fingerprints.items() if found}
    return Intake(
        student=student_name(path),
        sha256=sha256.hexdigest(),
        files=tuple(sorted(digests)),
        left_out=_shorten(name for name in found.left_out if not UNTOLD.fullmatch(name)),
        notes=tuple(notes),
        arrangement=printable(found.said),
        kept=Kept(_modified(path, found.outermost), modules, weights, fingerprints),
    )


def _find(source: _Source, limits: Limits, depth: int = 0) -> _Found:
    """Look for the package in a delivery, or else in the only archive in it.

    Raises:
        IntakeError: there is none, or several may be meant.
    """
    parts = _all_parts(source)
    chosen, said = _choose(source.where, parts, limits)
    if chosen:
        rest = tuple(name for name in source.names if name not in chosen)
        return _Found(source, chosen, tuple(chosen), rest, said and f"Taken: {said}.")
    inner = archive_inside(source.where, parts) if depth < NESTED else None
    if inner is None:
        raise nothing_found(source.where, parts)
    found = _find(_archive_in(source, inner, limits), limits, depth + 1)
    rest = tuple(name for name in source.names if name != inner)
    said = f"{found.said} " if found.said else ""
    said += f"It was read from {inner}." if depth == 0 else ""
    return replace(found, outermost=(inner,), left_out=rest + found.left_out, said=said.strip())


def _source(path: Path, limits: Limits) -> _Source:
    """Return the source for this kind of delivery."""
    if path.is_dir():
        names = _list_folder_as_deep_as_needed(path, limits)
        return _Source(path, names, lambda chosen: _read_folder(path, chosen))
    if not path.is_file():
        raise IntakeError(f"{path} is neither a folder nor a file: submit a folder or .zip")
    if not os.access(path, os.R_OK):
        raise _no_permission(path)
    if path.name.lower().endswith(LOOSE):
        return _loose(path)
    return _opened(_Archive(path), limits)


def _loose(path: Path) -> _Source:
    """Return the loose files of a student; of those with the same name the newest."""
    files = {}
    for file in loose_files(path):
        named = delivered(file.name)
        files[without_copy_mark(named["own"]) if named else file.name] = file.name
    whose = {file: own for own, file in files.items()}

    def read(chosen: dict[str, str]) -> _Members:
        return _read_folder(path.parent, {files[own]: file for own, file in chosen.items()})

    return _Source(path, list(whose.values()), read)


def _opened(archive: _Archive, limits: Limits) -> _Source:
    """Return the source of an archive, of the kind that its first bytes tell, or else its name."""
    with archive.open() as file:
        start = file.read(6)
    kind = next((MAGIC[magic] for magic in MAGIC if start.startswith(magic)), "")
    name = archive.path.name.lower()
    suffix = kind or next((s for s in ARCHIVES + OTHER_ARCHIVES if name.endswith(s)), "")
    if suffix == ".zip":
        names = _list_zip(archive, limits)
        return _Source(archive.path, names, lambda chosen: _read_zip(archive, chosen))
    if suffix in ARCHIVES:
        names = _list_tar(archive, limits)
        return _Source(archive.path, names, lambda chosen: _read_tar(archive, chosen, limits))
    if suffix:
        raise IntakeError(f"{archive} is a {suffix} archive: {REPACK}")
    raise IntakeError(f"{archive} is neither a folder nor a .zip, .tar.gz or .tgz: pack it as one")


def _archive_in(source: _Source, inner: str, limits: Limits) -> _Source:
    """Read an archive that is packed in another, or is in a folder, into memory."""
    content, left = bytearray(), int(limits.submission_mb * MB)
    for _, chunks in source.read({inner: inner}):
        for chunk in chunks:
            content += chunk
            if len(content) > left:
                raise _too_large(source.where, limits)
    return _opened(_Archive(source.where / _printable(inner), bytes(content)), limits)


# The allow-list


def _all_parts(source: _Source) -> dict[str, tuple[str, ...]]:
    """Return the parts of every name; refuse names that are not to be trusted."""
    where, names = source.where, source.names
    if not names:
        raise IntakeError(f"{where} is empty: submit the folder that holds rdlab/")
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise IntakeError(f"{where} holds {_printable(twice[0])!r} twice: pack the folder again")
    parts = {name: _parts(where, name) for name in names}
    parts = {name: split for name, split in parts.items() if "__MACOSX" not in split}
    _refuse_collisions(where, parts)
    return parts


def _choose(
    where: Path, parts: dict[str, tuple[str, ...]], limits: Limits
) -> tuple[dict[str, str], str]:
    """Return what to copy, and what of that must be said, if anything.

    What to copy is {name in the submission: relative path}, empty where there is no package.
    """
    found = arrange(where, parts, _allowed)
    chosen = found.chosen if found else {}
    if len(chosen) > limits.submission_files:
        raise _too_large(where, limits)
    if found is None or not any(file.startswith("rdlab/") for file in chosen.values()):
        return {}, ""
    return chosen, "; ".join(found.said)


def _parts(path: object, name: str) -> tuple[str, ...]:
    """Return the parts of a member's name; refuse one that could lead out of the folder."""
    shown = _printable(name)
    if any(unicodedata.category(character) == "Cc" for character in name):
        raise IntakeError(f"{path}: the name {shown!r} has a control character: rename the file")
    if name.startswith(("/", "\\")) or re.match(r"[A-Za-z]:", name):
        raise IntakeError(f"{path}: {shown!r} is no relative path: pack the folder again")
    parts = tuple(part for part in re.split(r"[/\\]", name) if part not in ("", "."))
    if ".." in parts:
        raise IntakeError(f"{path}: {shown!r} leads out of the folder: pack the folder again")
    if not parts or len(name) > 1000:
        raise IntakeError(f"{path}: the name {shown!r} is empty or too long: rename the file")
    return parts


def _refuse_collisions(path: object, parts: dict[str, tuple[str, ...]]) -> None:
    """Refuse names that mean the same file on any system, and a file that is a folder as well."""
    seen: dict[tuple[str, ...], str] = {}
    for name, split in parts.items():
        key = tuple(unicodedata.normalize("NFC", part).casefold() for part in split)
        if key in seen:
            raise IntakeError(
                f"{path}: {_printable(seen[key])!r} and {_printable(name)!r} are the same name: "
                "keep one of them"
            )
        seen[key] = name
    for key, name in seen.items():
        if any(key[:depth] in seen for depth in range(1, len(key))):
            raise IntakeError(f"{path}: {_printable(name)!r} lies inside a file: pack it again")


def _allowed(parts: tuple[str, ...]) -> bool:
    if any(part.startswith(".") or len(part.encode(errors="replace")) > 200 for part in parts):
        return False
    if any(not part.isprintable() for part in parts):
        return False
    if parts[0] == "rdlab":
        return 2 <= len(parts) <= 4 and parts[-1].endswith(".py")
    if any(experiment.takes_file(parts) for experiment in experiments().values()):
        return True
    return parts == ("report.ipynb",)


def _shorten(names: Iterable[str]) -> tuple[str, ...]:
    names = sorted(names)
    shown = [_printable(name) for name in names[:SHOWN_LEFT_OUT]]
    if len(names) > SHOWN_LEFT_OUT:
        shown.append(f"… and {len(names) - SHOWN_LEFT_OUT} more")
    return tuple(shown)


def _printable(name: str) -> str:
    return printable(name, most=SHOWN_NAME)


def _too_large(path: object, limits: Limits) -> IntakeError:
    return IntakeError(
        f"{path} holds more than {limits.submission_files} files or {limits.submission_mb:g} MB "
        "unpacked: leave out what the handout does not ask for"
    )


def _no_permission(path: Path) -> PermissionError:
    """Return the error of a file that the instructor may not read: no student is refused for it."""
    return PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))


def _corrupt(path: object, error: Exception) -> IntakeError:
    """Return any error of reading as a refusal; tarfile and zipfile raise many kinds."""
    if isinstance(error, IntakeError):
        return error
    reason = _printable(str(error)) or type(error).__name__
    return IntakeError(f"{path} cannot be read ({reason}): pack and submit it again")


# Copying


def _copy(members: _Members, destination: Path, path: Path, limits: Limits) -> dict[str, bytes]:
    """Write the files and return the SHA-256 of each; bytes are counted as they come."""
    left = int(limits.submission_mb * MB)
    digests = {}
    for file, chunks in members:
        digest = hashlib.sha256()
        with _create(destination, file) as out:
            for chunk in chunks:
                left -= len(chunk)
                if left < 0:
                    raise _too_large(path, limits)
                digest.update(chunk)
                out.write(chunk)
        digests[file] = digest.digest()
    return digests


def _create(destination: Path, file: str) -> io.BufferedWriter:
    """Open a new file of mode 0644 in folders of mode 0755, whatever the umask."""
    target = destination / file
    for folder in [*reversed(Path(file).parents)]:
        (destination / folder).mkdir(exist_ok=True)
        (destination / folder).chmod(0o755)
    out = target.open("xb")
    os.fchmod(out.fileno(), 0o644)
    return out


def _chunks(stream: IO[bytes], path: object) -> Iterator[bytes]:
    try:
        while chunk := stream.read(CHUNK):
            yield chunk
    except Exception as error:
        raise _corrupt(path, error) from None


# Folders


def _list_folder_as_deep_as_needed(path: Path, limits: Limits) -> list[str]:
    """List the names in a folder: near the top, or deeper where no package is there."""
    names = _list_folder(path, limits, _may_lead_to_allowed)
    if any("rdlab" in name.split("/")[:2] and name.endswith(".py") for name in names):
        return names
    try:
        return _list_folder(path, limits, _may_lead_to_a_package)
    except IntakeError:  # too much, such as an environment
        return names


def _list_folder(
    path: Path, limits: Limits, leads_on: Callable[[tuple[str, ...]], bool]
) -> list[str]:
    names: list[str] = []
    pending: list[tuple[str, ...]] = [()]
    while pending:
        parts = pending.pop()
        for entry in _scan(path, parts, limits):
            inner = (*parts, entry.name)
            name = "/".join(inner)
            if entry.is_dir(follow_symlinks=False) and leads_on(inner):
                pending.append(inner)
            else:
                names.append(name + _remark(entry))
        if len(names) + len(pending) > ARCHIVE_OVERHEAD * limits.submission_files:
            raise _too_large(path, limits)
    return names


def _may_lead_to_a_package(parts: tuple[str, ...]) -> bool:
    return not parts[-1].startswith(".") and len(parts) <= DEEPEST


def _scan(path: Path, parts: tuple[str, ...], limits: Limits) -> list[os.DirEntry]:
    """List the entries of a folder, up to one more than there may be."""
    try:
        with os.scandir(path.joinpath(*parts)) as entries:
            some = islice(entries, ARCHIVE_OVERHEAD * limits.submission_files + 1)
            return sorted(some, key=lambda entry: entry.name)
    except PermissionError:
        raise _no_permission(path.joinpath(*parts)) from None
    except OSError as error:
        raise IntakeError(
            f"{path}: {'/'.join(parts) or 'the folder'} cannot be read ({error.strerror}): "
            "make it readable"
        ) from None


def _may_lead_to_allowed(parts: tuple[str, ...]) -> bool:
    if parts[-1].startswith("."):
        return False
    if len(parts) == 1 or (len(parts) <= 4 and "rdlab" in parts[:2]):
        return True
    known = experiments().values()
    return any(each.takes_folder(parts[start:]) for each in known for start in (0, 1))


def _remark(entry: os.DirEntry) -> str:
    """Return why the allow-list takes no such entry, to be said after its name; "" for a file."""
    if entry.is_dir(follow_symlinks=False):
        return " (a folder)"
    return "" if entry.is_file(follow_symlinks=False) else " (a link or special file)"


def _read_folder(path: Path, chosen: dict[str, str]) -> _Members:
    for name, file in chosen.items():
        yield file, _folder_chunks(path, name)


def _folder_chunks(path: Path, name: str) -> Iterator[bytes]:
    try:
        with _open_beneath(path, name) as stream:
            before = os.fstat(stream.fileno())
            if not stat.S_ISREG(before.st_mode):
                raise IntakeError(f"{path}: {name} is no ordinary file: replace it by one")
            yield from _chunks(stream, path)
            after = os.fstat(stream.fileno())
    except PermissionError:
        raise _no_permission(path / name) from None
    except OSError as error:
        raise IntakeError(
            f"{path}: {name} cannot be read ({error.strerror}): make it an ordinary, readable file"
        ) from None
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise IntakeError(f"{path}: {name} changed while it was copied: grade it again")


def _open_beneath(path: Path, name: str) -> io.FileIO:
    """Open a file below a folder without following any link on the way, even a new one."""
    *folders, file = name.split("/")
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    for folder in folders:
        descriptor = _step(descriptor, folder, os.O_DIRECTORY)
    return io.FileIO(_step(descriptor, file, os.O_NONBLOCK))


def _step(descriptor: int, part: str, flag: int) -> int:
    try:
        return os.open(part, os.O_RDONLY | os.O_NOFOLLOW | flag, dir_fd=descriptor)
    finally:
        os.close(descriptor)


# Zip archives


def _list_zip(path: _Archive, limits: Limits) -> list[str]:
    try:
        _refuse_many(b"PK\x01\x02", path, limits)  # zipfile reads the whole directory into memory
        with path.open() as file, zipfile.ZipFile(file) as archive:
            members = archive.infolist()
    except Exception as error:
        raise _corrupt(path, error) from None
    for member in members:
        _check_zip_member(path, member)
    names = [member.orig_filename for member in members]
    return [name for name in names if not name.endswith("/")]


def _refuse_many(signature: bytes, path: _Archive, limits: Limits) -> None:
    """Count in how many entries, or parts, an archive is before a library reads them all."""
    most = int(ARCHIVE_OVERHEAD * limits.submission_mb * MB)
    with path.open() as file:
        content = file.read(most + 1)
    if len(content) > most or content.count(signature) > ARCHIVE_OVERHEAD * limits.submission_files:
        raise _too_large(path, limits)


def _check_zip_member(path: _Archive, member: zipfile.ZipInfo) -> None:
    shown = _printable(member.orig_filename)
    if member.flag_bits & 0x1:
        raise IntakeError(f"{path}: {shown!r} is encrypted: pack it without a password")
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise IntakeError(f"{path}: {shown!r} is a link or special file: leave it out")
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise IntakeError(f"{path}: {shown!r} is packed in a rare way: pack it as an ordinary .zip")


def _read_zip(path: _Archive, chosen: dict[str, str]) -> _Members:
    with path.open() as opened, zipfile.ZipFile(opened) as archive:
        for name, file in chosen.items():
            try:
                stream = archive.open(name)
            except Exception as error:
                raise _corrupt(path, error) from None
            with stream:
                yield file, _chunks(stream, path)


# Tar archives


class _Header(tarfile.TarInfo):
    """A member's header, refused before tarfile looks for the map of a file with holes."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> "_Header":
        header = super().frombuf(buf, encoding, errors)
        if header.type == tarfile.GNUTYPE_SPARSE:
            raise tarfile.ReadError(SPARSE)
        return header


class _TarStream:
    """What tarfile reads headers from, and we contents; it only goes forward.

    A member's size may be negative: going back would unpack everything again for each member.
    """

    def __init__(self, unpacked: gzip.GzipFile, path: _Archive, limits: Limits):
        self.unpacked, self.path, self.limits = unpacked, path, limits
        self.position, self.target = 0, 0
        self.last_header = b""

    def tell(self) -> int:
        return self.target

    def seek(self, target: int) -> None:
        if target < self.position:
            raise tarfile.ReadError("its parts overlap")
        if target > ARCHIVE_OVERHEAD * self.limits.submission_mb * MB:
            raise _too_large(self.path, self.limits)
        self.target = target

    def read(self, size: int) -> bytes:
        """Read (a part of) a header."""
        if size > HEADER_BYTES:
            raise tarfile.ReadError("a header is too long")
        block = self._take(size)
        # tarfile's header parser takes quadratic time on long runs of digits.
        if size > tarfile.BLOCKSIZE and re.search(rb"\d{64}", block):
            raise tarfile.ReadError("a header holds an endless number")
        if b" GNU.sparse." in block:
            raise tarfile.ReadError(SPARSE)
        if size >= tarfile.BLOCKSIZE:
            self.last_header = block
        return block

    def content(self, size: int) -> Iterator[bytes]:
        """Yield the content of a member that begins here."""
        while size > 0:
            chunk = self._take(min(CHUNK, size))
            if not chunk:
                raise EOFError("it ends too early")
            size -= len(chunk)
            yield chunk

    def finish(self) -> None:
        """Read what is left, to the checksum."""
        if self.last_header.strip(b"\0"):
            raise tarfile.ReadError("it ends within a header, or a header is damaged")
        while self._take(CHUNK):
            self.seek(self.target)

    def _take(self, size: int) -> bytes:
        while self.position < self.target:
            skipped = self.unpacked.read(min(CHUNK, self.target - self.position))
            if not skipped:
                raise EOFError("it ends too early")
            self.position += len(skipped)
        block = self.unpacked.read(size)
        self.position += len(block)
        self.target = self.position
        return block


def _tar_members(path: _Archive, limits: Limits) -> Iterator[tuple[tarfile.TarInfo, _TarStream]]:
    """Yield the regular members in order; at each, the stream stands before its content."""
    try:
        with path.open() as packed, gzip.open(packed) as unpacked:
            stream = _TarStream(unpacked, path, limits)
            file = cast(IO[bytes], stream)
            with tarfile.open(fileobj=file, mode="r:", tarinfo=_Header) as archive:
                for count, member in enumerate(archive):
                    if count > ARCHIVE_OVERHEAD * limits.submission_files:
                        raise _too_large(path, limits)
                    _check_tar_member(path, member)
                    if member.isfile():
                        stream.seek(member.offset_data)
                        yield member, stream
            stream.finish()
    except Exception as error:
        raise _corrupt(path, error) from None


def _check_tar_member(path: _Archive, member: tarfile.TarInfo) -> None:
    if not (member.isfile() or member.isdir()):
        raise IntakeError(
            f"{path}: {_printable(member.name)!r} is a link or special file: leave it out"
        )


def _list_tar(path: _Archive, limits: Limits) -> list[str]:
    try:
        _refuse_many(b"\x1f\x8b\x08", path, limits)  # gzip may be in parts, millions of empty ones
    except OSError as error:
        raise _corrupt(path, error) from None
    return [member.name for member, _ in _tar_members(path, limits)]


def _read_tar(path: _Archive, chosen: dict[str, str], limits: Limits) -> _Members:
    for member, stream in _tar_members(path, limits):
        if member.name in chosen:
            yield chosen[member.name], stream.content(member.size)


# Modules and dates


def _parse(destination: Path, files: Iterable[str]) -> tuple[list[str], dict[str, Module]]:
    """Return notes on modules that Python cannot read, and what is kept of the others.

    That takes any amount of time and memory where somebody wants it to (blocks of try and finally
    in each other, say): which file is being read is told, lest it be the last.
    """
    notes: list[str] = []
    modules: dict[str, Module] = {}
    left = MAX_ALL_BYTES
    for file in files:
        if not file.endswith(".py"):
            continue
        print(json.dumps({"reading": file}), flush=True)
        if note := diagnose(destination / file, file):
            notes.append(printable(note))
        elif module := keep_module(destination, file, left):
            modules[file] = module
            left -= len(module.text)
    return notes, modules


def _modified(path: Path, names: Iterable[str]) -> float:
    """Return the newest time of the archive, or of the files that are taken from the folder."""
    files = [path / name for name in names] if path.is_dir() else loose_files(path)
    return max(os.lstat(file).st_mtime for file in files)


if __name__ == "__main__":
    main()
