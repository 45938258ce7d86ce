"""What every test of the project leaves as it found it."""

import pytest
import torch


@pytest.fixture(autouse=True)
def denormals():
    """Training flushes denormals for the whole process; hypothesis needs them back."""
    yield
    torch.set_flush_denormal(False)
