"""The sandbox: what student code sees and can do there, and what is left of it afterwards."""

import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from autograder import ROOT
from autograder.course import CourseError, Limits
from autograder.sandbox import layout, sandbox
from autograder.sandbox.inside.wire import Peer, RemoteError, WireClosed, WireError, WireTimeout
from autograder.sandbox.sandbox import Ending, Sandbox, SandboxError, Tier, choose_tier
from autograder.sandbox.zygote import running_zygote, zygote
from tests.autograder import throwaway_root
from tests.autograder.tier import needs_bubblewrap

ATTACK_FILES = ROOT / "tests" / "attacks"
LIMITS = Limits(
    check_cpu_s=2,
    check_wall_s=4,
    memory_mb=3000,
    processes=64,
    submission_mb=1,
    submission_files=10,
)

SLOT = 900
"""Nobody else's: in the user tier all processes of its user are killed, whoever started them."""

CODE = """
import os, resource, signal, socket, sys, time

def look(path):
    return sorted(os.listdir(path))

def readable(path):
    try:
        return bool(os.listdir(path)) if os.path.isdir(path) else bool(open(path, "rb").read(1))
    except OSError:
        return False

def identity():
    return {"uid": os.getuid(), "gid": os.getgid(), "groups": list(os.getgroups()),
            "environment": dict(os.environ), "cwd": os.getcwd()}

def processes():
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]

def descriptors():
    return sorted(number for number in range(256) if os.path.exists(f"/proc/self/fd/{number}"))

def connect(host, port):
    try:
        with socket.create_connection((host, port), timeout=0.5):
            return "connected"
    except OSError as error:
        return type(error).__name__ + ": " + str(error)

def write(path, size):
    try:
        with open(path, "wb") as file:
            file.write(bytes(size))
    except OSError as error:
        return error.strerror
    return "written"

def daemon():
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
                signal.signal(number, signal.SIG_IGN)
            os.dup2(os.open("/dev/null", os.O_RDWR), CHANNEL)
            time.sleep(60)
        os._exit(0)
    return os.getpid()

CHANNEL = 200

def status():
    return open("/proc/self/status").read().splitlines()

def spin():
    while True:
        pass

def allocate(megabytes):
    return len(bytearray(megabytes << 20))

def forks(count):
    started = 0
    try:
        for _ in range(count):
            if os.fork() == 0:
                time.sleep(30)
                os._exit(0)
            started += 1
    except OSError:
        pass
    return started

def kill(pid, number):
    os.kill(pid or os.getppid(), number)
    time.sleep(0.2)

def leave():
    os.makedirs("a/b")
    open("a/b/c", "w").close()
    os.symlink("/", "root")
    os.chmod("a", 0o500)
    return look(".")

def nest(depth):
    for _ in range(depth):
        os.mkdir("d")
        os.chdir("d")
"""


def _user_tier_missing() -> str:
    """Why the user tier cannot be tried here; empty if it can."""
    if os.geteuid() != 0:
        return "the user tier needs root"
    python = os.path.realpath(sys.executable)
    tried = (
        subprocess.run(
            [sys.executable, "-c", "pass"],
            user=sandbox.FIRST_USER,
            group=sandbox.FIRST_USER,
            capture_output=True,
            check=False,
        )
        if _reachable(python)
        else None
    )
    if tried is None or tried.returncode:
        return f"another user cannot run {python}: install Python outside of a private folder"
    if any(map(_reachable, [str(ROOT / "course.toml")])):
        return f"another user can read {ROOT}: chmod 700 it" if not _landlock() else ""
    return ""


def _reachable(path: str) -> bool:
    return all(os.stat(parent).st_mode & 1 for parent in Path(path).parents)


def _landlock() -> bool:
    code = "import landlock; print(landlock.confine([], []))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT / "autograder" / "sandbox" / "inside",
        capture_output=True,
        text=True,
    )
    return done.stdout.startswith("Landlock")


