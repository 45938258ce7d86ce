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
    only_for: str = ""
    """SHA-256 of the submission for which `tasks` suffice; any other is graded whole."""

    def tasks_of(self, sha256: str) -> frozenset[str]:
        """Return the tasks to grade of the submission with this SHA-256."""
        return self.tasks if self.only_for in ("", sha256) else frozenset()
