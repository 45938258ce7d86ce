"""What a call leaves behind: its arguments and the settings of torch, before and after.

A task function leaves everything as it found it. Three things are free: a list that is empty at the
call may be filled, a model may be left in evaluation mode, and where a task's function has an
argument `seed`, it may seed torch. The last is for the caller to pardon: a call does not tell.
"""

import inspect
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

CHANGES = {
    "argument": "an argument was changed in place: work on a copy",
    "requires_grad": "a call changed whether a tensor of its arguments requires gradients: work on "
    "a copy, or on x.detach()",
    "grad": "a call left gradients in .grad of its arguments: use torch.autograd.grad",
    "mode": "a model in evaluation mode came back in training mode",
    "grad_mode": "gradients were switched on or off for all that comes after: use "
    "`with torch.no_grad():`",
    "import": "importing the module switched gradients off for all that comes after: use "
    "`with torch.no_grad():` where you need it",
    "default_dtype": "torch's default dtype was changed: give the dtype where you make a tensor",
    "default_device": "torch's default device was changed: give the device where you make a tensor",
    "seed": "torch's global generator was seeded, so others draw the same numbers after each call: "
    "draw from a torch.Generator of your own",
}
"""What may be left behind, and the sentence that says so."""


def takes_seed(function: Callable) -> bool:
    """Return whether a function has an argument `seed`: then it may seed torch's generator."""
    try:
        return "seed" in inspect.signature(function).parameters
    except (TypeError, ValueError):  # as of torch's own: it has none to be read
        return False


class Footprint:
    """The state before a call of a function.

    Args:
        arguments: all that it is given: nested lists, tuples and dicts of values.
    """

    def __init__(self, arguments: Any):
        self._arguments, self._outline = arguments, _outline(arguments)
        self._tensors = [
            (tensor, _copy(tensor), *_gradients(tensor)) for tensor in _tensors(arguments)
        ]
        self._modes = [
            (part, part.training)
            for model in _leaves(arguments)
            if isinstance(model, nn.Module)
            for part in model.modules()
        ]
        self._settings = _settings()
        self._random_state = torch.get_rng_state()

    def changes(self) -> list[str]:
        """Return what is not as it was, as keys of CHANGES in their order."""
        found = {key for key, value in _settings().items() if value != self._settings[key]}
        if not _is_kept(self._outline, self._arguments):
            found.add("argument")
        for tensor, copy, requires_grad, has_grad in self._tensors:
            found |= {"argument"} if not _is_same(copy, tensor) else set()
            now = _gradients(tensor)
            found |= {"requires_grad"} if now[0] != requires_grad else set()
            found |= {"grad"} if now[1] != has_grad else set()
        if any(part.training and not before for part, before in self._modes):
            found.add("mode")
        return [key for key in CHANGES if key in found]

    def restore_settings(self) -> None:
        """Set torch as it was, so that what one call left behind does not spoil the next."""
        torch.set_grad_enabled(self._settings["grad_mode"])
        torch.set_default_dtype(self._settings["default_dtype"])
        if torch.get_default_device() != self._settings["default_device"]:
            torch.set_default_device(self._settings["default_device"])
        if torch.initial_seed() != self._settings["seed"]:
            torch.set_rng_state(self._random_state)


def _settings() -> dict[str, Any]:
    return {
        "grad_mode": torch.is_grad_enabled(),
        "default_dtype": torch.get_default_dtype(),
        "default_device": torch.get_default_device(),
        "seed": torch.initial_seed(),
    }


def _outline(value: Any) -> Any:
    """The lists, tuples and dicts of a value once more, around the very same leaves."""
    if isinstance(value, dict):
        return {key: _outline(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_outline(item) for item in value]
    return value


def _is_kept(outline: Any, value: Any) -> bool:
    if isinstance(outline, dict):
        same = isinstance(value, dict) and list(outline) == list(value)
        return same and all(_is_kept(outline[key], value[key]) for key in outline)
    if isinstance(outline, list):
        same = isinstance(value, list | tuple) and len(outline) == len(value)
        return not outline or (same and all(map(_is_kept, outline, value)))
    return outline is value


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for item in value:
            yield from _leaves(item)
    else:
        yield value


def _tensors(value: Any) -> Iterator[Tensor | np.ndarray]:
    """All tensors and arrays in a value, those of models and what these were made from included."""
    for leaf in _leaves(value):
        if isinstance(leaf, Tensor | np.ndarray):
            yield leaf
        elif isinstance(leaf, nn.Module):
            yield from leaf.parameters()
            yield from leaf.buffers()
            recipe: Any = getattr(leaf, "recipe", None)
            yield from _tensors(recipe()[1] if recipe else ())


def _copy(tensor: Tensor | np.ndarray) -> Tensor:
    if isinstance(tensor, np.ndarray):
        return torch.from_numpy(tensor.copy())
    return tensor.detach().clone()


def _gradients(tensor: Tensor | np.ndarray) -> tuple[bool, bool]:
    """Whether it requires gradients, and whether it holds one."""
    if isinstance(tensor, np.ndarray):
        return False, False
    return tensor.requires_grad, tensor.is_leaf and tensor.grad is not None


def _is_same(copy: Tensor, tensor: Tensor | np.ndarray) -> bool:
    now = _copy(tensor)
    if copy.shape != now.shape or copy.dtype != now.dtype:
        return False
    return torch.equal(copy, now) or (
        copy.is_floating_point()
        and torch.equal(copy.isnan(), now.isnan())
        and torch.equal(copy.nan_to_num(), now.nan_to_num())
    )