def _tier(tier: Tier, missing: str, forked: bool = False):
    skipped = pytest.mark.skipif(bool(missing), reason=missing)
    return pytest.param((tier, forked), id=f"{tier}{'-forked' * forked}", marks=skipped)


TIERS = [
    _tier(Tier.BUBBLEWRAP, sandbox._try_bubblewrap()),
    _tier(Tier.BUBBLEWRAP, sandbox._try_bubblewrap(), forked=True),
    _tier(Tier.USER, _user_tier_missing()),
    _tier(Tier.PROCESS, ""),
]
CONFINED = TIERS[:3]


@pytest.fixture(scope="module")
def submission(tmp_path_factory):
    folder = tmp_path_factory.mktemp("class") / "submission"
    (folder / "rdlab").mkdir(parents=True)
    (folder / "rdlab" / "__init__.py").write_text("")
    (folder / "rdlab" / "probe.py").write_text(CODE)
    (folder / "rdlab" / "uses.py").write_text("from rdlab.probe import look\n")
    for file in ATTACK_FILES.glob("*/*.py"):
        shutil.copy(file, folder / "rdlab" / f"{file.parent.name}_{file.name}")
    return folder


class Box:
    """A sandbox that is replaced when it fails, as the judge does."""

    def __init__(self, tier: Tier, submission: Path):
        self.tier, self.submission = tier, submission
        self.sandbox = Sandbox(tier, submission, LIMITS, SLOT)

    def run(self, name: str, *args, module: str = "probe", seconds: float = 6, cpu_s: int = 2):
        """Call one function in a child of its own; the child has ended when this returns."""
        plan = {"cpu_s": cpu_s, "trusted": False, "inside": ".", "uses": {}}
        plan["functions"] = {name: f"rdlab.{module}:{name}"}
        channel = self.sandbox.open(plan, seconds)
        peer = Peer(channel, {}.__getitem__)
        try:
            peer.call("open")
            return peer.call(name, *args)
        finally:
            channel.close()
            self.ended = self.end()

    def end(self) -> Ending | str:
        try:
            return self.sandbox.end()
        except SandboxError:
            self.sandbox.stop()
            self.sandbox = Sandbox(self.tier, self.submission, LIMITS, SLOT)
            return "replaced"


@pytest.fixture(scope="module")
def box(request, submission):
    tier, forked = request.param
    with zygote(tier) if forked else nullcontext():
        made = Box(tier, submission)
        assert made.sandbox.forked == forked
        yield made
        assert made.sandbox.forked == forked
        made.sandbox.stop()


every_tier = pytest.mark.parametrize("box", TIERS, indirect=True)
confined = pytest.mark.parametrize("box", CONFINED, indirect=True)
bubblewrap = pytest.mark.parametrize("box", TIERS[:2], indirect=True)


@pytest.fixture
def linked_environment(tmp_path, monkeypatch):
    """A virtual environment that is a link, and where it really is."""
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "link"))
    layout.readable_folders.cache_clear()
    yield tmp_path / "link", tmp_path / "real"
    layout.readable_folders.cache_clear()


def test_an_environment_that_is_a_link_is_seen_with_what_it_points_to(linked_environment):
    assert set(map(str, linked_environment)) <= set(layout.readable_folders())


@every_tier
def test_environment_and_folder(box):
    seen = box.run("identity")
    scratch = box.sandbox.paths()["scratch"]
    allowed = layout.environment(scratch) | {"PWD": "/", "LC_CTYPE": "C.UTF-8"}
    assert seen["environment"].items() <= allowed.items()
    assert seen["cwd"] == scratch


@every_tier
def test_only_the_channel_is_open(box):
    assert len(box.run("descriptors")) <= 5  # three on the null device, the channel, and /proc


@confined
def test_another_user(box):
    seen = box.run("identity")
    assert (seen["uid"], seen["gid"]) == (sandbox.FIRST_USER + SLOT,) * 2
    assert set(seen["groups"]) <= {sandbox.FIRST_USER + SLOT}


