"""The process from which the workers of a class are forked: it imports torch once for them all.

It does so when the first of them is wanted, runs no student code and sees no submission. For each
one it forks a child, which enters the namespaces that bubblewrap made for it and becomes its worker
there. None descends from another.

Usage: zygote.py FD, with the hub on that descriptor. Each message on the hub brings the control
connection of a worker, a file for its errors and the pidfd of a process that is confined already.
"""

import ctypes
import gc
import importlib
import json
import os
import signal
import socket
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

NEW_NS, NEW_CGROUP, NEW_UTS, NEW_IPC = 0x00020000, 0x02000000, 0x04000000, 0x08000000
NEW_USER, NEW_PID, NEW_NET = 0x10000000, 0x20000000, 0x40000000
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER, PR_SET_NO_NEW_PRIVS = 1, 36, 38
CAPABILITY_VERSION_3 = 0x20080522
_libc = ctypes.CDLL(None, use_errno=True)


def main() -> None:
    hub = socket.socket(fileno=int(sys.argv[1]))
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    _libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)  # workers, whose own parent is gone, are its
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # children; the kernel reaps them
    while True:
        message, descriptors, _, _ = socket.recv_fds(hub, 1 << 16, 3)
        if not message:
            sys.exit(0)
        order = json.loads(message)
        _import(["worker", *order["imports"]])
        if os.fork() == 0:
            hub.close()
            _become_worker(order["user"], *descriptors)
        for descriptor in descriptors:
            os.close(descriptor)


def _import(names: list[str]) -> None:
    if all(name in sys.modules for name in names):
        return
    ignored = signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # a library may wait for a child
    for name in names:
        importlib.import_module(name)
    signal.signal(signal.SIGCHLD, ignored)
    gc.collect()
    gc.freeze()  # a collection in a child would copy every page of what is imported here


def _become_worker(user: int, control: int, errors: int, confined: int) -> None:
    """Enter a sandbox and serve in it, as another user where this process is root."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    _libc.prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0)  # the judge's end is this one's: its connection ends
    os.setsid()
    os.dup2(errors, 2)
    os.close(errors)
    root = os.geteuid() == 0
    _enter(confined, own_users=not root)
    if root:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    _drop_capabilities()
    sys.modules["worker"].serve(socket.socket(fileno=control))


def _enter(confined: int, own_users: bool) -> None:
    """Go on in the namespaces of a process: as a child of this one, since processes have one."""
    kinds = NEW_NS | NEW_CGROUP | NEW_UTS | NEW_IPC | NEW_PID | NEW_NET
    if _libc.setns(confined, kinds | (NEW_USER if own_users else 0)):
        number = ctypes.get_errno()
        raise OSError(number, f"setns: {os.strerror(number)}")
    os.close(confined)
    if os.fork():
        os._exit(0)
    os.stat("/judge")  # where this root is a chroot, setns leads out of it: to none of bubblewrap's
    os.chdir("/")


def _drop_capabilities() -> None:
    """Give up what comes with entering a user namespace, and whatever a program could bring."""
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    if _libc.capset(header, (ctypes.c_uint32 * 6)()):
        raise OSError(ctypes.get_errno(), "capset")
    if _libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")


if __name__ == "__main__":
    main()
