"""The process that runs a submission, inside the sandbox.

It has torch imported, confines itself, and never touches the submission. For each check it forks a
child that imports the submission afresh and answers calls on a connection of its own; afterwards
every process the child left behind is killed and the scratch is emptied. So nothing of one check
reaches the next, and a crash costs one check.

Usage: worker.py FD, with the control connection on that descriptor, or forked from `zygote`. It
reads one JSON object of settings, then commands: {"serve": plan} with a connection attached, and
{"end": true}.
"""

import contextlib
import ctypes
import functools
import gc
import importlib
import inspect
import itertools
import json
import os
import random
import resource
import select
import signal
import socket
import sys
import tempfile
import time
import types
from collections.abc import Callable
from typing import Any

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

import numpy.random  # noqa: E402  (imported once here, for all children; numpy leaves it out)
import safetensors.torch  # noqa: E402, F401
import seccomp  # noqa: E402
import torch  # noqa: E402
import torch.fx.experimental.symbolic_shapes  # noqa: E402  (autograd imports it when first used)
import torch.utils._device  # noqa: E402  (get_default_device imports it)
import usage  # noqa: E402

import landlock  # noqa: E402
import wire  # noqa: E402

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_CHILD_SUBREAPER = 1, 4, 36
DYING_SECONDS = 0.3
GRACE_SECONDS = 1
"""Between the limit of CPU time, which a process may still answer to, and its end."""
_libc = ctypes.CDLL(None)
_last_import = ""
"""The name in sys.modules before the first of the submission."""


def main() -> None:
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    serve(socket.socket(fileno=int(sys.argv[1])))


def serve(control: socket.socket) -> None:
    """Obey the judge's commands until it is gone."""
    settings = json.loads(_read_line(control))
    sys.path[sys.path.index(HERE)] = settings["judge"]  # they differ where this is a fork
    os.environ.clear()
    os.environ |= settings["environment"]
    tempfile.tempdir = None
    _libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    _libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    files = "own file system"
    if settings["landlock"]:
        files = landlock.confine(settings["readable"], [settings["scratch"], os.devnull])
    visible = [path for path in settings["hidden"] if _readable(path)]
    for name in settings["imports"]:
        importlib.import_module(name)
    torch.compile = _uncompiled
    torch.set_num_threads(1)
    seccomp.program(os.getpid())  # made here, once for all children
    gc.collect()
    gc.freeze()  # a collection in a child would copy every page of what is imported here
    _reply(control, {"ready": True, "files": files, "visible": visible})
    while True:
        command, descriptors = _receive(control)
        child = _fork(control, descriptors[0], command["serve"], settings)
        os.close(descriptors[0])
        _reply(control, {"started": True, "cpu": _cpu_seconds()})
        over = _watch(control, child, command["serve"]["cpu_s"], settings)
        _receive(control)
        _reply(control, {**_end(child, settings), "over": over})


def _uncompiled(model: Any = None, **options: Any) -> Any:
    """Take the place of torch.compile: right code stays right, compiled or not.

    A compiler's files are larger and its work takes longer than a check may.
    """
    return model if model is not None else lambda function: function


def _read_line(control: socket.socket) -> bytes:
    line = b""
    while not line.endswith(b"\n"):
        part = control.recv(1)
        if not part:
            sys.exit(0)
        line += part
    return line


def _receive(control: socket.socket) -> tuple[dict, list[int]]:
    """Return the judge's next command and the descriptors with it; exit when the judge is gone."""
    data, descriptors, _, _ = socket.recv_fds(control, 1 << 16, 1)
    if not data:
        sys.exit(0)
    return json.loads(data), descriptors


def _reply(control: socket.socket, answer: dict) -> None:
    control.sendall(json.dumps(answer).encode() + b"\n")


def _readable(path: str) -> bool:
    try:
        return bool(os.listdir(path)) if os.path.isdir(path) else bool(open(path, "rb").read(1))
    except OSError:
        return False


def _watch(control: socket.socket, child: int, cpu_s: float, settings: dict) -> str:
    """Wait for the judge's next command; kill a check whose processes together take too much.

    Returns:
        What they took too much of, "cpu" or "memory"; empty where they did not.
    """
    used, over = usage.Usage(child), ""
    while not select.select([control], [], [], usage.LOOK_SECONDS)[0]:
        used.look()
        if used.cpu_seconds > cpu_s + GRACE_SECONDS:
            over = over or "cpu"
        elif used.memory_bytes > settings["memory_mb"] << 20:
            over = over or "memory"
        if over:
            _kill_all(settings["own_processes"])
    return over


