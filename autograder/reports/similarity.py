"""Passages that two submissions share and most others do not: something to look at, no verdict.

Fingerprints of the tokens that intake keeps, names left out (Schleimer, Wilkerson and Aiken, 2003);
every one is kept, since modules are short. All that a student wrote is compared, whatever the file:
helper modules, and code in texts that are executed. What stands in the released stubs does not
count, and neither does what the reference says or many of the class wrote: short functions have one
natural form. Two things are shown beside: long passages that are the reference's word for word, and
trained models that are the same file, or the same but for noise, rounding and factors.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import networkx
import numpy as np

from autograder.intake.lexing import lexed_lines
from autograder.intake.modules import Kept
from autograder.reports.alike import Alike

K = 20
"""Characters of tokens in a fingerprint."""
COMMON_SHARE, COMMON_COUNT = 0.25, 5
"""A passage in more submissions than both the share of the class and the count is nobody's own."""
SHARED = 60
"""Characters of tokens that two submissions must share to be shown."""
ALIKE = 0.5
"""And this share of what one of them wrote of its own in a module."""
VERBATIM = 200
"""Characters of tokens in one passage that is the reference's, to be shown."""
REFERENCE = "the reference solution"
SAME_FILE, SAME_PASSAGE = "the same file", "word for word"
MAX_LINES, MAX_WIDTH = 80, 200
"""Of a passage in the report."""
NEAR_COPY = "nearly the same weights"
NEAR = 0.999
"""A cosine of two fingerprints of weights above which one is a near copy: noise of 4 %."""
BASE = np.uint64(0x9E3779B97F4A7C15)
BLOCK = 1 << 14


@dataclass(frozen=True)
class _Document:
    """A module as its tokens, without names."""

    file: str
    lines: tuple[str, ...]
    source: str

    @cached_property
    def text(self) -> str:
        return "".join("".join(line.split()) for line in self.lines)

    @cached_property
    def ends(self) -> np.ndarray:
        """Where each line ends in `text`."""
        return np.cumsum([len("".join(line.split())) for line in self.lines])

    @cached_property
    def marks(self) -> np.ndarray:
        """A fingerprint for each place in `text`, (len(text) - K + 1,) of uint64."""
        letters = np.frombuffer(self.text.encode("utf-32-le"), dtype=np.uint32).astype(np.uint64)
        count = max(0, len(letters) - K + 1)
        marks = np.zeros(count, dtype=np.uint64)
        for shift in range(K):
            marks = marks * BASE + letters[shift : shift + count] + np.uint64(1)
        return marks


@dataclass(frozen=True)
class _Passage:
    """What is shared of one module."""

    file: str
    lines: str
    longest: int
    characters: int
    share: float
    text: str
    """As it is written, each line with its number."""


def find_similar(
    submissions: dict[str, Kept],
    stubs: Path,
    reference: Path,
    earlier: dict[str, Kept] | None = None,
) -> list[Alike]:
    """Return groups of submissions to look at, the most that is shared first.

    Args:
        submissions: what is kept of each, by student.
        earlier: as `submissions`, of earlier terms; these are compared with the class only.
        stubs: the folder with the `rdlab/` that was released; its passages do not count.
        reference: the folder with the reference's `rdlab/`, of which the task modules are read.
    """
    given = _all_marks(_released(stubs, "**/*.py"))
    solution = _released(reference, "*.py")
    solved = _all_marks(solution)
    documents, before = _documents(submissions), _documents(earlier or {})
    common = np.union1d(_common(documents), given)
    found = list(_copies(documents, before, np.union1d(common, solved)))
    found += _verbatim(documents, solution, common)
    found += _same_files(submissions, earlier or {})
    found += _near_copies(submissions, earlier or {})
    return sorted(found, key=lambda group: (-group.characters, group.module, *group.places))


def _documents(submissions: dict[str, Kept]) -> dict[str, list[_Document]]:
    return {
        student: [
            _Document(file, module.lines, module.text) for file, module in kept.modules.items()
        ]
        for student, kept in submissions.items()
    }


def _released(folder: Path, pattern: str) -> list[_Document]:
    files = sorted((folder / "rdlab").glob(pattern))
    texts = {str(file): file.read_text(encoding="utf-8") for file in files}
    return [_Document(file, lexed_lines(text), text) for file, text in texts.items()]


