"""What the processes of one check use together; the kernel's limits count each process by itself.

A submission can share work out: to processes that run side by side, or to a relay of short ones. So
the worker looks at all its descendants while a check runs.
"""

import os
import time

LOOK_SECONDS = 0.25
TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
CORES = len(os.sched_getaffinity(0))
STATE, USER_TICKS, SYSTEM_TICKS = 0, 11, 12
"""Places in /proc/PID/stat behind the name."""


class Usage:
    """CPU seconds and memory of this process's descendants, summed over several looks.

    A process that is new at a look, and runs, is taken to have run since the look before: those
    that came and went in between are not seen. One process alone is counted exactly.

    Args:
        child: the process of the check, which is there from the beginning.
    """

    def __init__(self, child: int):
        self.cpu_seconds = 0.0
        self.memory_bytes = 0
        """What each descendant held at the last look beyond this process, which has imported
        PyTorch, added up. What one has taken counts again in what is forked from it."""
        self._seen = {child: 0.0}
        self._looked = time.monotonic()
        self._inherited = _private_bytes(os.getpid())

    def look(self) -> None:
        """Add the CPU time since the last look, at most what all cores give; see what is held."""
        now, used, seen = time.monotonic(), 0.0, {}
        passed, self._looked = now - self._looked, now
        self.memory_bytes = 0
        for pid in descendants(os.getpid()):
            try:
                running, seconds = _cpu(pid)
            except (OSError, IndexError, ValueError):
                continue  # it has ended
            before = self._seen.get(pid)
            if before is not None:
                used += seconds - before
            elif running:
                used += max(seconds, passed)
            seen[pid] = seconds
            self.memory_bytes += max(0, _private_bytes(pid) - self._inherited)
        self._seen = seen
        self.cpu_seconds += min(used, passed * CORES)


def descendants(pid: int) -> list[int]:
    """List all processes below one, with those that have ended and were not waited for."""
    found, below = [], [pid]
    while below:
        born = children(below.pop())
        found += born
        below += born
    return found


def children(pid: int) -> list[int]:
    """List the processes that the threads of a process have started; none once it is gone."""
    try:
        threads = os.listdir(f"/proc/{pid}/task")
        lists = [_read(f"/proc/{pid}/task/{thread}/children") for thread in threads]
    except OSError:
        return []
    return [int(child) for each in lists for child in each.split()]


def _cpu(pid: int) -> tuple[bool, float]:
    """Return whether a process runs, and the CPU seconds it has used."""
    fields = _read(f"/proc/{pid}/stat").rpartition(")")[2].split()
    ticks = int(fields[USER_TICKS]) + int(fields[SYSTEM_TICKS])
    return fields[STATE] == "R", ticks / TICKS


def mapped_bytes() -> int:
    """Return the bytes of this process's address space; PyTorch takes 0.6 GB, with CUDA 3 GB."""
    return _pages(os.getpid())[0] * PAGE


def _private_bytes(pid: int) -> int:
    try:
        _, resident, shared = _pages(pid)
    except (OSError, ValueError):
        return 0
    return (resident - shared) * PAGE


def _pages(pid: int) -> list[int]:
    """Return how many pages of a process are mapped, in memory, and of these may be shared."""
    return [int(pages) for pages in _read(f"/proc/{pid}/statm").split()[:3]]


def _read(path: str) -> str:
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()
