"""Measure equal files once: what a run's files gave under a seed, they give again.

Most known mistakes of an experiment change one of many runs; measuring the others again would take
longer than all their checks.
"""

import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path

Numbers = dict[str, float | list[float]]
"""What was measured, by name."""


class Measurements:
    """The numbers that are known, by the digest of what they were measured from."""

    def __init__(self) -> None:
        self._known: dict[str, Numbers] = {}
        self._new: list[str] = []

    def forget(self) -> None:
        """Know nothing: the data that files are measured on may be others."""
        self._known.clear()
        self._new.clear()

    def of(
        self, experiment: str, seed: int, files: Iterable[Path], measure: Callable[[], Numbers]
    ) -> Numbers:
        """Return what files give, measured now unless equal ones were measured before.

        Args:
            experiment: its name.
            seed: of the noise.
            files: all files of the submission that the result depends on.
            measure: measures them. What it raises goes through, and is not kept.
        """
        digest = hashlib.blake2b(f"{experiment} {seed}".encode(), digest_size=16)
        for file in files:
            digest.update(hashlib.blake2b(file.read_bytes()).digest())
        key = digest.hexdigest()
        if key not in self._known:
            self._known[key] = measure()
            self._new.append(key)
        return self._known[key]

    def news_as_json(self) -> dict[str, Numbers]:
        """Return what this process measured itself, for the one that it was forked from."""
        return {key: self._known[key] for key in self._new}

    def learn_json(self, news: dict[str, Numbers]) -> None:
        """Learn what `news_as_json` of another process gave."""
        self._known |= news


measurements = Measurements()
"""Of this process, and of those that are forked from it as they are started."""
