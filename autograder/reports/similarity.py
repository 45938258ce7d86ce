"""Passages that two submissions share and most others do not: something to look at, no verdict.

Winnowed fingerprints of the token stream, names left out (Schleimer, Wilkerson and Aiken, 2003),
on the tokens of Pygments. What stands in the released stubs does not count, and neither does
what the reference solution says or many of the class wrote: short functions have one natural form.
"""

import zlib
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import combinations, product
from pathlib import Path
from typing import NamedTuple

import networkx
from pygments.lexers import PythonLexer
from pygments.token import Comment, Name, String, Text

from autograder.course import Course
from autograder.intake.modules import module_files

K = 20
"""Characters of filtered code in a fingerprint."""
WINDOW = 4
"""Of so many neighbours one fingerprint is kept: a shared passage of 23 characters is found."""
COMMON_SHARE, COMMON_COUNT = 0.25, 5
"""A passage in more submissions than both the share of the class and the count is nobody's own."""
SHARED = 60
"""Characters of filtered code that two submissions must share in a module to be shown."""
ALIKE = 0.5
"""And this share of what the shorter of the two wrote of its own there."""
STANDS_FOR = ((Name.Function, "F"), (Name.Class, "C"), (Name, "V"), (String, "S"))
"""What is filtered code of names and texts; other tokens are themselves."""


@dataclass(frozen=True)
class Alike:
    """Submissions that share a passage of a module: two, or more where each is like another."""

    module: str
    places: dict[str, str]
    """Student -> the lines of the longest shared passage."""
    share: float
    """The most that is shared of one's own code in the module, 0 to 1."""
    characters: int
    """How much is shared at most, names and comments left out."""


class Fingerprint(NamedTuple):
    """The passages of a text by which others are known again."""

    passages: dict[str, list[int]]
    """K characters of filtered code -> where in it they begin."""
    lines: list[int]
    """The line of the text that each character of filtered code comes from."""


class Overlap(NamedTuple):
    """What two submissions share in a module."""

    characters: int
    share: float
    lines: tuple[str, str]
    """Of the longest shared passage in each."""


def find_similar(
    texts: dict[str, dict[str, str]],
    course: Course,
    known: list[Path],
    earlier: dict[str, dict[str, str]] | None = None,
) -> list[Alike]:
    """Return groups of submissions to look at, the longest shared passage first.

    Args:
        texts: by student, the text of each task module by its file, such as rdlab/probe.py.
        known: folders with an `rdlab/` whose passages do not count: the stubs, the reference.
        earlier: as `texts`, of earlier terms; these are compared with the class only.
    """
    found: list[Alike] = []
    for module in module_files(course):
        now, before = (
            {name: own[module] for name, own in group.items() if module in own}
            for group in (texts, earlier or {})
        )
        found += _alike(module, now, before, [folder / module for folder in known])
    return sorted(found, key=lambda group: (-group.characters, group.module, *group.places))


def _alike(
    module: str, now: dict[str, str], before: dict[str, str], known: list[Path]
) -> Iterator[Alike]:
    prints = {name: fingerprint(text) for name, text in (before | now).items()}
    spread = Counter(passage for name in now for passage in prints[name].passages)
    most = max(COMMON_COUNT, COMMON_SHARE * len(now))
    common = {passage for passage, students in spread.items() if students > most}
    for file in known:
        common |= fingerprint(file.read_text(encoding="utf-8"), window=1).passages.keys()
    own = {
        name: Fingerprint({k: at for k, at in each.passages.items() if k not in common}, each.lines)
        for name, each in prints.items()
    }
    graph = networkx.Graph()
    for first, second in [*combinations(sorted(now), 2), *product(sorted(now), sorted(before))]:
        overlap = compare(own[first], own[second])
        if overlap.characters >= SHARED and overlap.share >= ALIKE:
            graph.add_edge(
                first,
                second,
                overlap=overlap,
                lines=dict(zip((first, second), overlap.lines, strict=True)),
            )
    for group in networkx.connected_components(graph):
        yield _group(module, graph.subgraph(group))


def _group(module: str, graph: networkx.Graph) -> Alike:
    places = {}
    for student in sorted(graph):
        closest = max(graph[student].values(), key=lambda edge: edge["overlap"].characters)
        places[student] = closest["lines"][student]
    overlaps = [edge["overlap"] for _, _, edge in graph.edges(data=True)]
    share, characters = (
        max(getattr(each, key) for each in overlaps) for key in ("share", "characters")
    )
    return Alike(module, places, share, characters)


def fingerprint(text: str, window: int = WINDOW) -> Fingerprint:
    """Return the fingerprint of a module: of each `window` neighbouring passages the least one.

    Args:
        text: Python, or what should be.
        window: 1 keeps every passage.
    """
    code, lines = filtered(text)
    passages = [code[at : at + K] for at in range(len(code) - K + 1)]
    ranks = [(zlib.crc32(passage.encode()), -at) for at, passage in enumerate(passages)]
    kept = {
        -min(ranks[at : at + window])[1] for at in range(max(1, len(ranks) - window + 1)) if ranks
    }
    found: dict[str, list[int]] = {}
    for at in sorted(kept):
        found.setdefault(passages[at], []).append(at)
    return Fingerprint(found, lines)


def filtered(text: str) -> tuple[str, list[int]]:
    """Return a module without names, comments, docstrings and white space; and each line of it."""
    text = "\n".join(map(str.rstrip, text.split("\n")))  # trailing blanks make the lexer quadratic
    code, lines, line, seen = "", [], 1, 0
    for at, kind, value in PythonLexer().get_tokens_unprocessed(text):
        line, seen = line + text.count("\n", seen, at), at
        if kind in Comment or kind in String.Doc or (kind in Text and not value.strip()):
            continue
        word = next((word for type_, word in STANDS_FOR if kind in type_), value)
        if word != "S" or not code.endswith("S"):  # a text has several tokens
            code += word
            lines += [line] * len(word)
    return code, lines


def compare(first: Fingerprint, second: Fingerprint) -> Overlap:
    """Return how much two modules share, and where the longest passage of that is in each."""
    shared = first.passages.keys() & second.passages.keys()
    sizes, shares, lines = [], [], []
    for each in (first, second):
        runs = _runs(each, shared)
        size, whole = _size(runs), _size(_runs(each, each.passages.keys()))
        sizes.append(size)
        shares.append(size / whole if whole else 0.0)
        start, end = max(runs, key=lambda run: run[1] - run[0], default=(0, 1))
        # Its ends may lie in what stands around it: a passage is K characters long.
        lines.append(_between(each.lines[start + K // 2 : end - K // 2 + 1]))
    return Overlap(min(sizes), max(shares), (lines[0], lines[1]))


def _runs(of: Fingerprint, passages: Collection[str]) -> list[tuple[int, int]]:
    """Where these passages stand, those that touch as one: first character, and behind the last."""
    runs: list[tuple[int, int]] = []
    for at in sorted(at for passage in passages for at in of.passages[passage]):
        if runs and at <= runs[-1][1]:
            runs[-1] = (runs[-1][0], at + K)
        else:
            runs.append((at, at + K))
    return runs


def _size(runs: list[tuple[int, int]]) -> int:
    return sum(end - start for start, end in runs)


def _between(lines: list[int]) -> str:
    if not lines:
        return ""
    return f"lines {lines[0]}–{lines[-1]}" if lines[-1] > lines[0] else f"line {lines[0]}"
