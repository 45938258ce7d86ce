"""The folders of workers and zygotes are deleted, also where their owner was killed."""

import os
import signal
import subprocess
import sys
import tempfile

import pytest

from autograder import ROOT
from autograder.sandbox import home
from autograder.sandbox.home import Home, clear_abandoned

KILLED = """
import os, signal
from pathlib import Path
from autograder.sandbox.home import Home

path = Home("worker").path
deep = path / "scratch"
deep.mkdir()
print(path, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture(autouse=True)
def temporary(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    clear_abandoned.cache_clear()
    return tmp_path


def test_the_next_start_clears_what_a_killed_one_left_and_nothing_else(temporary):
    done = subprocess.run([sys.executable, "-c", KILLED], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == -signal.SIGKILL, done.stderr
    (left,) = temporary.iterdir()
    assert str(left) == done.stdout.strip()
    (temporary / "rdlab-notes").mkdir()
    elsewhere = temporary / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / home.LOCK).touch()
    (temporary / "rdlab-link").symlink_to(elsewhere)
    running = Home("zygote")
    assert not left.exists()
    assert (temporary / "rdlab-notes").exists()
    assert (elsewhere / home.LOCK).exists()
    clear_abandoned.cache_clear()
    clear_abandoned()
    assert running.path.exists(), "its owner, this process, is there"
    running.remove()
    assert not running.path.exists()


def test_a_fork_keeps_the_folder_of_the_process_that_it_comes_from(temporary):
    """Such as the judges of a class, while the process that started them is gone."""
    waits, go_on = os.pipe()
    pid = os.fork()
    if pid == 0:
        made = Home("zygote")
        if os.fork() == 0:
            os.close(go_on)
            os.read(waits, 1)
            made.remove()
        os._exit(0)
    os.close(waits)
    os.waitpid(pid, 0)
    (folder,) = temporary.iterdir()
    clear_abandoned()
    assert folder.exists()
    os.close(go_on)
    for _ in range(500):
        if not folder.exists():
            break
        subprocess.run(["sleep", "0.02"], check=True)
    assert not folder.exists()


def test_no_other_user_may_open_the_lock():
    made = Home("worker")
    assert (made.path / home.LOCK).stat().st_mode & 0o077 == 0
    made.remove()
