"""The references that a submission may call in a check, within limits of their own."""

import math
import resource
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch

SERVED = 1 << 22
"""Elements that a submission may hand to a reference that it calls."""
SERVED_MEMORY = 1 << 30
SERVED_REFUSED = "the function of an earlier task does not take these arguments"
SERVED_TOO_LONG = "the functions of earlier tasks were called for too long"


def elements(value: object) -> int:
    """Count the numbers and texts that a value holds."""
    if isinstance(value, torch.Tensor | np.ndarray):
        return 1 + math.prod(value.shape)
    if isinstance(value, dict):
        value = list(value.values())
    return sum(map(elements, value)) if isinstance(value, list | tuple) else 1


class Budget:
    """What references may use that a submission calls in one check, on whatever it likes.

    Their CPU time is limited as the check's own is, and they end at its deadline. What they raise
    is told in one sentence: their errors would spell out their code.
    """

    def __init__(self, cpu_s: float, wall_s: float):
        self.left, self.deadline = cpu_s, time.monotonic() + wall_s
        self.used = 0.0

    def limited(self, function: Callable) -> Callable:
        """Return the reference as a submission may call it."""

        def call(*args: Any, **kwargs: Any) -> Any:
            left = min(self.left, self.deadline - time.monotonic())
            if left <= 0:
                raise RuntimeError(SERVED_TOO_LONG)
            if elements([args, kwargs]) > SERVED:
                raise ValueError("these arguments are too large")
            start = time.process_time()
            try:
                with _limited_memory(), _limited_time(left):
                    return function(*args, **kwargs)
            except _Overtime:
                self.left = 0
                raise RuntimeError(SERVED_TOO_LONG) from None
            except Exception as error:
                kind = ValueError if isinstance(error, ValueError | TypeError) else RuntimeError
                raise kind(SERVED_REFUSED) from None
            finally:
                spent = time.process_time() - start
                self.left, self.used = self.left - spent, self.used + spent

        return call


class _Overtime(BaseException):
    """A reference has used up its time; no code of its own catches this."""


@contextmanager
def _limited_time(seconds: float) -> Iterator[None]:
    """Raise _Overtime where the block uses more CPU seconds; one operation of torch is finished."""

    def stop(*_: object) -> None:
        raise _Overtime

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


@contextmanager
def _limited_memory() -> Iterator[None]:
    limits = resource.getrlimit(resource.RLIMIT_AS)
    used = resource.getpagesize() * int(Path("/proc/self/statm").read_text().split()[0])
    soft = min([used + SERVED_MEMORY, *(limit for limit in limits if limit >= 0)])
    resource.setrlimit(resource.RLIMIT_AS, (soft, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, limits)
