"""Hidden checks of tasks 1.1 and 1.2."""

import math

import pytest
import torch
from hypothesis import given, settings
from torch.distributions import Normal, kl_divergence

from strategies import posteriors, samples
from support import (
    assert_differentiable,
    assert_gradient_matches,
    assert_matches,
    assert_same_form,
)

SHAPES = [(6,), (5, 7), (4, 4), (1, 3), (3, 1), (2, 3, 4), (1,), (2, 1, 3, 2)]
SHAPES += [(10_500, 1), (3, 700)]  # as many images and latents as the lab's
HALF = {torch.float16: 5e-3, torch.bfloat16: 0.05}  # where all is computed in these types


def _prior(like):
    return Normal(torch.zeros_like(like), torch.ones_like(like))


@pytest.mark.task("1.1")
@settings(max_examples=40)
@given(samples())
def test_sample_value(student, inputs):
    """z is the mean plus the standard deviation times the noise, for any parameters."""
    mean, log_var, noise = inputs
    expected = mean + log_var.div(2).exp() * noise
    assert_matches(student.reparameterize(mean, log_var, noise), expected)


@pytest.mark.task("1.1")
def test_sample_shape_and_dtype(student, draw):
    """z has the shape and the dtype of its inputs, for any number of axes."""
    for dtype in (torch.float32, torch.float64):
        for shape in SHAPES:
            mean, log_var, noise = (draw.normal(*shape, dtype=dtype) for _ in range(3))
            expected = mean + log_var.div(2).exp() * noise
            assert_matches(student.reparameterize(mean, log_var, noise), expected)
    for dtype, tolerance in HALF.items():
        half = [tensor[:, :9].to(dtype) for tensor in (mean, log_var, noise)]
        mean_9, log_var_9, noise_9 = (tensor.double() for tensor in half)
        expected = (mean_9 + log_var_9.div(2).exp() * noise_9).to(dtype)
        returned = student.reparameterize(*half)
        assert_matches(returned, expected, rtol=tolerance, atol=tolerance)


@pytest.mark.task("1.1")
def test_sample_gradient(student, draw):
    """Gradients with respect to mean and log-variance are those of the pathwise estimator."""
    mean, log_var, noise, cotangent = (draw.normal(5, 3, dtype=torch.float64) for _ in range(4))
    expected = [cotangent, cotangent * 0.5 * log_var.div(2).exp() * noise]

    def sample(mean, log_var):
        return student.reparameterize(mean, log_var, noise)

    assert_gradient_matches(sample, [mean, log_var], expected, cotangent=cotangent)
    assert_differentiable(sample, [mean, log_var])
    for dtype in (torch.float32, torch.float64):  # small and large ones, one of many rows
        for scale, shape in ((1e-4, (2, 1, 3)), (1e5, (7,)), (3.0, (1500, 2))):
            mean, noise, cotangent = (draw.normal(*shape, dtype=dtype) for _ in range(3))
            log_var = draw.uniform(*shape, low=-12, high=8, dtype=dtype)
            expected = [scale * cotangent, scale * cotangent * 0.5 * log_var.div(2).exp() * noise]
            assert_gradient_matches(
                lambda mean, log_var, noise=noise: student.reparameterize(mean, log_var, noise),
                [mean, log_var],
                expected,
                cotangent=scale * cotangent,
            )


@pytest.mark.task("1.1")
@pytest.mark.no_mutation
def test_sample_is_pure(student, draw):
    """The same noise gives the same z, with gradients or without, and no input is changed."""
    mean, log_var = draw.normal(1, 4).repeat(6, 1), draw.normal(1, 4).repeat(6, 1)
    inputs = mean, log_var, draw.normal(6, 4)
    copies = [tensor.clone() for tensor in inputs]
    first = student.reparameterize(*inputs)
    assert_matches(inputs, copies, rtol=0, atol=0)
    assert_matches(student.reparameterize(*inputs), first, rtol=0, atol=0)
    with torch.no_grad():
        assert_matches(student.reparameterize(*inputs), first, rtol=1e-6, atol=1e-6)
    assert_same_form(first, mean)
    assert_matches((first - mean) / log_var.div(2).exp(), copies[2], atol=1e-4)


@pytest.mark.task("1.1")
def test_sample_extremes(student, draw):
    """Very small and very large variances are neither clipped nor overflow, nor do gradients."""
    mean, noise = draw.normal(4, 2), draw.uniform(4, 2, low=0.5, high=2)
    for log_var in (120.0, -120.0, -60.0, -30.0, -12.0, 12.0, 30.0, 75.0):
        expected = math.exp(log_var / 2) * noise.double()
        assert_gradient_matches(
            lambda mean, log_var: student.reparameterize(mean, log_var, noise),
            [mean, torch.full((4, 2), log_var)],
            [torch.ones(4, 2), (0.5 * expected).float()],
            rtol=1e-4,
            atol=0,
        )
        sampled = student.reparameterize(torch.zeros(4, 2), torch.full((4, 2), log_var), noise)
        assert_matches(sampled, expected.float(), rtol=1e-4, atol=0)
        sampled = student.reparameterize(mean, torch.full((4, 2), log_var), noise)
        assert_matches(sampled, (mean + expected).float(), rtol=1e-4)


