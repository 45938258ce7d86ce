"""Public checks of part 4, foundations."""

import math

import pytest
import torch

from support import CheckFailed, assert_matches
from toy_models import LinearVAE


@pytest.mark.task("4.1")
@pytest.mark.drawn
def test_multivariate_kl_by_hand(student):
    """KL of known Gaussians: one component, two independent ones, two correlated ones."""
    one, two = torch.tensor([[1.0]]), torch.tensor([[4.0]])
    zero = torch.zeros(1)
    assert_matches(
        student.multivariate_gaussian_kl(torch.ones(1), one, zero - 1, two),
        torch.tensor(0.125 + math.log(2)),
    )
    mean, identity = torch.tensor([3.0, 0.0]), torch.eye(2)
    correlated = torch.tensor([[1.0, 0.6], [0.6, 1.0]])
    assert_matches(
        student.multivariate_gaussian_kl(mean, identity, torch.zeros(2), identity),
        torch.tensor(4.5),
    )
    assert_matches(
        student.multivariate_gaussian_kl(torch.zeros(2), correlated, torch.zeros(2), identity),
        torch.tensor(-math.log(0.8)),
    )


@pytest.mark.task("4.2")
def test_bernoulli_by_hand(student):
    """Two images of two pixels, black, white and undecided."""
    x = torch.tensor([[1.0, 0.0], [1.0, 1.0]])
    logits = torch.tensor([[0.0, 0.0], [math.log(3), -math.log(3)]])
    expected = torch.tensor([-2 * math.log(2), math.log(0.75) + math.log(0.25)])
    assert_matches(student.bernoulli_log_likelihood(x, logits), expected)


@pytest.mark.task("4.3")
@pytest.mark.drawn
def test_autoencoder_by_hand(student):
    """Two pixels, two hidden units, one latent: the codes and logits of both kinds."""
    weights = {
        "hidden.weight": torch.tensor([[1.0, 0.0], [0.0, -1.0]]),
        "hidden.bias": torch.tensor([0.0, 0.5]),
        "mean.weight": torch.tensor([[2.0, -1.0]]),
        "mean.bias": torch.tensor([-1.0]),
        "up.weight": torch.tensor([[1.0], [-1.0]]),
        "up.bias": torch.tensor([0.0, 0.5]),
        "out.weight": torch.tensor([[3.0, 1.0], [0.0, -2.0]]),
        "out.bias": torch.tensor([0.0, 1.0]),
    }
    x, noise = torch.tensor([[1.0, 1.0], [0.0, 0.0]]), torch.tensor([[2.0], [1.0]])
    logits, mean, log_var = student.run_autoencoder("ae", weights, x, noise)
    assert_matches(mean, torch.tensor([[1.0], [-1.5]]))
    assert_matches(logits, torch.tensor([[3.0, 1.0], [2.0, -3.0]]))
    if log_var is not None:
        raise CheckFailed("an autoencoder has no log-variance: return None", log_var)
    log_var = {"log_var.weight": torch.zeros(1, 2), "log_var.bias": torch.tensor([math.log(0.25)])}
    returned = student.run_autoencoder("vae", weights | log_var, x, noise)
    expected = torch.tensor([[6.0, 1.0], [1.5, -2.0]]), mean, torch.full((2, 1), math.log(0.25))
    assert_matches(returned, expected)


@pytest.mark.task("4.4")
def test_autoencoder_loss_by_hand(student):
    """Two images: the reconstruction, the KL, and their sum."""
    x, logits = torch.tensor([[1.0, 0.0], [1.0, 1.0]]), torch.zeros(2, 2)
    mean, log_var = torch.tensor([[2.0, 0.0], [0.0, 0.0]]), torch.zeros(2, 2)
    expected = torch.tensor([2 * math.log(2) + 1, 2 * math.log(2), 1.0])
    assert_matches(student.autoencoder_loss(x, logits, mean, log_var), tuple(expected))
    plain = student.autoencoder_loss(x, logits, mean, None)
    assert_matches(plain[0], torch.tensor(2 * math.log(2)))


@pytest.mark.task("4.5")
@pytest.mark.drawn
def test_elbo_by_hand(student):
    """Two images of two pixels with σ = ½."""
    x, x_hat = torch.tensor([[1.0, 0.0], [0.5, 0.5]]), torch.tensor([[1.0, 0.5], [0.5, 0.5]])
    mean, log_var = torch.tensor([[0.0], [2.0]]), torch.zeros(2, 1)
    constant = -math.log(2 * math.pi * 0.25)
    expected = torch.tensor([constant - 0.5, constant - 2.0])
    assert_matches(student.gaussian_elbo(x, x_hat, mean, log_var, 0.5), expected)


@pytest.mark.task("4.6")
@pytest.mark.drawn
def test_linear_elbo_by_hand(student):
    """Three components, one above σ² = 1: it is coded, the others are left to the noise."""
    variances = torch.tensor([0.5, math.e, 1.0])
    expected = -0.5 * (3 * math.log(2 * math.pi) + 2 + 0.5 + 1.0)
    assert_matches(student.linear_elbo(variances, 1.0, 2), expected)


@pytest.mark.task("4.7")
@pytest.mark.drawn
def test_round_trip_by_hand(student):
    """One latent, two pixels: the image with its noise, then the latent with its own."""
    model = LinearVAE(
        to_mean=torch.tensor([[1.0, -1.0]]),
        to_log_var=torch.zeros(1, 2),
        log_var=torch.tensor([math.log(4)]),
        to_image=torch.tensor([[1.0, 2.0]]),
    )
    z = torch.tensor([[1.0], [-3.0]])
    image_noise = torch.tensor([[2.0, 0.0], [0.0, -2.0]])
    x = torch.tensor([[2.0, 2.0], [-3.0, -7.0]])
    expected = torch.tensor([[1.0], [4.0]]), x
    latent_noise = torch.tensor([[0.5], [0.0]])
    assert_matches(student.round_trip(model, z, 0.5, image_noise, latent_noise), expected)


@pytest.mark.task("4.8")
@pytest.mark.drawn
def test_grid_by_hand(student):
    """Two rows and three columns, read like a page."""
    expected = torch.tensor(
        [[-2.0, 2.0], [0.0, 2.0], [2.0, 2.0], [-2.0, -2.0], [0.0, -2.0], [2.0, -2.0]]
    )
    assert_matches(student.latent_grid(2, 3, 2.0), expected)


@pytest.mark.task("4.9")
@pytest.mark.drawn
def test_importance_by_hand(student):
    """The mean of the weights 1, 2 and 6, and of 3, 3 and 0."""
    log_weights = torch.tensor([[1.0, 3.0], [2.0, 3.0], [6.0, 0.0]]).log()
    assert_matches(student.importance_bound(log_weights), torch.tensor([3.0, 2.0]).log())
