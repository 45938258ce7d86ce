"""Passages that two submissions share and most others do not: something to look at, no verdict.

Winnowed fingerprints of the token stream, names left out (Schleimer, Wilkerson and Aiken, 2003),
as copydetect computes them. What stands in the released stubs does not count, and neither does
what the reference solution says or many of the class wrote: short functions have one natural form.
"""

import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import networkx
from copydetect import CodeFingerprint, compare_files
from copydetect.utils import get_token_coverage

from autograder.course import Course
from autograder.intake.modules import module_files

K = 20
"""Characters of filtered code in a fingerprint."""
WINDOW = 1
"""Every fingerprint is kept: task modules are short."""
COMMON_SHARE, COMMON_COUNT = 0.25, 5
"""A passage in more submissions than both the share of the class and the count is nobody's own."""
SHARED = 60
"""Characters of filtered code that two submissions must share in a module to be shown."""
ALIKE = 0.5
"""And this share of what the shorter of the two wrote of its own there."""


@dataclass(frozen=True)
class Alike:
    """Submissions that share a passage of a module: two, or more where each is like another."""

    module: str
    places: dict[str, str]
    """Student -> the lines of the longest shared passage."""
    share: float
    """The most that is shared of one's own code in the module, 0 to 1."""
    characters: int
    """The longest that is shared, names and comments left out."""


def find_similar(
    texts: dict[str, dict[str, str]], course: Course, known: list[Path]
) -> list[Alike]:
    """Return groups of submissions to look at, the longest shared passage first.

    Args:
        texts: by student, the text of each task module by its file, such as rdlab/probe.py.
        known: folders with an `rdlab/` whose passages do not count: the stubs, the reference.
    """
    found: list[Alike] = []
    for module in module_files(course):
        written = {
            student: _without_trailing_space(own[module])
            for student, own in texts.items()
            if module in own
        }
        found += _alike(module, written, [folder / module for folder in known])
    return sorted(found, key=lambda group: (-group.characters, group.module, *group.places))


def _without_trailing_space(text: str) -> str:
    """Long runs of white space take the lexer quadratic time."""
    return "\n".join(map(str.rstrip, text.split("\n")))


def _alike(module: str, texts: dict[str, str], known: list[Path]) -> Iterator[Alike]:
    prints = {student: _fingerprint(text) for student, text in texts.items()}
    spread = Counter(mark for fingerprint in prints.values() for mark in fingerprint.hashes)
    most = max(COMMON_COUNT, COMMON_SHARE * len(prints))
    common = {mark for mark, students in spread.items() if students > most}
    for file in known:
        common |= _fingerprint(file.read_text(encoding="utf-8")).hashes
    own = {student: _without(fingerprint, common) for student, fingerprint in prints.items()}
    graph = networkx.Graph()
    for first, second in combinations(sorted(own), 2):
        characters, shares, slices = compare_files(own[first], own[second])
        if characters >= SHARED and max(shares) >= ALIKE:
            lines = {
                first: _lines(texts[first], slices[0]),
                second: _lines(texts[second], slices[1]),
            }
            sizes = {"characters": int(characters), "share": max(shares)}
            graph.add_edge(first, second, lines=lines, **sizes)
    for group in networkx.connected_components(graph):
        yield _group(module, graph.subgraph(group))


def _group(module: str, graph: networkx.Graph) -> Alike:
    places = {}
    for student in sorted(graph):
        closest = max(graph[student].values(), key=lambda edge: edge["characters"])
        places[student] = closest["lines"][student]
    edges = [edge for _, _, edge in graph.edges(data=True)]
    share, characters = (max(edge[key] for edge in edges) for key in ("share", "characters"))
    return Alike(module, places, min(1.0, float(share)), characters)


def _lines(text: str, slices: Any) -> str:
    starts, ends = slices
    longest = int((ends - starts).argmax())
    first, last = (text.count("\n", 0, int(at[longest])) + 1 for at in (starts, ends))
    return f"lines {first}–{last}" if last > first else f"line {first}"


def _fingerprint(text: str) -> CodeFingerprint:
    return CodeFingerprint("module.py", K, WINDOW, fp=io.StringIO(text))


def _without(fingerprint: CodeFingerprint, common: set) -> CodeFingerprint:
    """Only what is nobody else's; copydetect's own list of boilerplate misses repeated passages."""
    fingerprint.hashes = fingerprint.hashes - common
    kept = {mark: at for mark, at in fingerprint.hash_idx.items() if mark not in common}
    fingerprint.hash_idx = kept
    length = len(fingerprint.filtered_code)
    fingerprint.token_coverage = get_token_coverage(kept, K, length)
    return fingerprint
