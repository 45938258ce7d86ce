"""Train the runs of a sweep on a Dask cluster. Given code.

Each run is one task. It carries your code with it, so a worker needs Python with the packages of
requirements.txt and Dask, nothing else. A run that a killed worker had begun starts again on
another; one that ends while you are away waits at the scheduler for the same command.
"""

import hashlib
import io
import os
import subprocess
import sys
import tempfile
import warnings
import zipfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tqdm import tqdm

from rdlab.lab.data import FILES, sample_folder
from rdlab.lab.errors import LabError
from rdlab.lab.runs import RUN_FILES, claimed, write_files

CONNECT_SECONDS, WORKERS_SECONDS = 10, 30
LAUNCH = """\
import os, sys, threading
def end_with_worker():
    sys.stdin.read()
    os._exit(1)
threading.Thread(target=end_with_worker, daemon=True).start()
from rdlab.__main__ import main
sys.exit(main(sys.argv[1:]))
"""


def train_on_cluster(
    address: str,
    trainings: Sequence[tuple[Path, dict]],
    data_folder: Path | None,
    device: str | None,
    command: Callable[[dict, Path | None, str | None], list[str]] | None = None,
) -> None:
    """Train every run on the cluster's workers and write each as soon as it comes.

    Args:
        address: of the scheduler, such as "tcp://10.0.0.1:8786".
        trainings: run folder and config of each.
        data_folder: as on the workers; the sample is sent along without it.
        device: as on the workers.
        command: gives the command line that trains the run of a config, with the same places; by
            default that of the sweep.

    Raises:
        LabError: Dask is not installed, the cluster cannot be used, a folder is in use, or a
            training failed.
    """
    if not trainings:
        return
    folders = {}
    with ExitStack() as stack:
        client = stack.enter_context(_connected(address))
        from distributed import as_completed

        code = _code(trainings[0][1]["data"] == "sample" and data_folder is None)
        carried = _submit(client, _carry, code)
        for folder, config in trainings:
            stack.enter_context(claimed(folder))
            words = (command or _words)(config, data_folder, device)
            folders[_submit(client, _train, carried, words)] = folder
        for future in tqdm(as_completed(folders), "training", len(folders), unit="run"):
            write_files(folders[future], _result(client, future, folders))
            client.unpublish_dataset(future.key)
        client.unpublish_dataset(carried.key)


@contextmanager
def _connected(address: str) -> Iterator:
    try:
        import cloudpickle
        from distributed import Client
        from distributed.comm import CommClosedError
    except ImportError:
        raise LabError("--cluster needs Dask: python -m pip install distributed.") from None
    cloudpickle.register_pickle_by_value(sys.modules[__name__])
    warnings.filterwarnings("ignore", message="Sending large graph")
    try:
        client = Client(address, timeout=CONNECT_SECONDS)
    except (OSError, ValueError, TypeError):
        raise LabError(
            f"no Dask scheduler answers at {address}: start one with `dask scheduler`, and give "
            "the address that it prints."
        ) from None
    with client:
        try:
            client.wait_for_workers(1, timeout=WORKERS_SECONDS)
            yield client
        except TimeoutError:
            raise LabError(
                f"the cluster at {address} has no worker: start some with `dask worker {address}`."
            ) from None
        except (CommClosedError, CancelledError):
            raise LabError(
                f"the scheduler at {address} is gone: start it and give the command again."
            ) from None


def _submit(client, function, *arguments):
    """Send a task that the scheduler knows by what it does, and keeps if we are killed."""
    names = [getattr(argument, "key", argument) for argument in arguments]
    digest = hashlib.sha256(repr(names).encode()).hexdigest()
    key = f"{function.__name__.strip('_')}-{digest[:32]}"
    by_value = lambda *given: function(*given)  # noqa: E731  (pickle could only name `function`)
    future = client.submit(by_value, *arguments, key=key)
    client.publish_dataset(future, name=key, override=True)
    return future


def _result(client, future, folders: dict) -> dict[str, bytes]:
    """Return a run's files by name; if it failed, have the scheduler forget all asked of it."""
    try:
        if future.status not in ("finished", "error"):
            raise CancelledError
        return future.result()
    except CancelledError:
        raise
    except Exception as error:
        for other in folders:
            client.unpublish_dataset(other.key)
        raise LabError(f"{folders[future].name}: {error}") from None


def _code(with_sample: bool) -> bytes:
    """Return this package, with the sample if trained on, as a zip that is always the same."""
    package = Path(__file__).resolve().parents[1]
    files = {f"rdlab/{path.relative_to(package)}": path for path in package.rglob("*.py")}
    if with_sample:
        names = (*FILES, "SHA256SUMS")
        files |= {f"data/{name}": sample_folder() / name for name in names}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in sorted(files):
            archive.writestr(zipfile.ZipInfo(name), files[name].read_bytes())
    return packed.getvalue()


def _words(config: dict, data_folder: Path | None, device: str | None) -> list[str]:
    """Return the command line of one run: `sweep --beta 0.5 …`."""
    places = {"folder": data_folder and str(data_folder), "device": device}
    words = ["sweep", "--jobs", "1"]
    for key, value in {**config, **places}.items():
        if key in ("versions", "image_shape") or value is None or value is False:
            continue
        words.append("--" + key.replace("_", "-"))
        if value is not True:
            words += map(str, value if isinstance(value, list) else [value])
    return words


# On a worker. These functions are sent as they are: they may use the standard library only.


def _carry(code: bytes) -> bytes:
    """Return the code; as a task of its own, it lets a worker fetch it once for all its runs."""
    return code


def _train(code: bytes, words: list[str]) -> dict[str, bytes]:
    """Train one run in a process of its own, which ends with the worker; return its files."""
    with tempfile.TemporaryDirectory(prefix="rdlab-") as scratch:
        with zipfile.ZipFile(io.BytesIO(code)) as archive:
            archive.extractall(scratch)
        command = [sys.executable, "-c", LAUNCH, *words, "--out", "runs"]
        pipe = subprocess.PIPE
        with subprocess.Popen(
            command, cwd=scratch, stdin=pipe, stdout=subprocess.DEVNULL, stderr=pipe
        ) as process:
            assert process.stderr is not None
            lines = process.stderr.read().decode(errors="replace").strip().splitlines()
            if process.wait():
                last = (lines or ["its process was killed"])[-1].removeprefix("error: ")
                raise RuntimeError(last.replace(scratch + os.sep, ""))
        [folder] = [path for path in Path(scratch, "runs").iterdir() if path.is_dir()]
        return {name: (folder / name).read_bytes() for name in RUN_FILES}
