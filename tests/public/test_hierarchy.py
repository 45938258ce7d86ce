"""Public checks of tasks 6.1 to 6.15."""

import math

import pytest
import torch
from toy_models_hierarchy import AffineHierarchy

from support import assert_matches

LN2, LN3 = math.log(2), math.log(3)


@pytest.mark.task("6.1")
@pytest.mark.drawn
def test_kl_between_by_hand(student):
    """KL of known pairs of Gaussians, one value per dimension; the last two are equal."""
    mean_q, log_var_q = torch.tensor([0.0, 1.0, 0.0, 3.0]), torch.tensor([2 * LN2, 0.0, 0.0, -1.0])
    mean_p, log_var_p = torch.tensor([0.0, 3.0, 0.0, 3.0]), torch.tensor([0.0, 0.0, 2 * LN2, -1.0])
    expected = torch.tensor([1.5 - LN2, 2.0, LN2 - 0.375, 0.0])
    assert_matches(student.gaussian_kl_between(mean_q, log_var_q, mean_p, log_var_p), expected)


@pytest.mark.task("6.2")
@pytest.mark.drawn
def test_merge_by_hand(student):
    """Precisions 1 and 2 add up to 3; the mean lies where the more certain one pulls it."""
    zeros = torch.zeros(2)
    returned = student.precision_weighted_merge(
        zeros, zeros, torch.tensor([3.0, 5.0]), torch.tensor([-LN2, 0.0])
    )
    assert_matches(returned, (torch.tensor([2.0, 2.5]), torch.tensor([-LN3, -LN2])))


@pytest.mark.task("6.3")
@pytest.mark.drawn
def test_hierarchical_loss_by_hand(student):
    """Two images, bottom layer at price 2, top layer at price 3."""
    log_likelihood = torch.tensor([-10.0, -20.0])
    kl_1, kl_2 = torch.tensor([1.0, 3.0]), torch.tensor([4.0, 0.0])
    returned = student.hierarchical_loss(log_likelihood, kl_1, kl_2, 2.0, 3.0)
    assert_matches(returned, torch.tensor(15.0 + 2 * 2.0 + 3 * 2.0))
    returned = student.hierarchical_loss(log_likelihood, kl_1, kl_2, 2.0, 3.0, 0.5)
    assert_matches(returned, torch.tensor(15.0 + 2.0 + 3.0))


@pytest.mark.task("6.4")
def test_warm_up_by_hand(student):
    """Of twenty epochs the first four warm up."""
    for epoch, weight in enumerate([0.0, 0.25, 0.5, 0.75, 1.0, 1.0]):
        assert_matches(student.warm_up(epoch, 20), weight)


@pytest.mark.task("6.5")
def test_layer_rates_by_hand(student):
    """Two ragged batches and posteriors so narrow that the noise is invisible."""
    quiet, log_var = torch.tensor([-40.0]), torch.tensor([0.0])
    model = AffineHierarchy(
        top=torch.tensor([[1.0, 0.0]]), bottom=torch.tensor([[0.0, 1.0]]),
        bottom_top=torch.tensor([[1.0]]), prior=torch.tensor([[1.0]]),
        prior_mean=torch.tensor([1.0]), to_image=torch.tensor([[1.0, 0.0]]),
        top_log_var=quiet, bottom_log_var=quiet, prior_log_var=log_var,
    )  # fmt: skip
    batches = [torch.tensor([[1.0, 0.0], [0.0, 3.0]]), torch.tensor([[2.0, 1.0]])]
    # z₂ = x₁, z₁ = x₁ + x₂ and its prior mean x₁ + 1; x_hat = (z₁, 0)
    rate_2 = 0.5 * (5 / 3 - 1 + 40)
    rate_1 = 0.5 * ((1 + 4 + 0) / 3 - 1 + 40)
    distortion = (0 + (9 + 9) + (1 + 1)) / 3
    returned = student.layer_rates(model, batches)
    assert_matches(returned, (rate_2, rate_1, distortion), rtol=1e-4)


@pytest.mark.task("6.6")
@pytest.mark.drawn
def test_gumbel_softmax_by_hand(student):
    """At temperature ½ the sum of logits and noise is doubled before the softmax."""
    logits = torch.tensor([[-0.5, 0.5]])
    noise = torch.tensor([[LN2 - 0.5, LN2 / 2 - 1.5]])
    expected = torch.tensor([[2.0, 1.0]]) / 3  # softmax of (ln 4, ln 2) − 2
    assert_matches(student.gumbel_softmax(logits, 0.5, noise), expected)


