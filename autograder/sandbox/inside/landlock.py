"""Confinement by Landlock, for the tiers that have no file system of their own.

Landlock (Linux 5.13) lets a process give up, for itself and all its children, every file access
but those it names. Later kernels let it give up TCP (6.7, ABI 4), ioctl on devices (6.10, ABI 5),
and signals and abstract sockets to processes outside (6.12, ABI 6). It needs no privileges. See
landlock(7).
"""

import ctypes
import os
import struct

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
PATH_BENEATH = 1
ABI_VERSION_FLAG = 1
PR_SET_NO_NEW_PRIVS = 38
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
READ = EXECUTE | READ_FILE | READ_DIR
TRUNCATE, IOCTL_DEVICE = 1 << 14, 1 << 15
FILE_RIGHTS = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEVICE
RIGHTS_OF_ABI = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
TCP_RIGHTS = 0b11
SCOPES = 0b11
"""Abstract Unix sockets, signals: none to a process outside."""

_libc = ctypes.CDLL(None, use_errno=True)


def _syscall(number: int, *args: object) -> int:
    result: int = _libc.syscall(number, *args)
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result


def confine(readable: list[str], writable: list[str]) -> str:
    """Give up every file access but reading and executing below some paths, and all below others.

    With a kernel that can, give up TCP, and signals and abstract sockets to processes outside, too.

    Returns:
        What now holds, in words; "no Landlock" where the kernel has none.
    """
    try:
        version = _syscall(CREATE_RULESET, None, 0, ABI_VERSION_FLAG)
    except OSError:
        return "no Landlock"
    rights = RIGHTS_OF_ABI[max(known for known in RIGHTS_OF_ABI if known <= version)]
    attributes, words = _attributes(version, rights)
    ruleset = _syscall(CREATE_RULESET, attributes, len(attributes), 0)
    for path, allowed in [(p, READ) for p in readable] + [(p, rights) for p in writable]:
        _allow(ruleset, path, allowed)
    _libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    _syscall(RESTRICT_SELF, ruleset, 0)
    os.close(ruleset)
    return f"Landlock ABI {version}: {words}"


def _attributes(version: int, rights: int) -> tuple[bytes, str]:
    """Return the struct landlock_ruleset_attr for a kernel, and what it takes away, in words."""
    if version < 4:
        return struct.pack("Q", rights), "files"
    if version < 6:
        return struct.pack("QQ", rights, TCP_RIGHTS), "files and TCP"
    fields = struct.pack("QQQ", rights, TCP_RIGHTS, SCOPES)
    return fields, "files, TCP, signals and abstract sockets"


def _allow(ruleset: int, path: str, allowed: int) -> None:
    if not os.path.exists(path):
        return
    if not os.path.isdir(path):
        allowed &= FILE_RIGHTS
    target = os.open(path, os.O_PATH | os.O_CLOEXEC)
    _syscall(ADD_RULE, ruleset, PATH_BENEATH, struct.pack("=Qi", allowed, target), 0)
    os.close(target)
