"""The filter of system calls: its program by the rules of the kernel's machine, and for real."""

import errno
import subprocess
import sys

import pytest

from autograder import ROOT
from autograder.sandbox.inside import seccomp
from autograder.sandbox.inside.seccomp import ALLOW, CALLS, KILL, NOTHING, REFUSE

PROTECTED = 4711
PROGRAM = """
import ctypes, fcntl, os, socket, sys
sys.path.insert(0, sys.argv[1])
import seccomp
if not seccomp.confine(os.getppid()):
    print("no filter")
    sys.exit()
libc = ctypes.CDLL(None, use_errno=True)
def outcome(call):
    try:
        return call() or "done"
    except OSError as error:
        return error.errno
print(outcome(lambda: os.kill(os.getppid(), 0)))
print(outcome(lambda: os.kill(os.getpid(), 0)))
print(outcome(lambda: os.kill(-1, 0)))
print(outcome(lambda: socket.socket(socket.AF_INET).close()))
print(outcome(lambda: socket.socket(socket.AF_UNIX).close()))
print(outcome(lambda: os.close(os.memfd_create("file"))))
file = os.open(sys.executable, os.O_RDONLY)
print(outcome(lambda: fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)))
print(outcome(lambda: fcntl.lockf(file, fcntl.LOCK_SH | fcntl.LOCK_NB)))
print(outcome(lambda: fcntl.fcntl(file, fcntl.F_GETFL) and None))
"""


def run(program: list, number: int, arguments: tuple = (0, 0), architecture: int = 0) -> int:
    """What a filter returns for a call: the few operations that it is written in."""
    words = {0: number, 4: architecture, 16: arguments[0], 24: arguments[1]}
    place, loaded = 0, 0
    while True:
        operation, if_true, if_false, operand = program[place]
        place += 1
        if operation == seccomp.LOAD:
            loaded = words[operand]
        elif operation == seccomp.RETURN:
            return operand
        else:
            holds = {
                seccomp.JUMP_EQUAL: loaded == operand,
                seccomp.JUMP_GREATER_EQUAL: loaded >= operand,
                seccomp.JUMP_ANY_BIT: bool(loaded & operand),
            }[operation]
            place += if_true if holds else if_false


@pytest.fixture(params=sorted(CALLS))
def calls(request) -> dict:
    return CALLS[request.param]


@pytest.fixture
def outcome(calls):
    program = seccomp._steps(calls, PROTECTED)
    architecture = calls["architecture"]
    return lambda number, *arguments: run(program, number, (*arguments, 0, 0)[:2], architecture)


def test_another_architecture_is_the_end(calls):
    assert run(seccomp._steps(calls, PROTECTED), 0, architecture=1) == KILL


def test_calls_have_one_rule_each(calls, outcome):
    rules = [calls[name] for name in ("socket", "clone", "clone3", "fcntl", "ioctl")]
    rules += [n for name in ("ignored", "kill", "own", "refused") for n in calls[name]]
    assert len(set(rules)) == len(rules)
    assert {outcome(number) for number in calls["refused"]} == {REFUSE}
    assert {outcome(number) for number in calls["ignored"]} == {NOTHING}
    others = set(range(460)) - set(rules)
    assert {outcome(number) for number in others} == {ALLOW}


def test_calls_in_the_other_numbering_are_refused(outcome):
    assert outcome(seccomp.X32) == REFUSE


def test_signals_reach_nobody_but_a_process_of_ones_own(calls, outcome):
    for number in calls["kill"]:
        assert outcome(number, 5) == ALLOW
        assert outcome(number, PROTECTED) == REFUSE
        assert outcome(number, 2**32 - 1) == REFUSE  # −1: everybody


def test_limits_may_be_set_for_oneself_alone(calls, outcome):
    for number in calls["own"]:
        assert (outcome(number, 0), outcome(number, 5)) == (ALLOW, REFUSE)


def test_sockets_within_the_machine_and_threads_are_allowed(calls, outcome):
    assert outcome(calls["socket"], seccomp.AF_UNIX) == ALLOW
    assert outcome(calls["socket"], 2) == REFUSE
    assert outcome(calls["clone"], 0x3D0F00) == ALLOW
    assert outcome(calls["clone"], 0x10000000) == REFUSE


def test_descriptors_neither_signal_nor_lock(calls, outcome):
    for name, commands in seccomp.COMMANDS.items():
        for command in commands:
            assert outcome(calls[name], 3, command) == REFUSE
        assert outcome(calls[name], 3, 1) == ALLOW


@pytest.mark.parametrize(
    ("machine", "numbers"),
    [
        ("x86_64", {"flock": 73, "fadvise64": 221, "readahead": 187, "mincore": 27}),
        ("aarch64", {"flock": 32, "fadvise64": 223, "readahead": 213, "mincore": 232}),
    ],
)
def test_files_that_all_share_are_neither_locked_nor_looked_for_in_the_cache(machine, numbers):
    program = seccomp._steps(seccomp.CALLS[machine], PROTECTED)
    architecture = seccomp.CALLS[machine]["architecture"]
    for name, number in (numbers | {"cachestat": 451}).items():
        assert run(program, number, (0, 0), architecture) == REFUSE, name


@pytest.mark.parametrize(
    ("machine", "numbers"),
    [
        ("x86_64", {"umount2": 166, "chroot": 161, "pivot_root": 155, "clock_settime": 227}),
        ("aarch64", {"umount2": 39, "chroot": 51, "pivot_root": 41, "clock_settime": 112}),
    ],
)
def test_roots_mounts_and_the_clock_are_refused_whatever_the_privileges(machine, numbers):
    """Those of mounts that are newer have the same number on both."""
    newer = {"open_tree": 428, "move_mount": 429, "fsopen": 430, "fsmount": 432, "fspick": 433}
    program = seccomp._steps(seccomp.CALLS[machine], PROTECTED)
    architecture = seccomp.CALLS[machine]["architecture"]
    for name, number in (numbers | newer | {"mount_setattr": 442}).items():
        assert run(program, number, (0, 0), architecture) == REFUSE, name


def test_the_kernel_takes_the_filter():
    inside = str(ROOT / "autograder" / "sandbox" / "inside")
    command = [sys.executable, "-c", PROGRAM, inside]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    if done.stdout == "no filter\n":
        pytest.skip("no filter for this machine")
    refused = str(errno.EPERM)
    signals, files = [refused, "done", refused], [refused, refused, refused, "done"]
    assert done.stdout.split() == [*signals, refused, "done", *files]