@pytest.mark.task("6.7")
@pytest.mark.drawn
def test_categorical_kl_by_hand(student):
    """No preference among three values, and a 3 : 1 preference between two."""
    assert_matches(student.categorical_kl(torch.ones(2, 3)), torch.zeros(2), atol=1e-6)
    expected = 0.75 * math.log(1.5) + 0.25 * math.log(0.5)
    assert_matches(student.categorical_kl(torch.tensor([LN3, 0.0])), torch.tensor(expected))


@pytest.mark.task("6.8")
def test_logistic_mixture_by_hand(student):
    """One component at 0 with scale 1: the darkest, the brightest and a middle grey value."""
    x = torch.tensor([0.0, 1.0, 153 / 255])  # y = −1, 1, 0.2
    zeros = torch.zeros(3, 1)

    def cdf(t):
        return 1 / (1 + math.exp(-t))

    half = 1 / 255
    expected = [cdf(-1 + half), 1 - cdf(1 - half), cdf(0.2 + half) - cdf(0.2 - half)]
    returned = student.discretized_logistic_mixture(x, zeros, zeros, zeros)
    assert_matches(returned, torch.tensor([math.log(p) for p in expected]))


@pytest.mark.task("6.9")
@pytest.mark.drawn
def test_learned_sigma_by_hand(student):
    """Two images of three pixels, squared errors 0 and 2; ln σ = −6 becomes ln 2 − 6."""
    x, x_hat = torch.zeros(2, 3), torch.tensor([[0.0, 0.0, 0.0], [1.0, 0.0, 1.0]])
    log_sigma = LN2 - 6
    constant = -3 * (log_sigma + 0.5 * math.log(2 * math.pi))
    expected = torch.tensor([constant, constant - math.exp(12) / 4])
    assert_matches(student.gaussian_log_likelihood(x, x_hat, torch.tensor(-6.0)), expected)


@pytest.mark.task("6.10")
@pytest.mark.drawn
def test_mixture_information_by_hand(student):
    """Two classes far apart, of one and of three images: all that the label holds."""
    mean = torch.tensor([[0.0], [50.0], [50.0], [50.0]])
    labels = torch.tensor([0, 1, 1, 1])
    expected = 0.25 * math.log(4) + 0.75 * math.log(4 / 3)
    returned = student.mixture_information(mean + 0.5, mean, torch.zeros(4, 1), labels)
    assert_matches(returned, expected)
    same = torch.zeros(4, 1)
    assert_matches(student.mixture_information(mean, same, same, labels), 0.0)


@pytest.mark.task("6.11")
def test_accuracy_bound_by_hand(student):
    """Ten equally frequent labels: what an accuracy of ½ needs, nothing, and everything."""
    uniform = torch.full((10,), 0.1)
    needed = math.log(10) - LN2 - 0.5 * math.log(9)
    assert_matches(student.accuracy_bound(needed, uniform), 0.5, atol=1e-5)
    assert_matches(student.accuracy_bound(0.0, uniform), 0.1, atol=1e-3)
    assert_matches(student.accuracy_bound(2.5, uniform), 1.0)


@pytest.mark.task("6.12")
@pytest.mark.drawn
def test_psnr_by_hand(student):
    """A mean squared error of one hundredth is 20 dB, whatever the images hold."""
    x = torch.tensor([[0.5, 0.1], [0.3, 0.6]])
    errors = torch.tensor([[0.1, -0.1], [0.1, 0.1]])
    assert_matches(student.psnr(x, x + errors), 20.0, rtol=1e-4)


@pytest.mark.task("6.13")
def test_inception_score_by_hand(student):
    """Two sure answers of different classes, and two images that look like half of each."""
    assert_matches(student.inception_score(torch.eye(2)), (2.0, 2.0, 1.0))
    assert_matches(student.inception_score(torch.full((2, 2), 0.5)), (1.0, 2.0, 0.5))


@pytest.mark.task("6.14")
@pytest.mark.drawn
def test_upper_hull_by_hand(student):
    """The runs in the middle lie below the chord, one of two at rate 3 below the other."""
    rates = torch.tensor([3.0, 1.0, 2.0, 3.0, 5.0])
    values = torch.tensor([4.0, 1.0, 2.0, 3.0, 4.5])
    assert_matches(student.upper_hull(rates, values), torch.tensor([0, 1, 4]))


@pytest.mark.task("6.15")
@pytest.mark.drawn
def test_linear_hierarchy_by_hand(student):
    """The cheaper layer codes the largest components at half its price, the other what is left."""
    variances = torch.tensor([1.0, 8.0, 0.25, 4.0])
    returned = student.linear_hierarchical_point(variances, 1.0, 4.0, 1, 2)
    assert_matches(returned, (0.5 * math.log(16), 0.5 * LN2, 0.5 + 2.0 + 1.25))
    returned = student.linear_hierarchical_point(variances, 4.0, 1.0, 1, 2)
    assert_matches(returned, (0.0, 0.5 * math.log(16 * 8), 1.0 + 1.25))
