"""Start, confine and stop the process that runs a submission.

There are three tiers. The stronger of the first two that works here is used, and the choice is
reported; the last is used only when it is asked for by name.

bubblewrap  own file system, process, network, IPC and user namespaces (bwrap must be installed);
user        a separate unprivileged user and Landlock, for root in a throw-away container;
process     limits, and Landlock where there is, under the instructor's own user; student code
            can then reach what that user can.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from autograder import ROOT
from autograder.course import CourseError, Limits
from autograder.sandbox.home import Home
from autograder.sandbox.inside import wire
from autograder.sandbox.layout import (
    bubblewrap,
    environment,
    python,
    readable_folders,
    worker_files,
)
from autograder.sandbox.tier import Tier
from autograder.sandbox.zygote import Zygote, running_zygote

FIRST_USER = 61_000
START_SECONDS, END_SECONDS = 120, 20


class SandboxError(Exception):
    """The sandbox failed: a fault of the autograder or the machine, not of the submission."""


class SandboxSlow(SandboxError):
    """The worker did not answer in time, such as where a submission left millions of files."""


@dataclass(frozen=True)
class Ending:
    """How the process of a check ended: by a signal, with an exit code, or not before it had to."""

    signal: str = ""
    """Its name, such as "SIGKILL"."""
    exit_code: int | None = None
    over: str = ""
    """What its processes together took too much of: "cpu", "memory", or nothing."""

    def __str__(self) -> str:
        if self.exit_code is not None:
            return f"exit {self.exit_code}"
        return self.signal or "running"


@dataclass
class Sandbox:
    """A running worker with one submission in it.

    Args:
        tier: how it is confined.
        submission: the folder that holds the submission's `rdlab` and `runs`.
        limits: of course.toml.
        slot: number among the sandboxes that run at once; gives each a user of its own.
        imports: libraries to import once for all checks; they must start no thread.

    Raises:
        SandboxError: the worker does not start, or can see what it must not see.
    """

    tier: Tier
    submission: Path
    limits: Limits
    slot: int = 0
    imports: tuple[str, ...] = ()
    detail: str = field(default="", init=False)
    cpu_seconds: float = field(default=0.0, init=False)
    """Of the worker and all its checks, when the last one was opened or ended."""
    forked: bool = field(default=False, init=False)
    """Whether the worker was forked from a zygote."""

    def __post_init__(self) -> None:
        self.submission = self.submission.resolve()
        self._folder = Home("worker")
        self._home = self._folder.path
        try:
            self._start()
        except BaseException:
            self.stop()
            raise

    def _start(self) -> None:
        worker_files(self._home / "judge")
        (self._home / "scratch").mkdir()
        self._home.chmod(0o755)
        if self.tier is Tier.USER:
            _kill_all_of(FIRST_USER + self.slot)  # what a killed autograder may have left
            shutil.copytree(self.submission, self._home / "submission")
            os.chown(self._home / "scratch", FIRST_USER + self.slot, FIRST_USER + self.slot)
        zygote = running_zygote() if self.tier is Tier.BUBBLEWRAP else None
        if zygote is not None:
            try:
                self._connect(lambda control: self._fork_from(zygote, control))
                self.forked = True
                return
            except (SandboxError, OSError):  # such as before Linux 5.8: slower, no less confined
                self._end()
        self._connect(lambda control: self._run(self._command(control), control))

    def _connect(self, start: Callable[[int], None]) -> None:
        """Start a worker that gets a descriptor of its control connection, and greet it."""
        self._control, theirs = socket.socketpair()
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  (closed by _end)
        with theirs:
            start(theirs.fileno())
        self._greet()

    def _run(self, command: list[str], passed: int, streams: int = subprocess.DEVNULL) -> None:
        """Start the process that `_end` kills; it gets one more descriptor."""
        self._process = subprocess.Popen(
            command,
            pass_fds=[passed],
            stdin=streams,
            stdout=streams,
            stderr=self._errors,
            cwd="/",
            env=environment(self.paths()["scratch"]),
            start_new_session=True,
            **self._identity(),
        )

    def _identity(self) -> dict:
        if self.tier is not Tier.USER:
            return {}
        number = FIRST_USER + self.slot
        return {"user": number, "group": number, "extra_groups": []}

    def _fork_from(self, zygote: Zygote, control: int) -> None:
        """Let a child of the zygote be the worker, inside what bubblewrap has confined."""
        confined = self._confined()
        try:
            user = FIRST_USER + self.slot
            zygote.fork(user, self.imports, control, self._errors.fileno(), confined)
        finally:
            os.close(confined)

    def _confined(self) -> int:
        """Let bubblewrap confine a process that sleeps; return its pidfd."""
        info, report = os.pipe()
        with open(info, encoding="ascii") as told:
            try:
                self._run(self._sleeper(report), report, subprocess.PIPE)
            finally:
                os.close(report)
            assert self._process.stdout is not None
            with self._process.stdout as ready:
                if not ready.readline():
                    raise SandboxError(f"bubblewrap did not start: {self._last_words()}")
            return os.pidfd_open(json.load(told)["child-pid"])

    def _sleeper(self, report: int) -> list[str]:
        """Return the command that keeps a sandbox for a worker; `report` tells its process."""
        program, options = python("/judge/sleeper.py"), ("--info-fd", str(report))
        mounts, user = self._mounts(), FIRST_USER + self.slot
        return bubblewrap(mounts, user, program, *options, as_user=False)

    def _mounts(self) -> list[str]:
        mounts = {self._home / "judge": "/judge", self.submission: "/submission"}
        return [word for pair in mounts.items() for word in ("--ro-bind", *map(str, pair))]

    def paths(self) -> dict[str, str]:
        """Return the paths of judge, submission and scratch as the worker sees them."""
        if self.tier is Tier.BUBBLEWRAP:
            names = {"judge": "/judge", "submission": "/submission", "scratch": "/scratch"}
        else:
            names = {name: str(self._home / name) for name in ("judge", "submission", "scratch")}
            if self.tier is Tier.PROCESS:
                names["submission"] = str(self.submission)
        return names

    def _command(self, descriptor: int) -> list[str]:
        program = python(f"{self.paths()['judge']}/worker.py", str(descriptor))
        if self.tier is not Tier.BUBBLEWRAP:
            return program
        return bubblewrap(self._mounts(), FIRST_USER + self.slot, program)

    def _greet(self) -> None:
        paths = self.paths()
        settings = {
            **paths,
            "environment": environment(paths["scratch"]),
            "trusted": f"{paths['judge']}/given",
            "landlock": self.tier is not Tier.BUBBLEWRAP,
            "own_processes": self.tier is not Tier.PROCESS,
            "readable": [
                *readable_folders(),
                paths["judge"],
                paths["submission"],
                "/dev",
                "/proc",
            ],
            "hidden": [str(ROOT / name) for name in ("course.toml", "solution", "tests")],
            "memory_mb": self.limits.memory_mb,
            "processes": self.limits.processes,
            "imports": self.imports,
        }
        self._control.settimeout(START_SECONDS)
        answer = self._ask(settings, "did not start")
        if answer["visible"] and self.tier is not Tier.PROCESS:
            raise SandboxError(
                f"student code could read {answer['visible'][0]} in the {self.tier} tier: "
                f"take other users' access away (chmod 700 {ROOT}) or use --isolation bubblewrap"
            )
        if self.tier is Tier.USER and answer["files"] == "no Landlock":
            raise SandboxError("the user tier needs Landlock (Linux 5.13): use bubblewrap instead")
        self.detail = answer["files"]
        self._control.settimeout(END_SECONDS)

    def open(self, plan: dict, seconds: float) -> wire.Channel:
        """Fork a child for one check and give the connection to it."""
        ours, theirs = socket.socketpair()
        with theirs:
            message = json.dumps({"serve": plan}).encode()
            try:
                socket.send_fds(self._control, [message], [theirs.fileno()])
            except OSError as error:
                raise SandboxError("the worker is gone") from error
        self.cpu_seconds = self._read_answer("did not fork")["cpu"]
        return wire.Channel(ours, deadline=time.monotonic() + seconds)

    def end(self) -> Ending:
        """End the current check: kill what it left, empty the scratch; return how it ended."""
        answer = self._ask({"end": True}, "did not clean up")
        self.cpu_seconds = answer["cpu"]
        return Ending(answer["signal"], answer["exit_code"], answer["over"])

    def _ask(self, message: dict, fault: str) -> dict:
        try:
            self._control.sendall(json.dumps(message).encode() + b"\n")
        except OSError as error:
            raise SandboxError(f"the worker {fault}: {self._last_words()}") from error
        return self._read_answer(fault)

    def _read_answer(self, fault: str) -> dict:
        line = b""
        try:
            while not line.endswith(b"\n"):
                part = self._control.recv(1 << 16)
                if not part:
                    raise SandboxError(f"the worker {fault}: {self._last_words()}")
                line += part
        except TimeoutError as error:
            raise SandboxSlow(f"the worker {fault} in time") from error
        except OSError as error:
            raise SandboxError(f"the worker {fault}: {self._last_words()}") from error
        return json.loads(line)

    def _last_words(self) -> str:
        self._errors.seek(0)
        lines = self._errors.read(1 << 16).decode(errors="replace").strip().splitlines()
        return lines[-1][:300] if lines else "no message"

    def stop(self) -> None:
        """Kill the worker and all it started, and remove its folder."""
        self._end()
        if self.tier is Tier.USER:
            _kill_all_of(FIRST_USER + self.slot)
        self._folder.remove()

    def _end(self) -> None:
        if hasattr(self, "_process"):
            self._process.kill()
            self._process.wait()
            if self._process.stdin is not None:
                self._process.stdin.close()  # ends the sleeper
        if hasattr(self, "_control"):
            self._control.close()
        if hasattr(self, "_errors"):
            self._errors.close()


def _kill_all_of(user: int) -> None:
    """Kill every process of a worker's user, also those that left its session."""
    killer = os.fork()
    if killer == 0:
        try:
            os.setresuid(user, user, user)
            os.kill(-1, signal.SIGKILL)
        finally:
            os._exit(0)
    os.waitpid(killer, 0)