def _all_marks(documents: Iterable[_Document]) -> np.ndarray:
    marks = [document.marks for document in documents]
    return np.unique(np.concatenate([np.zeros(0, dtype=np.uint64), *marks]))


def _among(marks: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """Return which marks are among the chosen ones, which are sorted."""
    places = np.searchsorted(chosen, marks)
    last = len(chosen) - 1
    return chosen[np.minimum(places, last)] == marks if len(chosen) else places < 0


def _without(marks: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    return marks[~_among(marks, chosen)]


def _most(students: int) -> float:
    """Return how many may share a fingerprint that is still somebody's own."""
    return max(COMMON_COUNT, COMMON_SHARE * students)


def _common(documents: dict[str, list[_Document]]) -> np.ndarray:
    """Return the fingerprints that many of the class have."""
    each = [_all_marks(own) for own in documents.values()]
    marks, counts = np.unique(np.concatenate([_all_marks([]), *each]), return_counts=True)
    return marks[counts > _most(len(documents))]


def _copies(
    now: dict[str, list[_Document]], before: dict[str, list[_Document]], nobodys: np.ndarray
) -> Iterator[Alike]:
    documents = before | now
    students = sorted(documents)
    own = {s: _without(_all_marks(documents[s]), nobodys) for s in students}
    graph = networkx.Graph()
    for first, second in _candidates([own[student] for student in students]):
        pair = students[first], students[second]
        if not any(student in now for student in pair):
            continue
        shared = np.intersect1d(own[pair[0]], own[pair[1]], assume_unique=True)
        passages = {
            student: _best([_passage(each, shared, nobodys) for each in documents[student]])
            for student in pair
        }
        if any(p.characters >= SHARED and p.share >= ALIKE for p in passages.values()):
            graph.add_edge(*pair, passages=passages)
    for group in networkx.connected_components(graph):
        edges = graph.subgraph(group).edges(data=True)
        yield _group([edge["passages"] for _, _, edge in edges])


def _candidates(own: list[np.ndarray]) -> Iterator[tuple[int, int]]:
    """Yield pairs with enough fingerprints in common, counted by products of 0/1 matrices."""
    sizes = [len(marks) for marks in own]
    students = np.repeat(np.arange(len(own)), sizes)
    _, inverse, counts = np.unique(
        np.concatenate([_all_marks([]), *own]), return_inverse=True, return_counts=True
    )
    columns = np.cumsum(counts > 1) - 1  # of those that several have
    several = counts[inverse] > 1
    students, columns = students[several], columns[inverse][several]
    shared = np.zeros((len(own), len(own)), dtype=np.float32)
    for start in range(0, int(columns.max(initial=-1)) + 1, BLOCK):
        here = (columns >= start) & (columns < start + BLOCK)
        matrix = np.zeros((len(own), BLOCK), dtype=np.float32)
        matrix[students[here], columns[here] - start] = 1
        shared += matrix @ matrix.T
    for first, second in np.argwhere(np.triu(shared >= SHARED - K + 1, 1)):
        yield int(first), int(second)


def _passage(document: _Document, shared: np.ndarray, nobodys: np.ndarray) -> _Passage:
    """Return how much of what is somebody's own in a module is shared, and the longest passage."""
    covered = _covered(document, _among(document.marks, shared))
    own = _covered(document, ~_among(document.marks, nobodys))
    edges = np.flatnonzero(np.diff(np.concatenate([[False], covered, [False]])))
    starts, ends = edges[::2], edges[1::2]
    if not len(starts):
        return _Passage(document.file, "", 0, 0, 0.0, "")
    at = int((ends - starts).argmax())
    # A passage of K - 1 common characters between two shared ones is covered, and is not own.
    share = min(1.0, float(covered.sum() / max(1, own.sum())))
    begin, end = _lines(document, int(starts[at]), int(ends[at]) - 1)
    lines = f"lines {begin}–{end}" if end > begin else f"line {begin}"
    text = _numbered(document, begin, end)
    longest = int((ends - starts).max())
    return _Passage(document.file, lines, longest, int(covered.sum()), share, text)


def _covered(document: _Document, marked: np.ndarray) -> np.ndarray:
    """Return which characters of a module belong to one of the marked fingerprints."""
    covered = np.zeros(len(document.text), dtype=bool)
    for shift in range(K):
        covered[shift : shift + len(marked)] |= marked
    return covered


def _lines(document: _Document, first: int, last: int) -> tuple[int, int]:
    begin, end = np.searchsorted(document.ends, [first, last], side="right") + 1
    return int(begin), int(end)


def _numbered(document: _Document, begin: int, end: int) -> str:
    """Return the lines from `begin` to `end`, with their numbers; long passages are cut."""
    lines = document.source.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    shown = list(enumerate(lines[begin - 1 : end], begin))[:MAX_LINES]
    rest = ["   …"] if end - begin + 1 > MAX_LINES else []
    return "\n".join([*(f"{number:4} {line[:MAX_WIDTH]}" for number, line in shown), *rest])


def _best(passages: list[_Passage]) -> _Passage:
    return max(passages, key=lambda passage: (passage.share >= ALIKE, passage.characters))


def _group(edges: list[dict[str, _Passage]]) -> Alike:
    closest: dict[str, _Passage] = {}
    for edge in edges:
        for student, passage in edge.items():
            if student not in closest or passage.characters > closest[student].characters:
                closest[student] = passage
    most = max(closest.values(), key=lambda passage: passage.characters)
    places = {
        student: passage.lines if passage.file == most.file else f"{passage.file} {passage.lines}"
        for student, passage in sorted(closest.items())
    }
    share = max(passage.share for edge in edges for passage in edge.values())
    texts = {student: passage.text for student, passage in sorted(closest.items())}
    return Alike(most.file, places, share, most.characters, texts)


def _verbatim(
    documents: dict[str, list[_Document]], solution: list[_Document], common: np.ndarray
) -> Iterator[Alike]:
    """Yield long passages of the reference that few have: it may have become public."""
    rare = _without(_all_marks(solution), common)
    for student, own in documents.items():
        passages = [_passage(document, rare, common) for document in own]
        longest = max(passages, key=lambda passage: passage.longest, default=None)
        if longest and longest.longest >= VERBATIM:
            places = {student: longest.lines, REFERENCE: SAME_PASSAGE}
            theirs = _all_marks(each for each in own if each.file == longest.file)
            origin = [_passage(each, np.intersect1d(theirs, rare), common) for each in solution]
            original = max(origin, key=lambda passage: passage.longest).text
            texts = {student: longest.text, REFERENCE: original}
            yield Alike(longest.file, places, longest.share, longest.longest, texts)


def _same_files(now: dict[str, Kept], before: dict[str, Kept]) -> Iterator[Alike]:
    """Yield models that are the same file in several submissions, the first of each group."""
    owners: dict[str, dict[str, str]] = {}
    for student, kept in sorted((before | now).items()):
        for file, digest in sorted(kept.weights.items()):
            owners.setdefault(digest, {})[student] = file
    seen = set()
    for places in owners.values():
        few = 1 < len(places) <= _most(len(now)) and not now.keys().isdisjoint(places)
        if few and tuple(places) not in seen:
            seen.add(tuple(places))
            yield Alike(next(iter(places.values())), dict.fromkeys(places, SAME_FILE), 1.0, 0)


def _near_copies(now: dict[str, Kept], before: dict[str, Kept]) -> Iterator[Alike]:
    """Yield models that are another's but for noise, rounding and factors, in any folder."""
    graph, by_size = networkx.Graph(), defaultdict(list)
    for student, kept in sorted((before | now).items()):
        for file, fingerprint in sorted(kept.fingerprints.items()):
            by_size[len(fingerprint)].append((student, file, fingerprint, kept.weights.get(file)))
    for models in by_size.values():
        for one, other in _close([fingerprint for _, _, fingerprint, _ in models]):
            (first, file, _, digest), (second, _, _, another) = models[one], models[other]
            if first != second and digest != another and not now.keys().isdisjoint((first, second)):
                graph.add_edge(first, second, file=file)
    for group in networkx.connected_components(graph):
        if len(group) <= _most(len(now)):
            file = min(edge for _, _, edge in graph.subgraph(group).edges(data="file"))
            yield Alike(file, dict.fromkeys(sorted(group), NEAR_COPY), 1.0, 0)


def _close(fingerprints: list[tuple[int, ...]]) -> Iterator[tuple[int, int]]:
    """Yield pairs of fingerprints of one size that point the same way."""
    vectors = np.array(fingerprints, dtype=np.float32)
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1)
    for one, other in np.argwhere(np.triu(vectors @ vectors.T > NEAR, 1)):
        yield int(one), int(other)
