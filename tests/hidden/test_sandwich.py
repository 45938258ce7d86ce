"""Hidden checks of task 3.8."""

import math

import pytest
import torch

from support import assert_matches


def _direct(z, mean, log_var):
    """Both bounds in float64, one density at a time."""
    z, mean, log_var = z.double(), mean.double(), log_var.double()
    n, lower, upper = len(z), [], []
    for i in range(n):
        square = (z[i] - mean).square() / log_var.exp()
        density = -0.5 * (square + log_var + math.log(2 * math.pi)).sum(1)
        others = torch.cat([density[:i], density[i + 1 :]])
        lower.append(density[i] - torch.logsumexp(density, 0) + math.log(n))
        upper.append(density[i] - torch.logsumexp(others, 0) + math.log(n - 1))
    return torch.stack(lower).mean().item(), torch.stack(upper).mean().item()


def _posterior(draw, n, d, dtype=torch.float32):
    """Means and log-variances that differ between images and dimensions, and a sample of each."""
    mean, log_var = draw.normal(n, d, dtype=dtype), 1.5 * draw.normal(n, d, dtype=dtype) - 0.5
    return mean + log_var.div(2).exp() * draw.normal(n, d, dtype=dtype), mean, log_var


@pytest.mark.task("3.8")
@pytest.mark.no_mutation
def test_sandwich_matches_direct_sum(student, draw):
    """Both bounds equal a sum over all pairs, each image with a variance of its own."""
    for n, d in ((2, 1), (2, 4), (5, 5), (9, 3), (6, 1), (17, 8), (1010, 1), (3, 600)):
        for dtype in (torch.float32, torch.float64):
            inputs = _posterior(draw, n, d, dtype)
            copies = [tensor.clone() for tensor in inputs]
            returned = student.sandwich_bounds(*inputs)
            assert_matches(returned, _direct(*copies), rtol=1e-4, atol=1e-4)
            assert_matches(inputs, copies, rtol=0, atol=0)
            if n < 20:  # latents far from their own posteriors: both bounds are low, and cross
                z = copies[0].roll(1, 0)
                returned = student.sandwich_bounds(z, *copies[1:])
                assert_matches(returned, _direct(z, *copies[1:]), rtol=1e-4, atol=1e-3)


@pytest.mark.task("3.8")
def test_sandwich_separated(student, draw):
    """Posteriors far apart: the lower bound stops at ln N, the upper one stays finite."""
    for n, d, spread, log_var in ((2, 2, 100.0, 0.0), (8, 3, 20.0, -3.0), (12, 1, 1.0, -12.0)):
        mean = spread * torch.arange(n).unsqueeze(1) * torch.ones(n, d)
        log_var = log_var + 0.3 * draw.normal(n, d)
        z = mean + log_var.div(2).exp() * draw.normal(n, d)
        lower, upper = _direct(z, mean, log_var)
        returned = student.sandwich_bounds(z, mean, log_var)
        assert_matches(returned, (math.log(n), upper), rtol=1e-3, atol=1e-3)
        assert_matches(returned[0], lower, rtol=1e-4, atol=1e-4)


@pytest.mark.task("3.8")
def test_sandwich_brackets_the_truth(student, draw):
    """The two bounds enclose the known information of a linear Gaussian encoder, closely.

    ln q(z|x) − ln q(z) has a standard deviation below √(2I) and √(d); over 1,000 images the mean
    has one below 0.05, so 0.35 is seven: a false alarm in fewer than 1 of 10¹¹ runs.
    """
    n = 1000
    for d, nats in ((1, 2.0), (2, 1.0)):
        variance = math.expm1(2 * nats / d)  # of the mean, where that of the noise is 1
        mean = math.sqrt(variance) * draw.normal(n, d)
        z = mean + draw.normal(n, d)
        returned = student.sandwich_bounds(z, mean, torch.zeros(n, d))
        assert_matches(returned, (nats, nats), rtol=0, atol=0.35)


@pytest.mark.task("3.8")
def test_sandwich_precision(student, draw):
    """Single-precision inputs with very narrow or very wide posteriors lose no accuracy."""
    n, d = 10, 4
    for centre, log_var in ((30.0, -9.0), (0.0, -40.0), (5.0, 14.0), (0.0, 70.0)):
        log_var = log_var + draw.normal(n, d)
        scale = log_var.div(2).exp()
        mean = centre + 0.5 * scale * draw.normal(n, d)
        inputs = mean + scale * draw.normal(n, d), mean, log_var
        assert_matches(student.sandwich_bounds(*inputs), _direct(*inputs), rtol=2e-3, atol=2e-3)
