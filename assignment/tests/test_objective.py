"""Public check of task 1.3."""

import pytest
import torch

from support import assert_matches


@pytest.mark.task("1.3")
@pytest.mark.drawn
def test_loss_by_hand(student):
    """Two images of four pixels, three latents, β = 2."""
    x = torch.tensor([[[[1.0, 0.0], [0.0, 1.0]]], [[[0.5, 0.5], [0.5, 0.5]]]])
    x_hat = torch.tensor([[[[0.0, 0.0], [0.0, 0.0]]], [[[0.5, 0.5], [0.5, 1.0]]]])
    mean = torch.tensor([[1.0, 0.0, 2.0], [0.0, 0.0, 0.0]])
    log_var = torch.zeros(2, 3)
    # squared errors 2 and 0.25, KLs 2.5 and 0
    expected = torch.tensor((2.0 + 2 * 2.5 + 0.25) / 2)
    mistakes = {
        "the squared error is averaged over the pixels, not summed": expected - 2.25 * 3 / 8,
        "the KL is averaged over the latents, not summed": expected - 5.0 * 2 / 6,
        "both terms are averaged within an image, not summed": torch.tensor(
            (2.25 / 4 + 2 * 2.5 / 3) / 2
        ),
        "the images are summed over, not averaged": 2 * expected,
        "β multiplies the squared error": torch.tensor((2 * 2.0 + 2.5 + 2 * 0.25) / 2),
        "β is left out": torch.tensor((2.0 + 2.5 + 0.25) / 2),
    }
    returned = student.beta_vae_loss(x, x_hat, mean, log_var, 2.0)
    assert_matches(returned, expected, mistakes=mistakes)
