"""Hidden checks of task 1.3."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from strategies import betas, log_vars, means, tensors
from support import assert_differentiable, assert_gradient_matches, assert_matches


def _kl(mean, log_var):
    return 0.5 * (mean.double() ** 2 + log_var.double().expm1() - log_var.double())


def _loss(x, x_hat, mean, log_var, beta):
    """In float64, image by image."""
    images = [(a.double() - b.double()).square().sum() for a, b in zip(x, x_hat, strict=True)]
    rates = [beta * _kl(m, v).sum() for m, v in zip(mean, log_var, strict=True)]
    return (torch.stack(images) + torch.stack(rates)).mean()


@pytest.mark.task("1.3")
def test_loss_of_images(student, draw):
    """The loss is summed over all pixels, channels and latents, then averaged over the images."""
    sizes = (5, (1, 4, 6), 3), (2, (3, 8, 8), 7), (1, (3, 2, 2), 1), (7, (9,), 2), (600, (2, 3), 40)
    for batch, pixels, d in sizes:
        x, x_hat = draw.uniform(batch, *pixels), draw.uniform(batch, *pixels)
        mean, log_var = draw.normal(batch, d), draw.normal(batch, d)
        for beta in (0.1, 1.0, 4.0):
            expected = _loss(x, x_hat, mean, log_var, beta).float()
            assert_matches(student.beta_vae_loss(x, x_hat, mean, log_var, beta), expected)


@pytest.mark.task("1.3")
@pytest.mark.no_mutation
@settings(max_examples=30)
@given(st.data())
def test_loss_any_parameters(student, data):
    """The loss holds for narrow and wide posteriors, at any β ≥ 0, in double precision."""
    batch, d = data.draw(st.integers(1, 4)), data.draw(st.integers(1, 4))
    x, x_hat = (data.draw(tensors((batch, 1, 2, 3), st.floats(0, 1))) for _ in range(2))
    mean, log_var = (data.draw(tensors((batch, d), values)) for values in (means, log_vars))
    beta = data.draw(betas)
    copies = [tensor.clone() for tensor in (x, x_hat, mean, log_var)]
    returned = student.beta_vae_loss(x, x_hat, mean, log_var, beta)
    assert_matches(returned, _loss(*copies, beta), rtol=1e-7, atol=1e-6)
    assert_matches([x, x_hat, mean, log_var], copies, rtol=0, atol=0)


@pytest.mark.task("1.3")
def test_loss_beta(student, draw):
    """β multiplies the rate, once, and nothing else."""
    x, x_hat = draw.uniform(6, 1, 5, 5), draw.uniform(6, 1, 5, 5)
    mean, log_var = draw.normal(6, 4), draw.normal(6, 4)
    distortion = (x - x_hat).double().square().sum() / 6
    rate = _kl(mean, log_var).sum() / 6
    for beta in (0.0, 0.5, 10.0, 250.0, 4000.0):
        expected = (distortion + beta * rate).float()
        assert_matches(student.beta_vae_loss(x, x_hat, mean, log_var, beta), expected)
        with torch.no_grad():  # the loss of a test set is the same
            assert_matches(student.beta_vae_loss(x, x_hat, mean, log_var, beta), expected)
    for batch, pixels, d in ((10_500, (1,), 1), (2, (1, 28, 28), 600)):  # as large as the lab's own
        images, reconstructions = draw.uniform(batch, *pixels), draw.uniform(batch, *pixels)
        means, spreads = draw.normal(batch, d), draw.normal(batch, d)
        distortion_of_all = (images - reconstructions).double().square().sum() / batch
        expected = (distortion_of_all + 0.5 * _kl(means, spreads).sum() / batch).float()
        returned = student.beta_vae_loss(images, reconstructions, means, spreads, 0.5)
        assert_matches(returned, expected)
    wide = torch.full((6, 4), 75.0)
    for extreme in (wide, -wide):
        expected = (distortion + 2 * _kl(mean, extreme).sum() / 6).float()
        assert_matches(student.beta_vae_loss(x, x_hat, mean, extreme, 2.0), expected)
    at_prior = student.beta_vae_loss(x, x_hat, torch.zeros(6, 4), torch.zeros(6, 4), 10.0)
    assert_matches(at_prior, distortion.float())
    perfect = student.beta_vae_loss(x, x, mean, log_var, 3.0)
    assert_matches(perfect, (3 * rate).float())


@pytest.mark.task("1.3")
def test_loss_gradient(student, draw):
    """Gradients reach the reconstruction, the mean and the log-variance, each with its weight."""
    batch = 5
    x, x_hat = (draw.uniform(batch, 2, 1, 3, dtype=torch.float64) for _ in range(2))
    mean, log_var = (draw.normal(batch, 4, dtype=torch.float64) for _ in range(2))

    def loss_at(beta):
        return lambda x_hat, mean, log_var: student.beta_vae_loss(x, x_hat, mean, log_var, beta)

    for beta in (0.2, 1.0, 3.0):
        expected = [
            2 * (x_hat - x) / batch,
            beta * mean / batch,
            beta * 0.5 * log_var.expm1() / batch,
        ]
        assert_gradient_matches(loss_at(beta), [x_hat, mean, log_var], expected)
    assert_differentiable(loss_at(3.0), [x_hat, mean, log_var])
    for batch, scale in ((300, 1e-4), (4, 40.0), (1, 1.0)):  # KLs from 10⁻⁸ to 10³, in float32
        x, x_hat, mean = draw.uniform(batch, 30), draw.uniform(batch, 30), draw.normal(batch, 2)
        mean, log_var = scale * mean, min(scale, 3.0) * draw.normal(batch, 2)
        expected = [2 * (x_hat - x) / batch, 250 * mean / batch, 125 * log_var.expm1() / batch]
        assert_gradient_matches(
            lambda x_hat, mean, log_var, x=x: student.beta_vae_loss(x, x_hat, mean, log_var, 250.0),
            [x_hat, mean, log_var],
            expected,
            atol=1e-4 / batch,
        )