@pytest.mark.task("1.2")
@settings(max_examples=40)
@given(posteriors())
def test_kl_matches_closed_form(student, posterior):
    """KL equals the closed form, dimension by dimension, for any mean and log-variance."""
    mean, log_var = posterior
    expected = kl_divergence(Normal(mean, log_var.div(2).exp()), _prior(mean))
    assert_matches(student.gaussian_kl(mean, log_var), expected, rtol=1e-7, atol=1e-7)


@pytest.mark.task("1.2")
def test_kl_matches_samples(student, draw):
    """KL is the average of ln q(z|x) − ln p(z) over samples of the posterior."""
    mean, log_var = draw.uniform(2, 3, low=-2, high=2), draw.uniform(2, 3, low=-2, high=1)
    posterior = Normal(mean.double(), log_var.double().div(2).exp())
    z = posterior.mean + posterior.stddev * draw.normal(20_000, 2, 3, dtype=torch.float64)
    gaps = posterior.log_prob(z) - _prior(z).log_prob(z)
    returned = student.gaussian_kl(mean, log_var)
    assert_same_form(returned, mean)
    z_scores = (returned - gaps.mean(0)) / (gaps.std(0) / len(z) ** 0.5)
    assert_matches(z_scores, torch.zeros(2, 3, dtype=torch.float64), rtol=0, atol=6.0)


@pytest.mark.task("1.2")
@pytest.mark.no_mutation
def test_kl_shape_and_dtype(student, draw):
    """One value per dimension, in the dtype of the inputs, for any number of axes."""
    for dtype in (torch.float32, torch.float64):
        for shape in SHAPES:
            mean, log_var = draw.normal(*shape, dtype=dtype), draw.normal(*shape, dtype=dtype)
            expected = kl_divergence(Normal(mean, log_var.div(2).exp()), _prior(mean))
            copies = [mean.clone(), log_var.clone()]
            assert_matches(student.gaussian_kl(mean, log_var), expected)
            with torch.no_grad():
                assert_matches(student.gaussian_kl(mean, log_var), expected)
            assert_matches([mean, log_var], copies, rtol=0, atol=0)
    for dtype, tolerance in HALF.items():
        half = mean[:, :9].to(dtype), log_var[:, :9].to(dtype)
        mean_9, log_var_9 = (tensor.double() for tensor in half)
        expected = (0.5 * (mean_9**2 + log_var_9.expm1() - log_var_9)).to(dtype)
        assert_matches(student.gaussian_kl(*half), expected, rtol=tolerance, atol=tolerance)


@pytest.mark.task("1.2")
def test_kl_gradient(student, draw):
    """Gradients with respect to mean and log-variance are those of the closed form."""
    mean, log_var, cotangent = (draw.normal(4, 3, dtype=torch.float64) for _ in range(3))
    expected = [cotangent * mean, cotangent * 0.5 * (log_var.exp() - 1)]
    assert_gradient_matches(student.gaussian_kl, [mean, log_var], expected, cotangent=cotangent)
    assert_differentiable(student.gaussian_kl, [mean, log_var])
    for dtype in (torch.float32, torch.float64):  # KLs of 10⁻⁸ to 10⁴, one of many rows
        for scale, size, shape in ((1e-4, 1, (2, 1, 3)), (0.03, 1e4, (9,)), (3, 1, (1500, 2))):
            mean, cotangent = scale * draw.normal(*shape, dtype=dtype), size * draw.normal(*shape)
            log_var = scale * draw.normal(*shape, dtype=dtype)
            cotangent = cotangent.to(dtype)
            expected = [cotangent * mean, cotangent * 0.5 * log_var.expm1()]
            assert_gradient_matches(
                student.gaussian_kl,
                [mean, log_var],
                expected,
                cotangent=cotangent,
                atol=3e-7 * size,
            )
        mean = torch.tensor([150.0, -30.0, 0.0, 2.0], dtype=dtype)
        log_var = torch.tensor([0.0, -25.0, 9.0, 12.0], dtype=dtype)
        expected = [mean, 0.5 * log_var.expm1()]
        assert_gradient_matches(student.gaussian_kl, [mean, log_var], expected)


@pytest.mark.task("1.2")
def test_kl_extremes(student):
    """Very narrow, very wide and far-away posteriors have their true KL; no term is clipped."""
    mean = torch.tensor([0.0, 0.0, 0.0, 0.0, 50.0, -1e3, 0.0, 0.0, 1e8, 0.5])
    log_var = torch.tensor([-30.0, -12.0, 12.0, 30.0, 0.0, -30.0, -80.0, 75.0, 0.0, -120.0])
    exact = 0.5 * (mean.double() ** 2 + log_var.double().expm1() - log_var.double())
    assert_matches(student.gaussian_kl(mean, log_var), exact.float(), rtol=1e-4)
    assert_matches(
        student.gaussian_kl(mean.double(), log_var.double()), exact, rtol=1e-9, atol=1e-9
    )
