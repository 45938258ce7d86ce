"""What the checks are written with: seeded inputs and comparisons that explain themselves.

Nothing here looks into the student's code: it compares values.
"""

import functools
import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from numbers import Real
from typing import Any

import hypothesis
import numpy as np
import torch
from hypothesis.internal.conjecture import providers
from torch import Tensor
from torch.autograd.gradcheck import GradcheckError

TOLERANCES = {torch.float32: (1e-4, 1e-5), torch.float64: (1e-7, 1e-9)}
NUMBER_TOLERANCE = (1e-5, 1e-6)
MARKERS = (
    "task(id): the task that a check belongs to",
    "no_mutation: the check fails where a call of its task left something behind (footprint.py)",
    "drawn: when it is graded, the check also calls its function on inputs drawn like its first",
)
KINDS = {torch.Tensor: "a tensor", np.ndarray: "a NumPy array", type(None): "None"}


class CheckFailed(AssertionError):
    """A value is not what it should be: what came back, what was expected, and how they differ.

    `notes` say more about the difference, each in a line; grades are formed without them.
    """

    def __init__(
        self,
        message: str,
        returned: object = None,
        expected: object = None,
        notes: Sequence[str] = (),
    ):
        self.message, self.returned, self.expected = message, returned, expected
        self.notes = tuple(notes)
        shown = f"\n  returned: {show(returned)}\n  expected: {show(expected)}"
        shown = "" if returned is expected is None else shown
        super().__init__(message + shown + "".join(f"\n  {note}" for note in notes))


def seed_of(salt: str, name: str) -> int:
    """The seed of whatever has this name in a course with this salt."""
    return int.from_bytes(hashlib.sha256(f"{salt}/{name}".encode()).digest()[:7], "big")


def use_profile(**more: Any) -> None:
    """Let hypothesis run as in grading: no clock, no memory of earlier runs, no constants of ours.

    Hypothesis also tries constants that it finds in the source of loaded modules. Inputs must not
    depend on which modules these are, since the same submission always gets the same grade.

    Args:
        more: settings of hypothesis beyond these.
    """
    vars(providers)["is_local_module_file"] = lambda path: False
    hypothesis.settings.register_profile(
        "checks",
        deadline=None,
        database=None,
        max_examples=25,
        suppress_health_check=list(hypothesis.HealthCheck),
        **more,
    )
    hypothesis.settings.load_profile("checks")


class Draw:
    """Inputs of one check, the same in every run: seeded from a salt and the check's name."""

    def __init__(self, salt: str, name: str):
        self.generator = torch.Generator().manual_seed(seed_of(salt, name))

    def normal(self, *shape: int, dtype: torch.dtype = torch.float32) -> Tensor:
        """Standard normal draws."""
        return torch.randn(shape, generator=self.generator, dtype=dtype)

    def uniform(
        self, *shape: int, low: float = 0.0, high: float = 1.0, dtype: torch.dtype = torch.float32
    ) -> Tensor:
        """Draws from [low, high)."""
        return low + (high - low) * torch.rand(shape, generator=self.generator, dtype=dtype)

    def integers(self, low: int, high: int, shape: tuple[int, ...]) -> Tensor:
        """Integers from low to high − 1."""
        return torch.randint(low, high, shape, generator=self.generator)

    def permutation(self, n: int) -> Tensor:
        """A permutation of 0 … n−1."""
        return torch.randperm(n, generator=self.generator)


def assert_matches(
    returned: object,
    expected: object,
    *,
    rtol: float | None = None,
    atol: float | None = None,
    dtype: bool = True,
    mistakes: Mapping[str, object] | None = None,
) -> None:
    """Require a returned value to equal the expected one.

    A number may come as a Python or NumPy number or a tensor without axes; a tuple may be a list.
    Tensors need the exact shape and, unless dtype is False, the same floating-point type; any
    integer type will do for integers. Default tolerances follow the expected value's type.

    Args:
        mistakes: what comes out with a common mistake, by a sentence that names it.
    """
    __tracebackhide__ = True
    if mistakes:
        _assert_no_mistake(returned, expected, mistakes, rtol=rtol, atol=atol, dtype=dtype)
        return
    if isinstance(expected, tuple | list):
        _assert_sequence(returned, expected, rtol=rtol, atol=atol, dtype=dtype)
        return
    if expected is returned is None:
        return
    if isinstance(expected, Tensor | np.ndarray):
        assert_same_form(returned, expected, dtype)
        rtol_default, atol_default = TOLERANCES.get(_torch_type(expected), (0.0, 0.0))
    else:
        assert_number(returned)
        rtol_default, atol_default = NUMBER_TOLERANCE
    rtol = rtol_default if rtol is None else rtol
    atol = atol_default if atol is None else atol
    _assert_close(returned, expected, rtol, atol)


