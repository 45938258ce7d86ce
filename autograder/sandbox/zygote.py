"""Keep the process from which the workers of a class are forked: torch is imported once for all.

It is started before any submission is touched, and never runs code of one: `inside.zygote` says how
its children come into their sandboxes.
"""

import json
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from autograder.sandbox.home import Home
from autograder.sandbox.layout import environment, python, worker_files
from autograder.sandbox.tier import Tier

_running: "Zygote | None" = None


class Zygote:
    """A running zygote. Every process that is forked from this one may use it, too."""

    def __init__(self) -> None:
        self._home = Home("zygote")
        try:
            worker_files(self._home.path)
        except OSError:
            self._home.remove()
            raise
        self._hub, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                python(str(self._home.path / "zygote.py"), str(theirs.fileno())),
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd="/",
                env=environment("/scratch"),
                start_new_session=True,
            )

    def fork(
        self, user: int, imports: tuple[str, ...], control: int, errors: int, confined: int
    ) -> None:
        """Fork a worker.

        Args:
            imports: libraries that it wants, which are imported before and for all later ones.
            user: whom it becomes, where this process is root.
            control: descriptor of its connection.
            errors: of a file for its errors.
            confined: pidfd of a process in the sandbox that it enters.

        Raises:
            OSError: the zygote is gone.
        """
        order = json.dumps({"user": user, "imports": imports}).encode()
        socket.send_fds(self._hub, [order], [control, errors, confined])

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()
        self._hub.close()
        self._home.remove()


def running_zygote() -> Zygote | None:
    """Return the zygote of the block that this process, or one it was forked from, is in."""
    return _running


@contextmanager
def zygote(tier: Tier) -> Iterator[None]:
    """Have workers forked from one zygote, as long as the block lasts.

    In the bubblewrap tier only: in the others, submissions could see it. Where it cannot be
    started, such as on a full disk, each worker is told why by its own start.
    """
    global _running
    outer = _running
    if outer is None and tier is Tier.BUBBLEWRAP:
        with suppress(OSError):
            _running = Zygote()
    try:
        yield
    finally:
        running, _running = _running, outer
        if running is not None and running is not outer:
            running.stop()
