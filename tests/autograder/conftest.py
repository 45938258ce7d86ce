"""What tests of the autograder share."""

import pytest

from autograder.sandbox.zygote import zygote
from tests.autograder.tier import TIER


@pytest.fixture(scope="module")
def one_zygote():
    """Fork the workers of a module's tests from one zygote: each would import torch by itself."""
    with zygote(TIER):
        yield
