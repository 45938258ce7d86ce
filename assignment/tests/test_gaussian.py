"""Public checks of tasks 1.1 and 1.2."""

import math

import pytest
import torch

from support import assert_gradient_matches, assert_matches


@pytest.mark.task("1.1")
@pytest.mark.drawn
def test_sample_by_hand(student):
    """Variance 4 doubles the noise before the mean is added."""
    mean = torch.tensor([[1.0, -2.0, 0.0]])
    log_var = torch.tensor([[math.log(4), 0.0, math.log(0.25)]])
    noise = torch.tensor([[0.5, 1.0, -3.0]])
    expected = torch.tensor([[2.0, -1.0, -1.5]])
    mistakes = {
        "the noise is scaled by the variance, not by the standard deviation": torch.tensor(
            [[3.0, -1.0, -0.75]]
        ),
        "the noise is scaled by the log-variance itself": mean + log_var * noise,
    }
    assert_matches(student.reparameterize(mean, log_var, noise), expected, mistakes=mistakes)


@pytest.mark.task("1.1")
def test_sample_gradient_by_hand(student):
    """Gradients reach the mean and the log-variance."""
    mean, log_var, noise = torch.zeros(2), torch.tensor([0.0, math.log(4)]), torch.ones(2)
    expected = [torch.tensor([1.0, 1.0]), torch.tensor([0.5, 1.0])]
    assert_gradient_matches(
        lambda mean, log_var: student.reparameterize(mean, log_var, noise),
        [mean, log_var],
        expected,
    )


@pytest.mark.task("1.2")
@pytest.mark.drawn
def test_kl_by_hand(student):
    """KL of four known Gaussians, one value per dimension."""
    mean = torch.tensor([[0.0, 2.0], [0.0, 1.0]])
    log_var = torch.tensor([[0.0, 0.0], [math.log(4), -math.log(4)]])
    expected = torch.tensor([[0.0, 2.0], [1.5 - math.log(2), 0.125 + math.log(2)]])
    squared, log_2 = torch.tensor([[0.0, 4.0], [0.0, 1.0]]), math.log(2)
    mistakes = {
        "log_var is taken for ln σ": torch.tensor(
            [[0.0, 2.0], [7.5 - 2 * log_2, 1 / 32 + 2 * log_2]]
        ),
        "all terms are summed over the dimensions: one value per dimension is asked for": (
            expected.sum(1)
        ),
        "this is the KL from N(0, 1) to q, the other way round": torch.stack(
            [0.5 * (1 + squared[0]) - 0.5, torch.tensor([log_2 - 0.375, 3.5 - log_2])]
        ),
    }
    assert_matches(student.gaussian_kl(mean, log_var), expected, mistakes=mistakes)