def assert_number(returned: object) -> None:
    """Require a Python or NumPy number or a tensor without axes, of any value."""
    __tracebackhide__ = True
    if isinstance(returned, bool | str) or not isinstance(returned, Real | Tensor | np.ndarray):
        raise CheckFailed(f"expected a number, not {_kind(returned)}", returned)
    if isinstance(returned, Tensor | np.ndarray) and returned.shape != ():
        raise CheckFailed(f"expected one number, not shape {tuple(returned.shape)}", returned)


def assert_same_form(returned: object, expected: Tensor | np.ndarray, dtype: bool = True) -> None:
    """Require a tensor (or array) of the expected one's shape and dtype, of any values."""
    __tracebackhide__ = True
    wanted = Tensor if isinstance(expected, Tensor) else np.ndarray
    if not isinstance(returned, wanted):
        message = f"expected {KINDS[wanted]}, not {_kind(returned)}"
        raise CheckFailed(message, returned, expected)
    if returned.shape != expected.shape:
        message = f"expected shape {tuple(expected.shape)}, not {tuple(returned.shape)}"
        raise CheckFailed(message, returned, expected)
    left, right = _torch_type(returned), _torch_type(expected)
    alike = left == right or _family(left) == _family(right) == "integer"
    if not alike and (dtype or _family(left) != _family(right)):
        message = f"expected dtype {expected.dtype}, not {returned.dtype}"
        raise CheckFailed(message, returned, expected)


def assert_gradient_matches(
    function: Callable[..., Tensor],
    inputs: Sequence[Tensor],
    expected: Sequence[Tensor],
    *,
    cotangent: Tensor | None = None,
    rtol: float | None = None,
    atol: float | None = None,
) -> None:
    """Require the gradients of (cotangent · function(*inputs)) with respect to all inputs."""
    __tracebackhide__ = True
    leaves = [tensor.detach().clone().requires_grad_() for tensor in inputs]
    value = function(*leaves)
    if not isinstance(value, Tensor):
        raise CheckFailed(f"expected a tensor to differentiate, not {_kind(value)}", value)
    if not value.requires_grad:
        raise CheckFailed("no gradient flows through the result: was something detached?")
    cotangent = torch.ones_like(value) if cotangent is None else cotangent
    assert_same_form(value.detach(), cotangent, dtype=True)
    gradients = torch.autograd.grad(value, leaves, cotangent, allow_unused=True)
    for place, (gradient, wanted) in enumerate(zip(gradients, expected, strict=True), start=1):
        if gradient is None:
            raise CheckFailed(f"no gradient reaches differentiable argument {place}")
        try:
            assert_matches(gradient, wanted, rtol=rtol, atol=atol)
        except CheckFailed as failure:
            message = f"gradient with respect to differentiable argument {place}: "
            raise CheckFailed(message + failure.message, gradient, wanted, failure.notes) from None


def assert_differentiable(function: Callable[..., Tensor], inputs: Sequence[Tensor]) -> None:
    """Require backpropagated gradients (float64 inputs) to agree with finite differences."""
    __tracebackhide__ = True
    leaves = tuple(tensor.detach().clone().requires_grad_() for tensor in inputs)
    try:
        torch.autograd.gradcheck(function, leaves, check_undefined_grad=False)
    except GradcheckError as error:
        raise CheckFailed(f"the gradient is not the derivative of the value: {error}") from None


def assert_raises(call: Callable[[], object], *type_names: str) -> None:
    """Require an exception of one of these types, or a subclass; any other goes through.

    An exception that crossed from another process tells its type and bases in `type_names`.
    """
    __tracebackhide__ = True
    try:
        returned = call()
    except Exception as error:
        names = {base.__name__ for base in type(error).__mro__}
        names |= set(getattr(error, "type_names", ()))
        if names.isdisjoint(type_names):
            raise
        return
    raise CheckFailed(f"expected a {type_names[0]}, but the call returned", returned, type_names[0])


def show(value: object) -> str:
    """A value in one short line: small ones in full, large ones by shape and first entries."""
    if isinstance(value, Tensor | np.ndarray):
        dtype = str(value.dtype).removeprefix("torch.")
        first = _numbers(value.reshape(-1)[:8]).tolist()
        listed = ", ".join(f"{entry:.6g}" for entry in first)
        more = ", …" if math.prod(value.shape) > 8 else ""
        return f"{dtype} {tuple(value.shape)} [{listed}{more}]"
    if isinstance(value, tuple | list):
        more = ", …" if len(value) > 8 else ""
        return "(" + ", ".join(show(part) for part in value[:8]) + more + ")"
    if isinstance(value, dict):
        more = ", …" if len(value) > 8 else ""
        shown = [f"{key}: {show(part)}" for key, part in islice(value.items(), 8)]
        return "{" + ", ".join(shown) + more + "}"
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _assert_no_mistake(returned, expected, mistakes: Mapping[str, object], **tolerances) -> None:
    __tracebackhide__ = True
    try:
        assert_matches(returned, expected, **tolerances)
    except CheckFailed as failure:
        notes = [sentence for sentence, wrong in mistakes.items() if _is_like(returned, wrong)]
        notes += [note for note in failure.notes if not notes or not note.startswith("every")]
        raise CheckFailed(failure.message, failure.returned, failure.expected, notes) from None


