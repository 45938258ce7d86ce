"""What is to be graded: one submission, and which tasks of it."""

import math
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Job:
    """One submission to grade; `student` names its folder in the output."""

    path: Path
    student: str
    tasks: frozenset[str] = frozenset()
    """Ids; empty means all."""
    seconds: float = math.inf
    """On the clock, for all checks together; those without a verdict by then are not graded."""
