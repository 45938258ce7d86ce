"""Public checks, once more: on inputs that no student has seen.

What a public check calls, and what it expects, is given to students, so a table of answers passes
it. When it is graded, a check marked `drawn` is followed by one more call: the arguments of its
first one, each number a little nearer to 0 by a factor drawn from the salt, so that signs, zeros
and ranges such as [0, 1] stay. What comes back is compared with the reference, no more strictly
than the check compares.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from autograder.sandbox.inside.wire import RemoteError
from support import CheckFailed, Draw, assert_matches

LEAST = 0.8
"""Factors are drawn from here to 1."""
RTOL, ATOL = 1e-3, 1e-4
MESSAGE = (
    "right on the inputs of this check, but not on others like them, which are drawn when it is "
    "graded: compute the answer from the arguments"
)


class WrongOnDrawn(CheckFailed):
    """The answers to a check's own inputs are right, and those to others are not."""


def check_on_drawn(
    call: Callable[..., object], reference: Callable[..., object], first: tuple, draw: Draw
) -> None:
    """Compare one more call with the reference.

    Args:
        call: the submission's function.
        first: positional and named arguments of the check's first call.

    Raises:
        WrongOnDrawn: they differ, or the call raised.
    """
    args, kwargs = drawn(first, draw)
    try:
        returned = call(*args, **kwargs)
    except RemoteError:
        raise WrongOnDrawn(MESSAGE) from None
    expected = _plain(reference(*args, **kwargs))
    try:
        assert_matches(returned, expected, rtol=RTOL, atol=ATOL, dtype=False)
    except CheckFailed:
        raise WrongOnDrawn(MESSAGE) from None


def drawn(value: Any, draw: Draw) -> Any:
    """Return a value of the same form whose floating-point numbers are scaled, each by its own."""
    if isinstance(value, float):
        return value * draw.uniform(1, low=LEAST).item()
    if isinstance(value, Tensor) and value.is_floating_point():
        return value.detach() * _factors(value, draw)
    if isinstance(value, tuple | list):
        return type(value)(drawn(item, draw) for item in value)
    if isinstance(value, dict):
        return {key: drawn(item, draw) for key, item in value.items()}
    return value


def _factors(value: Tensor, draw: Draw) -> Tensor:
    """Return a factor for each number; a covariance stays symmetric and positive definite."""
    if value.ndim == 2 and torch.equal(value, value.T):
        row = draw.uniform(len(value), low=LEAST, dtype=value.dtype)
        return row[:, None] * row
    return draw.uniform(*value.shape, low=LEAST, dtype=value.dtype)


def _plain(value: Any) -> Any:
    """Return an expected value with tensors of no axis as numbers, sequences as tuples."""
    if isinstance(value, tuple | list):
        return tuple(map(_plain, value))
    if isinstance(value, Tensor | np.ndarray) and value.shape == ():
        return value.item()
    return value