def _is_like(returned, wrong) -> bool:
    try:
        assert_matches(returned, wrong, dtype=False)
    except CheckFailed:
        return False
    return True


def _assert_sequence(returned, expected, **tolerances) -> None:
    __tracebackhide__ = True
    if not isinstance(returned, tuple | list) or len(returned) != len(expected):
        size = f" of {len(returned)}" if isinstance(returned, tuple | list) else ""
        message = f"expected {len(expected)} values, not {_kind(returned)}{size}"
        raise CheckFailed(message, returned, expected)
    for place, (part, wanted) in enumerate(zip(returned, expected, strict=True), start=1):
        try:
            assert_matches(part, wanted, **tolerances)
        except CheckFailed as failure:
            message = f"value {place} of {len(expected)}: {failure.message}"
            raise CheckFailed(message, part, wanted, failure.notes) from None


def _assert_close(returned, expected, rtol: float, atol: float) -> None:
    __tracebackhide__ = True
    left, right = _numbers(returned), _numbers(expected)
    if torch.isclose(left, right, rtol=rtol, atol=atol, equal_nan=True).all():
        return
    if left.isnan().any() and not right.isnan().any():
        raise CheckFailed("the result contains nan", returned, expected)
    if left.isinf().any() and not right.isinf().any():
        raise CheckFailed("the result contains inf", returned, expected)
    gap = torch.where(left == right, 0, (left - right).abs())
    worst = () if left.dim() == 0 else _worst_index(gap)
    where = f", at index {worst}" if left.dim() else ""
    message = f"largest difference {gap.max().item():.3g}{where}"
    notes = [*_relation(left, right), _allowed(left[worst], right[worst], where, rtol, atol)]
    raise CheckFailed(message, returned, expected, notes)


def _allowed(returned: Tensor, expected: Tensor, where: str, rtol: float, atol: float) -> str:
    allowed = atol + rtol * expected.abs().item()
    values = f"{returned.item():.6g} where {expected.item():.6g} is expected, "
    return f"{values if where else ''}allowed difference {allowed:.2g}{where}"


FACTORS = {0.5: "half", 2.0: "twice", 1 / math.log(2): "1/ln 2 times", math.log(2): "ln 2 times"}


def _relation(returned: Tensor, expected: Tensor) -> list[str]:
    """Say how all values differ from the expected ones, where they do so in one simple way."""
    alike = functools.partial(torch.allclose, rtol=1e-4, atol=1e-6)
    if not (returned.isfinite().all() and expected.isfinite().all()) or not expected.any():
        return []
    ratio = (returned.flatten() @ expected.flatten() / expected.square().sum()).item()
    several = int((expected != 0).sum()) > 1
    if abs(ratio) > 1e-6 and alike(returned, ratio * expected):
        close = functools.partial(math.isclose, ratio, rel_tol=1e-4)
        names = [words for factor, words in FACTORS.items() if close(factor)]
        if names:
            unit = " (bits in place of nats?)" if names[0].startswith("1/ln") else ""
            return [f"every value is {names[0]} what is expected{unit}"]
        if close(-1):
            return ["every value has the opposite sign"]
        return [f"every value is {ratio:.4g} times what is expected"] if several else []
    offset = (returned - expected).mean()
    if several and alike(returned, expected + offset):
        return [f"every value is {offset.item():+.4g} off"]
    if several and alike(returned.flatten().sort().values, expected.flatten().sort().values):
        return ["the values are those expected, in another order"]
    return []


def _worst_index(gap: Tensor) -> tuple[int, ...]:
    flat = int(gap.nan_to_num(math.inf).argmax())
    return tuple(int(i) for i in np.unravel_index(flat, tuple(gap.shape)))


def _numbers(value) -> Tensor:
    if isinstance(value, np.ndarray):
        value = torch.from_numpy(value.astype(np.float64))
    return torch.as_tensor(value).detach().to("cpu", torch.float64)


def _torch_type(value) -> torch.dtype:
    if isinstance(value, Tensor):
        return value.dtype
    return torch.from_numpy(np.empty(0, value.dtype)).dtype


def _family(dtype: torch.dtype) -> str:
    if dtype.is_floating_point:
        return "float"
    return str(dtype) if dtype.is_complex or dtype == torch.bool else "integer"


def _kind(value) -> str:
    for kind, words in KINDS.items():
        if isinstance(value, kind):
            return words
    name = type(value).__name__
    return f"an {name}" if name[0] in "aeiou" else f"a {name}"
