"""Public check of task 2.9."""

import numpy as np
import pytest
import torch
from bits_back_inverse import decode, random_message

from support import CheckFailed, show
from toy_models import LinearVAE


@pytest.mark.task("2.9")
def test_bits_back_round_trip(student, draw):
    """One image of six pixels on a message of sixteen words: both come back."""
    model = LinearVAE(
        to_mean=torch.ones(2, 6) / 8,
        to_log_var=torch.zeros(2, 6),
        log_var=torch.tensor([-2.0, -3.0]),
        to_image=torch.ones(2, 6) / 4,
    )
    message, pixels = random_message(draw, 16), np.array([10, 200, 30, 90, 0, 255], np.int32)
    returned = student.bits_back_encode(message, pixels, model)
    decoded, _, below = decode(returned, 2, model)
    notes = [
        f"the message: {len(message)} words went in, {len(returned)} came back",
        f"pixels decoded from it: {show(decoded)}",
        f"pixels that went in: {show(pixels)}",
    ]
    if not np.array_equal(decoded, pixels):
        what = "other pixels are decoded from it than went in"
        raise CheckFailed(what, returned, "a message on top of which the image lies", notes)
    if not np.array_equal(below, message):
        what = "the image is decoded, but the message below it is not the one that went in"
        raise CheckFailed(what, below, message, notes)
