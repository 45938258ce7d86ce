"""Work on several runs at once, each in a process of its own. Given code."""

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from threading import Thread

import torch
from tqdm import tqdm

from rdlab.lab import progress
from rdlab.lab.console import write_anything
from rdlab.lab.errors import LabError, not_done


def cores() -> int:
    """Return how many processor cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def side_by_side(function: Callable, arguments: Sequence[tuple], jobs: int) -> Iterator:
    """Call a function with each tuple of arguments, in so many processes, or one for each call.

    The cores are shared out among the processes. With one job, the calls are made here. When the
    caller stops, or is killed, so do the processes.

    Yields:
        The results, as they come.

    Raises:
        LabError: a process was killed, or reached a stub.
    """
    jobs = max(1, min(jobs, len(arguments)))
    if jobs == 1:
        yield from (function(*each) for each in arguments)
        return
    context = multiprocessing.get_context("spawn")
    lock = context.RLock()  # not taken here: a worker that is killed may hold it
    with (
        progress.reports(context) as way,
        ProcessPoolExecutor(
            jobs, context, _start_worker, (max(1, cores() // jobs), lock, way)
        ) as pool,
    ):
        calls: list[Future] = []
        try:
            calls.extend(pool.submit(_call, function, each) for each in arguments)
            pool.submit(int)  # a pool may watch its newest process only once there is another call
            yield from (call.result() for call in as_completed(calls))
        except BrokenProcessPool as error:
            raise LabError(
                "a process was killed, perhaps for want of memory: give the command again, with "
                "a smaller --jobs."
            ) from error
        finally:
            if not all(call.done() for call in calls):
                for process in multiprocessing.active_children():
                    process.terminate()


def _start_worker(threads: int, lock, way: tuple | None) -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # an interrupt is the main process's to report
    Thread(target=_end_with_parent, daemon=True).start()
    write_anything()
    tqdm.set_lock(lock)
    progress.report_to(way)
    torch.set_num_threads(threads)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
    os._exit(1)


def _call(function: Callable, arguments: tuple):
    try:
        return function(*arguments)
    except NotImplementedError as error:
        raise not_done(error) from None  # its traceback does not cross the process boundary
