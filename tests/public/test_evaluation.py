"""Public checks of tasks 1.4 and 1.5."""

import pytest
import torch

from support import assert_matches
from toy_models import LinearVAE


@pytest.mark.task("1.4")
def test_ragged_batches_by_hand(student):
    """Three images in batches of two and one: every image counts the same."""
    # two pixels, one latent: its mean is the first pixel, its variance e^-40 (no visible noise),
    # and the decoder writes z into the first pixel and leaves the second black
    model = LinearVAE(
        to_mean=torch.tensor([[1.0, 0.0]]),
        to_log_var=torch.zeros(1, 2),
        log_var=torch.tensor([-40.0]),
        to_image=torch.tensor([[1.0, 0.0]]),
    )
    batches = [torch.tensor([[0.0, 0.0], [0.0, 1.0]]), torch.tensor([[1.0, 0.5]])]
    rate = 0.5 * (1 / 3 + 40 - 1)  # mean² is 0, 0 and 1
    distortion = (0 + 1 + 0.25) / 3
    mistakes = {
        "the mean of batch means is not the mean over images": (
            (0.5 * 39 + 0.5 * 40) / 2,
            (0.5 + 0.25) / 2,
        ),
        "these are sums over the images, not means": (3 * rate, 3 * distortion),
        "the squared error is averaged over the pixels, not summed": (rate, distortion / 2),
    }
    returned = student.rate_and_distortion(model, batches)
    assert_matches(returned, (rate, distortion), mistakes=mistakes)


@pytest.mark.task("1.5")
def test_redundant_by_hand(student):
    """Of four dimensions the two that equal the prior are redundant, of the first three one."""
    mean = torch.tensor([[2.0, 0.0, 0.0, 0.0], [-2.0, 0.0, 0.0, 0.0]])
    log_var = torch.tensor([[0.0, 0.0, -3.0, 0.0], [0.0, 0.0, -3.0, 0.0]])
    assert_matches(student.redundant_dimensions(mean, log_var), torch.tensor([1, 3]))
    returned = student.redundant_dimensions(mean[:, :3], log_var[:, :3])
    assert_matches(returned, torch.tensor([1]))
