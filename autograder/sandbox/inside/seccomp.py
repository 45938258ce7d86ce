"""System calls that no submission needs and that reach past its process or its check.

A seccomp filter makes them fail with EPERM, in the process and all its children. It needs no
privileges. See seccomp(2); numbers from the kernel's tables for x86-64 and arm64.
"""

import ctypes
import errno
import functools
import platform
import struct

_libc = ctypes.CDLL(None)
PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, MODE_FILTER = 38, 22, 2
LOAD, JUMP_EQUAL, JUMP_GREATER_EQUAL, JUMP_ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
ALLOW, REFUSE, KILL = 0x7FFF0000, 0x00050000 | errno.EPERM, 0x80000000
NUMBER, ARCHITECTURE, ARGUMENT, SECOND_ARGUMENT = 0, 4, 16, 24
X32 = 0x40000000
AF_UNIX = 1
NOT_SUPPORTED, NOTHING = 0x00050000 | errno.ENOSYS, 0x00050000
NEW_NAMESPACES = 0x7E020000
COMMANDS = {"fcntl": (8, 15, 6, 7, 37, 38), "ioctl": (0x8901, 0x8902)}
"""F_SETOWN and its like: the kernel then sends any signal to any process of the user. And locks:
F_SETLK and its like."""

# Refused: what is kept after the process (keys, System V and POSIX queues), files in memory, which
# no limit counts, what acts on other processes (ptrace and the like, priorities, signals by
# descriptor), new namespaces, roots and mounts in every form and their end, files by handle, the
# clock, kernel interfaces with a long history of holes, locks on files and what fills or empties
# the page cache, which other submissions would see. Some of it privileges forbid already. Own:
# limits and scheduling, which may name the calling process alone, lest it starve the one that
# starts the later checks. Ignored, as if done: setting times, which would mark the devices that
# all sandboxes share with the host.
CALLS = {
    "x86_64": {
        "architecture": 0xC000003E,
        "socket": 41,
        "clone": 56,
        "clone3": 435,
        "fcntl": 72,
        "ioctl": 16,
        "ignored": (132, 235, 261, 280),
        "kill": (62, 200, 234),
        "own": (302, 203, 144, 142, 314),
        "refused": (
            248,
            249,
            250,
            29,
            68,
            64,
            240,
            101,
            310,
            311,
            438,
            272,
            308,
            165,
            323,
            298,
            321,
            425,
            129,
            297,
            434,
            424,
            141,
            251,
            319,
            447,
            166,
            161,
            155,
            304,
            428,
            429,
            430,
            432,
            433,
            442,
            227,
            164,
            73,
            221,
            187,
            27,
            451,
        ),
    },
    "aarch64": {
        "architecture": 0xC00000B7,
        "socket": 198,
        "clone": 220,
        "clone3": 435,
        "fcntl": 25,
        "ioctl": 29,
        "ignored": (88,),
        "kill": (129, 130, 131),
        "own": (261, 122, 119, 118, 274),
        "refused": (
            217,
            218,
            219,
            194,
            186,
            190,
            180,
            117,
            270,
            271,
            438,
            97,
            268,
            40,
            282,
            241,
            280,
            425,
            138,
            240,
            434,
            424,
            140,
            30,
            279,
            447,
            39,
            51,
            41,
            265,
            428,
            429,
            430,
            432,
            433,
            442,
            112,
            170,
            32,
            223,
            213,
            232,
            451,
        ),
    },
}


def confine(protected: int) -> bool:
    """Refuse such calls from now on, and signals to the process `protected` or to all at once.

    Returns:
        Whether a filter is in place; none is known for other architectures than two.
    """
    code = program(protected)
    if not code:
        return False
    buffer = ctypes.create_string_buffer(code)
    filters = struct.pack("HxxxxxxP", len(code) // STEP.size, ctypes.addressof(buffer))
    _libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    return _libc.prctl(PR_SET_SECCOMP, MODE_FILTER, filters, 0, 0) == 0


@functools.cache
def program(protected: int) -> bytes:
    """Return the filter's code, kept for whoever forks; empty on an unknown architecture."""
    calls = CALLS.get(platform.machine())
    steps = _steps(calls, protected) if calls else []
    return b"".join(STEP.pack(*step) for step in steps)


Instruction = tuple[int, int, int, int]
"""(operation, steps to skip if true, if false, operand)."""
STEP = struct.Struct("HBBI")
_load, _refuse = (LOAD, 0, 0, NUMBER), (RETURN, 0, 0, REFUSE)


def _steps(calls: dict, protected: int) -> list[Instruction]:
    """Return the filter: calls of another architecture end the process, then rule after rule."""
    program = [
        (LOAD, 0, 0, ARCHITECTURE),
        (JUMP_EQUAL, 1, 0, calls["architecture"]),
        (RETURN, 0, 0, KILL),
        _load,
        (JUMP_GREATER_EQUAL, 0, 1, X32),
        _refuse,
    ]
    for number in calls["refused"]:
        program += [(JUMP_EQUAL, 0, 1, number), _refuse]
    for number in calls["ignored"]:
        program += [(JUMP_EQUAL, 0, 1, number), (RETURN, 0, 0, NOTHING)]
    program += [(JUMP_EQUAL, 0, 1, calls["clone3"]), (RETURN, 0, 0, NOT_SUPPORTED)]
    program += _unless(calls["socket"], (JUMP_EQUAL, 1, 0, AF_UNIX))
    program += _unless(calls["clone"], (JUMP_ANY_BIT, 0, 1, NEW_NAMESPACES))
    for name, commands in COMMANDS.items():
        last = len(commands) - 1
        tests = [
            (JUMP_EQUAL, last - place, int(place == last), code)
            for place, code in enumerate(commands)
        ]
        program += _unless(calls[name], *tests, argument=SECOND_ARGUMENT)
    for number in calls["own"]:
        program += _unless(number, (JUMP_EQUAL, 1, 0, 0))
    for number in calls["kill"]:
        tests = [(JUMP_EQUAL, 1, 0, protected), (JUMP_GREATER_EQUAL, 0, 1, 1 << 31)]
        program += _unless(number, *tests)
    return [*program, (RETURN, 0, 0, ALLOW)]


def _unless(number: int, *tests: Instruction, argument: int = ARGUMENT) -> list[Instruction]:
    """Refuse a call unless tests of one of its arguments jump past the refusal."""
    rule = [(LOAD, 0, 0, argument), *tests, _refuse, _load]
    return [(JUMP_EQUAL, 0, len(rule), number), *rule]