def _end(child: int, settings: dict) -> dict:
    """Kill what is left of a check and empty the scratch; return how the child ended."""
    pid, status = _wait(child, DYING_SECONDS)
    ended: dict = {"signal": "", "exit_code": None}
    if pid == 0:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    elif os.WIFSIGNALED(status):
        ended["signal"] = signal.Signals(os.WTERMSIG(status)).name
    else:
        ended["exit_code"] = os.waitstatus_to_exitcode(status)
    _kill_the_rest(settings["own_processes"])
    _empty(settings["scratch"])
    return {**ended, "cpu": _cpu_seconds()}


def _cpu_seconds() -> float:
    """Return the CPU seconds that this process and all that it has reaped have used."""
    own, reaped = (
        resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return own.ru_utime + own.ru_stime + reaped.ru_utime + reaped.ru_stime


def _wait(child: int, seconds: float) -> tuple[int, int]:
    """Wait for a child with a limit: a process that hung up may take a moment to be gone."""
    end = time.monotonic() + seconds
    while (ended := os.waitpid(child, os.WNOHANG)) == (0, 0) and time.monotonic() < end:
        time.sleep(0.002)
    return ended


def _kill_the_rest(own_processes: bool) -> None:
    """Kill all descendants, until there are none."""
    while _kill_all(own_processes):
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


def _kill_all(own_processes: bool) -> bool:
    """Kill what descends from this process; return whether there may be more.

    Where this user's processes are all ours, that is everything in reach; else it is what has this
    process as its parent, as orphans of the submission have.
    """
    if own_processes:
        try:
            os.kill(-1, signal.SIGKILL)
        except ProcessLookupError:
            return False
    for child in usage.children(os.getpid()):
        os.kill(child, signal.SIGKILL)
    return True


def _empty(scratch: str) -> None:
    """Delete all below the scratch, however deep: folders are emptied upwards, not descended."""
    with contextlib.suppress(PermissionError):  # it is another user's under bubblewrap
        os.chmod(scratch, 0o700)
        for attribute in os.listxattr(scratch):
            os.removexattr(scratch, attribute)
    while names := os.listdir(scratch):
        for path in (os.path.join(scratch, name) for name in names):
            if _open_if_folder(path):
                for name in os.listdir(path):
                    inner = os.path.join(path, name)
                    _open_if_folder(inner)
                    os.rename(inner, os.path.join(scratch, os.urandom(16).hex()))
                os.rmdir(path)
            else:
                os.unlink(path)
    with contextlib.suppress(PermissionError):
        os.utime(scratch, (0, 0))


def _open_if_folder(path: str) -> bool:
    """Return whether it is a folder, and no link to one; open it up if so."""
    folder = os.path.isdir(path) and not os.path.islink(path)
    if folder:
        os.chmod(path, 0o700)
    return folder


def _fork(control: socket.socket, descriptor: int, plan: dict, settings: dict) -> int:
    mapped = usage.mapped_bytes()
    child = os.fork()
    if child:
        return child
    control.close()
    try:
        _confine_child(plan, settings, mapped)
        _serve(wire.Channel(socket.socket(fileno=descriptor)), plan, settings)
    finally:
        os._exit(0)


def _confine_child(plan: dict, settings: dict, mapped: int) -> None:
    """Limit this process to the plan, above the `mapped` bytes that it began with."""
    os.setsid()  # a signal to its group must not reach this worker
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    limits = {
        resource.RLIMIT_CPU: plan["cpu_s"],
        resource.RLIMIT_AS: mapped + (settings["memory_mb"] << 20),
        resource.RLIMIT_FSIZE: 16 << 20,
        resource.RLIMIT_NOFILE: 128,
        resource.RLIMIT_CORE: 0,
    }
    if settings["own_processes"]:
        limits[resource.RLIMIT_NPROC] = settings["processes"]
    for name, value in limits.items():
        grace = GRACE_SECONDS if name == resource.RLIMIT_CPU else 0
        resource.setrlimit(name, (value, value + grace))
    os.chdir(settings["scratch"])
    random.seed(0)
    numpy.random.seed(0)
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    seccomp.confine(os.getppid())


def _serve(channel: wire.Channel, plan: dict, settings: dict) -> None:
    """Answer the calls of one check: first `open`, which imports, then the plan's functions.

    `open` returns whether gradients are still switched on after the import.
    """
    global _last_import
    _last_import = next(reversed(sys.modules))
    functions: dict[str, Callable] = {}

    def open_submission() -> bool:
        submission = os.path.normpath(os.path.join(settings["submission"], plan["inside"]))
        sys.path.insert(0, settings["trusted"] if plan["trusted"] else submission)
        functions.update(_load(plan, peer))
        return torch.is_grad_enabled()

    def resolve(name: str) -> Callable:
        return open_submission if name == wire.OPEN else functions[name]

    peer = wire.Peer(channel, resolve, BaseException, models=True, watched=not plan["trusted"])
    peer.serve()


def _load(plan: dict, peer: wire.Peer) -> dict[str, Callable]:
    """Import the modules of a check and put the judge's answers in place of earlier tasks."""
    own = {target.partition(":")[0] for target in plan["functions"].values()}
    for module in {target.partition(":")[0] for target in plan["uses"].values()} - own:
        try:
            importlib.import_module(module)
        except BaseException:
            sys.modules[module] = _stand_in(module, plan, peer)
    for name, target in plan["uses"].items():
        _substitute(target, functools.partial(peer.call, name))
    torch.set_grad_enabled(True)  # what earlier modules leave behind is no fault of this task's
    functions = {}
    for name, target in plan["functions"].items():
        module, attribute = target.split(":")
        functions[name] = getattr(importlib.import_module(module), attribute)
    return functions


def _stand_in(module: str, plan: dict, peer: wire.Peer) -> types.ModuleType:
    """Return a stand-in for a module that cannot be imported, with the reference's functions."""
    made = types.ModuleType(module)
    for name, target in (plan["uses"] | plan["beside"]).items():
        home, attribute = target.split(":")
        if home == module:
            setattr(made, attribute, _proxy(functools.partial(peer.call, name), None))
    return made


def _substitute(target: str, reference: Callable) -> None:
    """Let the reference answer for a task function of the submission, wherever that is known.

    Calls whose arguments cannot be sent, such as those inside torch.vmap, go to the submission's
    own function.
    """
    module_name, attribute = target.split(":")
    module = importlib.import_module(module_name)
    original = getattr(module, attribute, None)
    if inspect.isfunction(original) and not _keeps_its_code(original):
        _answer_with(original, reference)
        return
    proxy = _proxy(reference, original)
    for holder in [module, *_submission_modules()]:
        if holder is module or getattr(holder, attribute, None) is original is not None:
            setattr(holder, attribute, proxy)


def _proxy(reference: Callable, original: Callable | None) -> Callable:
    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            return reference(*args, **kwargs)
        except wire.CannotCross:
            if original is None:
                raise
            return original(*args, **kwargs)

    return call


def _keeps_its_code(function: types.FunctionType) -> bool:
    """Return whether a function is a library's, so that others rely on it, or no ordinary one."""
    if inspect.isgeneratorfunction(function) or inspect.iscoroutinefunction(function):
        return True
    home = sys.modules.get(function.__globals__.get("__name__", ""))
    if home in _submission_modules():
        return False
    return getattr(home, function.__name__, None) is function


def _answer_with(function: types.FunctionType, reference: Callable) -> None:
    """Let the reference answer for a function, under whatever name and wherever it is held.

    That may be a default argument, a table, or a name that another module gave it. So the function
    stays the same object, and its code is replaced.
    """
    own = types.FunctionType(
        function.__code__,
        function.__globals__,
        function.__name__,
        function.__defaults__,
        function.__closure__,
    )
    own.__kwdefaults__ = function.__kwdefaults__
    proxy = _proxy(reference, own)
    code = _forward.__code__
    constants = tuple(proxy if each == PROXY else each for each in code.co_consts)
    function.__code__ = code.replace(
        co_consts=constants, co_freevars=function.__code__.co_freevars, co_name=function.__name__
    )
    function.__defaults__ = function.__kwdefaults__ = None


PROXY = "the proxy stands here"


def _forward(*args: Any, **kwargs: Any) -> Any:
    function: Any = "the proxy stands here"
    return function(*args, **kwargs)


def _submission_modules() -> list[types.ModuleType]:
    """Return the modules of the submission that are imported.

    All of them come behind what this process began with, and only they are looked at: a look at a
    module writes its count of references, and the kernel copies the page that it lies on. To look
    at all of torch's took longer than all else that is done for a check.
    """
    # one call, in which no thread of a submission can import
    newest = list(itertools.takewhile(_last_import.__ne__, reversed(sys.modules)))
    submitted = [sys.modules.get(name) for name in newest if name.partition(".")[0] == "rdlab"]
    return [module for module in submitted if module is not None]


if __name__ == "__main__":
    main()
