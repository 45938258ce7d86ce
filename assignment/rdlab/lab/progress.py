"""One progress bar for work that several processes share. Given code."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Thread

from tqdm import tqdm

_bar: tqdm | None = None
"""In the main process, while there is a bar."""
_reports: tuple | None = None
"""In a worker: the way to the main process, and the lock that it shares with the other workers."""


@contextmanager
def one_bar(total: int, description: str, unit: str) -> Iterator[tqdm]:
    """Show one bar as long as the block lasts; `advance` moves it, from any process."""
    global _bar
    with tqdm(total=total, desc=description, unit=unit) as bar:
        _bar = bar
        try:
            yield bar
        finally:
            _bar = None


def is_shared() -> bool:
    """Return whether there is a bar that `advance` moves."""
    return _bar is not None or _reports is not None


def advance(steps: int = 1, note: str = "") -> None:
    """Report so many more steps done; the note is what they showed."""
    if _reports is not None:
        writer, lock = _reports
        with lock:
            writer.send((steps, note))
    elif _bar is not None:
        _bar.set_postfix_str(note, refresh=False)
        try:
            _bar.update(steps)
        except OSError:  # nobody reads any more what is shown: work on without it
            _bar.disable = True
            with suppress(RuntimeError, AssertionError):  # a tqdm that cannot write keeps its lock
                tqdm.get_lock().release()


@contextmanager
def reports(context) -> Iterator[tuple | None]:
    """Yield what workers need to report to the bar of this process; None where there is no bar.

    Workers may be killed at any moment, so this process waits for no lock that they share.

    Args:
        context: of multiprocessing, in which the workers are started.
    """
    if _bar is None:
        yield None
        return
    reader, writer = context.Pipe(duplex=False)
    thread = Thread(target=_read, args=(reader,), daemon=True)
    thread.start()
    try:
        yield writer, context.Lock()
    finally:
        writer.close()  # the last one that is open, since the workers have ended
        thread.join(timeout=5)


def _read(reader) -> None:
    while True:
        try:
            report = reader.recv()
        except (EOFError, OSError):  # all have ended, one perhaps in the middle of a report
            return
        advance(*report)


def report_to(way: tuple | None) -> None:
    """Let `advance` report to another process, by what its `reports` gave."""
    global _reports
    _reports = way
