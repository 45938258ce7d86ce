"""What the descendants of a process use together."""

import os
import time
from pathlib import Path

import pytest

from autograder.sandbox.inside.usage import CORES, Usage, children, descendants


@pytest.fixture
def spinning():
    """Start processes that use CPU time for so many seconds each, or hold memory; reap them."""
    started = []

    def start(seconds: float = 0.0, held: int = 0) -> int:
        pid = os.fork()
        if pid == 0:
            taken = b"x" * held
            while time.process_time() < seconds or taken:
                time.sleep(60 if taken else 0)
            os._exit(0)
        started.append(pid)
        return pid

    yield start
    for pid in started:
        os.kill(pid, 9)
        os.waitpid(pid, 0)


def wait_for(condition, seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_one_process_is_counted_exactly(spinning):
    child = spinning(0.5)
    used = Usage(child)
    wait_for(lambda: Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()[0] == "Z")
    used.look()
    assert 0.45 <= used.cpu_seconds <= 0.6


def test_a_sleeping_newcomer_has_not_run(spinning):
    used = Usage(spinning(held=1))
    spinning(held=1)
    time.sleep(0.5)
    used.look()
    assert used.cpu_seconds < 0.3


def test_a_newcomer_that_runs_is_taken_to_have_run_since_the_last_look(spinning):
    used = Usage(spinning(held=1))
    time.sleep(1)
    spinning(60)
    wait_for(lambda: used.look() or used.cpu_seconds > 0.9, 5)


def test_no_more_than_all_cores_can_give(spinning):
    used, start = Usage(spinning(60)), time.monotonic()
    for _ in range(4 * CORES):
        spinning(60)
    time.sleep(0.5)
    used.look()
    assert used.cpu_seconds <= CORES * (time.monotonic() - start)


def test_memory_of_all_is_added_up(spinning):
    used = Usage(spinning(held=200 << 20))
    wait_for(lambda: used.look() or used.memory_bytes > 180 << 20)
    before = used.memory_bytes
    spinning(held=200 << 20)
    wait_for(lambda: used.look() or used.memory_bytes > before + (180 << 20))


def test_a_process_that_is_gone_has_no_children():
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
    assert children(pid) == descendants(pid) == []