def choose_tier(asked: str) -> Tier:
    """Return the tier to grade under: the one asked for, or with "auto" the strongest that works.

    Raises:
        CourseError: the tier asked for does not work here, or "auto" finds none.
    """
    if asked == "process" and os.geteuid() == 0:
        raise CourseError(
            "in the process tier student code would run as root, without a limit of processes: "
            "grade as another user, or use --isolation user"
        )
    if asked == "process":
        return Tier.PROCESS
    if asked in ("auto", "bubblewrap"):
        trouble = _try_bubblewrap()
        if not trouble:
            return Tier.BUBBLEWRAP
        if asked == "bubblewrap":
            raise CourseError(f"bubblewrap does not work here ({trouble})")
    if os.geteuid() == 0:
        return Tier.USER
    if asked == "user":
        raise CourseError("the user tier needs root: run as root, or use --isolation bubblewrap")
    raise CourseError(
        f"student code cannot be confined here (bubblewrap: {trouble}): install bubblewrap "
        "(apt-get install bubblewrap), or accept the weakest tier with --isolation process"
    )


def _try_bubblewrap() -> str:
    """Return why bubblewrap does not work here; empty if it does."""
    if shutil.which("bwrap") is None:
        return "bwrap is not installed"
    command = bubblewrap([], FIRST_USER, [sys.executable, "-I", "-c", "pass"])
    done = subprocess.run(command, capture_output=True, text=True, timeout=START_SECONDS)
    lines = done.stderr.strip().splitlines()
    return "" if done.returncode == 0 else (lines or [f"exit code {done.returncode}"])[-1]
