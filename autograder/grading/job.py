"""One submission to grade."""

import math
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Job:
    """One submission to grade; `student` names its folder in the output."""

    path: Path
    student: str
    tasks: frozenset[str] = frozenset()
    seconds: float = math.inf
    """On the clock, for all checks together; those without a verdict by then are not graded."""
