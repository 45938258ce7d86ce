"""What a call leaves behind is noticed, and what it may leave is not."""

import numpy as np
import pytest
import torch
from torch import nn

from footprint import CHANGES, Footprint, takes_seed
from toy_models import LinearVAE, ModeVAE, OnePass

WEIGHTS = {
    "to_mean": torch.ones(1, 2),
    "to_log_var": torch.zeros(1, 2),
    "log_var": torch.zeros(1),
    "to_image": torch.ones(1, 2),
}


@pytest.fixture(autouse=True)
def _torch_as_it_was():
    state, dtype = torch.get_rng_state(), torch.get_default_dtype()
    torch.manual_seed(20)  # no other test leaves this one behind
    yield
    torch.set_grad_enabled(True)
    torch.set_default_dtype(dtype)
    torch.set_default_device("cpu")
    torch.set_rng_state(state)


def left_behind(function, *arguments) -> list[str]:
    before = Footprint([list(arguments), {}])
    function(*arguments)
    return before.changes()


def _seed(x):
    with torch.random.fork_rng():
        torch.manual_seed(x)


@pytest.mark.parametrize(
    ("function", "argument", "found"),
    [
        (lambda x: x.mul_(2), torch.ones(3), ["argument"]),
        (lambda x: x.unsqueeze_(0), torch.ones(3), ["argument"]),
        (lambda x: x[1].zero_(), [torch.ones(1), torch.ones(2)], ["argument"]),
        (lambda x: x.sort(), np.array([2, 1]), ["argument"]),
        (lambda x: x.pop(), [torch.ones(1)], ["argument"]),
        (lambda x: x.reverse(), [1, 2], ["argument"]),
        (lambda x: x.update(a=2), {"a": 1}, ["argument"]),
        (lambda x: [each.zero_() for each in x], OnePass(torch.ones(2, 3), 1), ["argument"]),
        (lambda x: nn.init.zeros_(x.to_mean), LinearVAE(**WEIGHTS), ["argument"]),
        (lambda x: x.requires_grad_(False), LinearVAE(**WEIGHTS), ["requires_grad"]),
        (lambda x: x.requires_grad_(), torch.ones(3), ["requires_grad"]),
        (lambda x: x.sum().backward(), torch.ones(3, requires_grad=True), ["grad"]),
        (lambda x: x.train(), ModeVAE(**WEIGHTS).eval(), ["mode"]),
        (lambda x: x.decoder_layer.train(), ModeVAE(**WEIGHTS).eval(), ["mode"]),
        (torch.set_grad_enabled, False, ["grad_mode"]),
        (torch.set_default_dtype, torch.float64, ["default_dtype"]),
        (torch.set_default_device, "meta", ["default_device"]),
        (torch.manual_seed, 3, ["seed"]),
        # what may be
        (lambda x: x * 2, torch.tensor([float("nan"), float("inf")]), []),
        (lambda x: x.append(1), [], []),
        (lambda x: x.eval(), ModeVAE(**WEIGHTS), []),
        (lambda x: x.train(), ModeVAE(**WEIGHTS), []),
        (torch.randn, 3, []),
        (_seed, 3, []),
    ],
)
def test_what_is_left_behind(function, argument, found):
    assert left_behind(function, argument) == found
    assert set(found) <= CHANGES.keys()


def test_a_seed_is_told_from_the_signature():
    assert takes_seed(torch.manual_seed)
    assert not takes_seed(lambda *args, **kwargs: None)
    assert not takes_seed(torch.exp)  # which has no signature that could be read


def test_settings_are_restored():
    before = Footprint([])
    torch.set_grad_enabled(False)
    torch.set_default_dtype(torch.float64)
    torch.set_default_device("meta")
    torch.manual_seed(3)
    before.restore_settings()
    assert before.changes() == []


def test_the_same_seed_is_noticed_at_every_call():
    for _ in range(2):
        before = Footprint([])
        torch.manual_seed(3)
        assert before.changes() == ["seed"]
        before.restore_settings()