@every_tier
def test_the_submission_is_seen(box):
    assert box.run("readable", f"{box.sandbox.paths()['submission']}/rdlab/probe.py") is True


@confined
def test_the_course_is_not_seen(box):
    for path in (ROOT / "course.toml", ROOT / "solution", ROOT / "tests", ROOT / "autograder"):
        assert path.exists()
        assert box.run("readable", str(path)) is False


@bubblewrap
def test_only_a_few_folders(box):
    top = set(box.run("look", "/"))
    mounted = {Path(folder).parts[1] for folder in layout.readable_folders()}
    assert top <= mounted | {"judge", "submission", "scratch", "proc", "dev"}


@bubblewrap
def test_only_own_processes(box):
    assert len(box.run("processes")) <= 4  # two of bwrap, the worker and its child


@bubblewrap
def test_no_network(box):
    refused = box.run("connect", "192.0.2.1", 9)
    assert "unreachable" in refused or "not permitted" in refused
    assert "Error" in box.run("connect", "127.0.0.1", 22)


@every_tier
def test_writing_outside_the_scratch(box):
    if box.sandbox.detail == "no Landlock" and box.tier is not Tier.BUBBLEWRAP:
        pytest.skip("files are confined by Landlock here, which this kernel does not have")
    paths = box.sandbox.paths()
    for folder in ("/", "/tmp", "/dev/shm", paths["judge"], paths["submission"]):
        assert box.run("write", f"{folder}/planted", 1) != "written"
    assert box.run("write", "mine", 1) == "written"


@every_tier
def test_the_scratch_is_emptied(box):
    assert "a" in box.run("leave")
    assert box.run("look", ".") == []


@every_tier
def test_folders_nested_too_deep_to_remove(box):
    box.run("nest", 1500)
    assert box.run("look", ".") == []


@confined
def test_no_process_survives(box):
    before = len(box.run("processes"))
    box.run("daemon")
    assert len(box.run("processes")) == before


def test_no_process_survives_the_process_tier(submission):
    box = Box(Tier.PROCESS, submission)
    try:
        worker = box.sandbox._process.pid
        box.run("daemon")
        children = Path(f"/proc/{worker}/task/{worker}/children").read_text().split()
        assert children == []
    finally:
        box.sandbox.stop()


@every_tier
@pytest.mark.parametrize(
    ("attack", "cpu_s", "over"),
    [("crowd", 2, "cpu"), ("relay", 2, "cpu"), ("shared_out", 20, "memory")],
)
def test_what_processes_take_together_is_limited(box, attack, cpu_s, over):
    with pytest.raises(WireClosed):
        box.run("information_ratio", 1, 1, module=f"resource_{attack}", seconds=30, cpu_s=cpu_s)
    assert box.ended.over == over
    assert box.run("look", ".") == []


@every_tier
def test_cpu_time_is_limited(box):
    start = time.monotonic()
    with pytest.raises(WireClosed):
        box.run("spin", seconds=20)
    assert time.monotonic() - start < 18
    assert box.ended.signal in ("SIGXCPU", "SIGKILL")


@every_tier
def test_time_is_limited(box):
    with pytest.raises(WireTimeout):
        box.run("spin", seconds=0.3)
    assert str(box.ended) == "running"


@every_tier
def test_memory_is_limited(box):
    assert box.run("allocate", 100) == 100 << 20
    with pytest.raises(RemoteError, match="MemoryError"):
        box.run("allocate", LIMITS.memory_mb + 100)


def test_memory_that_pytorch_takes_is_not_the_submissions(monkeypatch, submission):
    """Whichever build it is: one with CUDA takes 3 GB of address space."""
    monkeypatch.setitem(globals(), "LIMITS", replace(LIMITS, memory_mb=200))
    box = Box(Tier.PROCESS, submission)
    try:
        assert box.run("allocate", 100) == 100 << 20
        with pytest.raises(RemoteError, match="MemoryError"):
            box.run("allocate", 300)
    finally:
        box.sandbox.stop()


