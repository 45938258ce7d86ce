"""One progress bar for work that several processes share. Given code."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

from tqdm import tqdm

_bar: tqdm | None = None
"""In the main process, while there is a bar."""
_reports: Any = None
"""In a worker: the queue to the main process."""


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
        _reports.put((steps, note))
    elif _bar is not None:
        _bar.set_postfix_str(note, refresh=False)
        _bar.update(steps)


@contextmanager
def reports(context) -> Iterator[Any]:
    """Yield a queue by which workers report to the bar of this process; None where there is none.

    Args:
        context: of multiprocessing, in which the workers are started.
    """
    if _bar is None:
        yield None
        return
    queue = context.SimpleQueue()
    reader = Thread(target=_read, args=(queue,), daemon=True)
    reader.start()
    try:
        yield queue
    finally:
        queue.put(None)
        reader.join(timeout=5)  # a worker that was killed may have left half a report


def _read(queue) -> None:
    while (report := queue.get()) is not None:
        advance(*report)


def report_to(queue) -> None:
    """Let `advance` report to another process."""
    global _reports
    _reports = queue
