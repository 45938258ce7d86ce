"""What tests of the grader share."""

import pytest

from autograder.sandbox import sandbox
from autograder.sandbox.sandbox import Tier
from autograder.sandbox.zygote import zygote


@pytest.fixture(scope="module")
def one_zygote():
    """Fork the workers of a module's tests from one zygote: each would import torch by itself."""
    with zygote(Tier.PROCESS if sandbox._try_bubblewrap() else Tier.BUBBLEWRAP):
        yield