@every_tier
def test_files_are_limited(box):
    assert box.run("write", "fits", 1 << 20) == "written"
    assert box.run("write", "too-large", 17 << 20) == "File too large"


@confined
def test_processes_are_limited(box):
    assert box.run("forks", 100) < LIMITS.processes


@every_tier
def test_a_worker_that_dies_is_noticed(box):
    box.sandbox._process.kill()
    assert box.end() == "replaced"
    assert box.run("look", ".") == []


@confined
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP], ids=str)
def test_a_check_cannot_signal_the_worker(box, number):
    with pytest.raises(RemoteError, match="PermissionError"):
        box.run("kill", 0, int(number))
    assert box.ended != "replaced"


@bubblewrap
def test_process_one_is_out_of_reach(box):
    assert _said(box, "kill", 1, int(signal.SIGKILL)) in ("", "PermissionError")
    assert box.ended != "replaced"


ATTACKS = [
    f"{group}_{file.stem}"
    for group in ("read", "sandbox", "leak")
    for file in sorted((ATTACK_FILES / group).glob("*.py"))
    if "def gaussian_kl" in file.read_text(encoding="utf-8")
]


@confined
@pytest.mark.parametrize("attack", ATTACKS)
def test_attacks_find_nothing(box, attack):
    """Twice, since some attacks keep something for a later check."""
    for _ in range(2):
        said = _said(box, "gaussian_kl", torch.ones(2, 3), torch.zeros(2, 3), module=attack)
        assert "ESCAPED" not in said


def _said(box, *args, **options) -> str:
    """The text of the error that a call ends with; empty if there is none."""
    try:
        box.run(*args, **options)
    except RemoteError as error:
        return str(error) if "ESCAPED" in str(error) else error.kind
    except WireError as error:
        return str(error)
    return ""


@pytest.mark.skipif(not _user_tier_missing(), reason="the user tier is tried above")
@pytest.mark.skipif(bool(throwaway_root.missing()), reason=throwaway_root.missing() or "none")
def test_the_user_tier_in_a_root_of_its_own():
    """All tests of that tier above, where another user can reach Python."""
    root = throwaway_root.inside((ROOT, str(ROOT)))
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-rs",
        "-p",
        "no:cacheprovider",
        f"--rootdir={ROOT}",
        f"--config-file={ROOT / 'pyproject.toml'}",
        __file__,
        "-k",
        "user and not bubblewrap and not root_of_its_own",
    ]
    done = subprocess.run([*root, *command], capture_output=True, text=True, timeout=500)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr
    assert "skipped" not in done.stdout


@bubblewrap
def test_nobody_writes_into_the_first_process(box):
    """It outlives each check: what writes into it could hand on what earlier checks asked."""
    assert box.run("write", "/proc/1/mem", 1) == "Permission denied"


@bubblewrap
def test_no_process_is_left_of_a_sandbox(box, submission):
    made = Sandbox(Tier.BUBBLEWRAP, submission, LIMITS, SLOT + 1)
    user = str(sandbox.FIRST_USER + made.slot)
    assert processes_of(user) or os.geteuid() != 0
    made.stop()
    end = time.monotonic() + 5
    while processes_of(user) and time.monotonic() < end:
        time.sleep(0.05)
    assert not processes_of(user)


def processes_of(user: str) -> list[str]:
    done = subprocess.run(["ps", "-o", "pid=", "-u", user], capture_output=True, text=True)
    return done.stdout.split()


@bubblewrap
def test_a_worker_without_capabilities(box):
    told = box.run("status")
    held = [line.split()[1] for line in told if line.startswith(("CapInh", "CapPrm", "CapEff"))]
    assert [int(each, 16) for each in held] == [0, 0, 0]
    assert "NoNewPrivs:\t1" in told


@needs_bubblewrap
def test_without_its_zygote_a_worker_starts_by_itself(submission):
    with zygote(Tier.BUBBLEWRAP):
        running = running_zygote()
        running._process.kill()
        running._process.wait()
        box = Box(Tier.BUBBLEWRAP, submission)
        assert not box.sandbox.forked
        assert box.run("look", "/submission") == ["rdlab"]
        box.sandbox.stop()
    assert running_zygote() is None


@needs_bubblewrap
@pytest.mark.skipif(os.geteuid() != 0, reason="chroot needs root")
def test_in_a_chroot_each_worker_starts_by_itself(submission, tmp_path):
    """A zygote's child would come out of it: bubblewrap's root is that of its mounts no more."""
    code = (
        "from tests.autograder.sandbox.test_sandbox import *\n"
        "sandbox.ROOT = Path('/elsewhere')\n"  # so that nothing outside gives it away
        "with zygote(Tier.BUBBLEWRAP):\n"
        f"    box = Box(Tier.BUBBLEWRAP, Path({str(submission)!r}))\n"
        "    print(box.sandbox.forked, box.run('look', '/submission'))\n"
        "    box.sandbox.stop()\n"
    )
    entered = 'mount --rbind / "$0" && exec chroot "$0" "$@"'
    command = ["unshare", "--mount", "sh", "-c", entered, str(tmp_path), sys.executable, "-c", code]
    done = subprocess.run(
        command, capture_output=True, text=True, env=os.environ | {"PYTHONPATH": str(ROOT)}
    )
    assert done.stdout == "False ['rdlab']\n", done.stderr


def test_one_zygote_serves_nested_blocks():
    with zygote(Tier.BUBBLEWRAP):
        outer = running_zygote()
        with zygote(Tier.BUBBLEWRAP):
            assert running_zygote() is outer
        assert running_zygote() is outer
    assert not outer._home.path.exists()


def test_a_worker_that_does_not_start(submission, monkeypatch):
    monkeypatch.setattr(layout.sys, "executable", "/bin/false")
    with pytest.raises(SandboxError, match="did not start"):
        Sandbox(Tier.PROCESS, submission, LIMITS)


def test_a_sandbox_leaves_nothing_on_disk(submission):
    made = Sandbox(Tier.PROCESS, submission, LIMITS)
    home = made._home
    assert home.is_dir()
    made.stop()
    made.stop()
    assert not home.exists()
    assert made._process.poll() is not None


# The choice of a tier


@pytest.fixture
def machine(monkeypatch):
    def describe(bubblewrap: str, root: bool):
        monkeypatch.setattr(sandbox, "_try_bubblewrap", lambda: bubblewrap)
        monkeypatch.setattr(sandbox.os, "geteuid", lambda: 0 if root else 1000)

    return describe


@pytest.mark.parametrize(
    ("trouble", "root", "asked", "tier"),
    [
        ("", False, "auto", Tier.BUBBLEWRAP),
        ("", True, "auto", Tier.BUBBLEWRAP),
        ("no bwrap", True, "auto", Tier.USER),
        ("", True, "user", Tier.USER),
        ("no bwrap", False, "process", Tier.PROCESS),
    ],
)
def test_the_strongest_tier_is_taken(machine, trouble, root, asked, tier):
    machine(trouble, root)
    assert choose_tier(asked) is tier


@pytest.mark.parametrize(
    ("trouble", "root", "asked", "words"),
    [
        ("no bwrap", False, "auto", "no bwrap.*install bubblewrap.*--isolation process"),
        ("no bwrap", True, "bubblewrap", "bubblewrap does not work here .no bwrap."),
        ("no bwrap", False, "user", "needs root"),
        ("", False, "user", "needs root"),
        ("", True, "process", "would run as root"),
    ],
)
def test_no_tier_is_left_silently(machine, trouble, root, asked, words):
    machine(trouble, root)
    with pytest.raises(CourseError, match=words):
        choose_tier(asked)


def test_bubblewrap_that_is_not_installed(monkeypatch):
    monkeypatch.setattr(sandbox.shutil, "which", lambda name: None)
    assert sandbox._try_bubblewrap() == "bwrap is not installed"
