"""Hidden checks of tasks 6.1 to 6.16.

Where latents are sampled, moments are compared, within six standard deviations: a false alarm in
fewer than 1 of 10⁶ runs of any check (docs/fairness.md has the rate of each). The oracles are
closed forms and scalar arithmetic in Python's own numbers.
"""

import itertools
import math

import pytest
import torch
from torch.distributions import Gumbel, Normal, kl_divergence
from toy_models_hierarchy import (
    AffineHierarchy,
    GraphHierarchy,
    ModeHierarchy,
    StepHierarchy,
)

from support import (
    CheckFailed,
    assert_differentiable,
    assert_gradient_matches,
    assert_matches,
    assert_raises,
    assert_same_form,
)
from toy_models import OnePass

SHAPES = [(6,), (5, 7), (4, 4), (1, 3), (3, 1), (2, 3, 4), (1,), (2, 1, 3, 2), (5200, 1), (3, 600)]
FLOATS = (torch.float32, torch.float64)
QUIET = -40.0  # a log-variance at which the noise is invisible


def _double(values):
    return torch.tensor(values, dtype=torch.float64)


# 6.1


@pytest.mark.task("6.1")
@pytest.mark.no_mutation
def test_kl_between_values(student, draw):
    """One value per dimension, in the dtype of the inputs, for any number of axes."""
    for dtype in FLOATS:
        for shape in SHAPES:
            inputs = [draw.normal(*shape, dtype=dtype) for _ in range(4)]
            mean_q, log_var_q, mean_p, log_var_p = inputs
            q, p = (
                Normal(m, v.div(2).exp()) for m, v in ((mean_q, log_var_q), (mean_p, log_var_p))
            )
            copies = [tensor.clone() for tensor in inputs]
            returned = student.gaussian_kl_between(*inputs)
            assert_matches(returned, kl_divergence(q, p), rtol=1e-4, atol=1e-4)
            assert_matches(inputs, copies, rtol=0, atol=0)


@pytest.mark.task("6.1")
def test_kl_between_gradient(student, draw):
    """Gradients with respect to all four parameters are those of the closed form."""
    inputs = [draw.normal(4, 3, dtype=torch.float64) for _ in range(4)]
    mean_q, log_var_q, mean_p, log_var_p = inputs
    cotangent = draw.normal(4, 3, dtype=torch.float64)
    pull = (mean_q - mean_p) * (-log_var_p).exp()
    ratio = (log_var_q - log_var_p).exp()
    expected = [pull, (ratio - 1) / 2, -pull, (1 - ratio - (mean_q - mean_p) * pull) / 2]
    expected = [cotangent * part for part in expected]
    function = student.gaussian_kl_between
    assert_gradient_matches(function, inputs, expected, cotangent=cotangent)
    assert_differentiable(function, inputs)


@pytest.mark.task("6.1")
def test_kl_between_extremes(student):
    """Narrow, wide and distant Gaussians have their true KL; it is 0 for equal ones."""
    mean_q = _double([0.0, 0.0, 0.0, 1e3, -50.0, 7.0, 0.0, 2.0])
    log_var_q = _double([-60.0, 60.0, 30.0, 0.0, -30.0, 60.0, 0.0, -60.0])
    mean_p = _double([0.0, 0.0, 0.0, -1e3, 50.0, 7.0, 1e4, 2.5])
    log_var_p = _double([0.0, 0.0, 60.0, 12.0, -30.0, 60.0, -12.0, 60.0])
    gap = log_var_q - log_var_p
    exact = 0.5 * (gap.expm1() - gap + (mean_q - mean_p) ** 2 / log_var_p.exp())
    inputs = mean_q, log_var_q, mean_p, log_var_p
    assert_matches(student.gaussian_kl_between(*inputs), exact, rtol=1e-9, atol=1e-9)
    mean_q, log_var_q = _double([3, 3, 3, 5, 5]), _double([-110, -112, 110, 110, 109])
    mean_p, log_var_p = _double([3, 3, 3, -2, 5]), _double([-110, -110, 110, 110, 111])
    gap = log_var_q - log_var_p
    ordinary = 0.5 * (gap.expm1() - gap)  # of their variances only the quotient is a number
    single = [part.float() for part in (mean_q, log_var_q, mean_p, log_var_p)]
    assert_matches(student.gaussian_kl_between(*single), ordinary.float(), rtol=1e-4)
    single = [part[:7].float() for part in inputs]
    assert_matches(student.gaussian_kl_between(*single), exact[:7].float(), rtol=1e-4)


@pytest.mark.task("6.1")
def test_kl_between_and_the_prior(student, draw):
    """With p = N(0, I) it is the KL of task 1.2."""
    mean, log_var = draw.normal(50, 4), 2 * draw.normal(50, 4)
    expected = 0.5 * (mean**2 + log_var.exp() - 1 - log_var)
    zeros = torch.zeros(50, 4)
    assert_matches(student.gaussian_kl_between(mean, log_var, zeros, zeros), expected)


# 6.2


def _merged(mean_1, log_var_1, mean_2, log_var_2):
    """Precisions added in double precision; good for log-variances below 300."""
    precision_1, precision_2 = ((-v.double()).exp() for v in (log_var_1, log_var_2))
    total = precision_1 + precision_2
    return (mean_1 * precision_1 + mean_2 * precision_2) / total, -total.log()


@pytest.mark.task("6.2")
@pytest.mark.no_mutation
def test_merge_values(student, draw):
    """Precisions add up and weight the means, for any shape, in the dtype of the inputs."""
    for dtype in FLOATS:
        for shape in SHAPES:
            inputs = [scale * draw.normal(*shape, dtype=dtype) for scale in (1, 2, 1, 2)]
            expected = [part.to(dtype) for part in _merged(*inputs)]
            copies = [tensor.clone() for tensor in inputs]
            returned = student.precision_weighted_merge(*inputs)
            assert_matches(returned, expected, rtol=1e-4, atol=1e-4)
            assert_matches(inputs, copies, rtol=0, atol=0)


@pytest.mark.task("6.2")
def test_merge_extremes(student, draw):
    """Log-variances of ±800 overflow nothing, and gradients stay finite there."""
    mean_1, mean_2 = draw.normal(6, dtype=torch.float64), draw.normal(6, dtype=torch.float64)
    log_var_1 = _double([-800.0, 800.0, -800.0, 800.0, 0.0, 750.0])
    log_var_2 = _double([-799.0, 798.0, 800.0, -800.0, 800.0, 750.0])
    weight = 1 / (1 + (log_var_1 - log_var_2).clamp(-700, 700).exp())
    mean = weight * mean_1 + (1 - weight) * mean_2
    least, gap = torch.minimum(log_var_1, log_var_2), (log_var_1 - log_var_2).abs()
    expected = mean, least - (-gap).exp().log1p()
    inputs = [mean_1, log_var_1, mean_2, log_var_2]
    assert_matches(student.precision_weighted_merge(*inputs), expected, rtol=1e-7)
    gradients = [weight, weight * (1 - weight) * (mean_2 - mean_1), 1 - weight]
    gradients.append(-gradients[1])
    for place, cotangent in ((0, 1), (1, 0)):
        wanted = gradients if place == 0 else [0 * mean, weight, 0 * mean, 1 - weight]

        def part(*args):
            mean, log_var = student.precision_weighted_merge(*args)
            return mean * cotangent + log_var * (1 - cotangent)  # noqa: B023

        assert_gradient_matches(part, inputs, wanted, rtol=1e-6, atol=1e-9)


@pytest.mark.task("6.2")
def test_merge_rules(student, draw):
    """The order does not matter, and an opinion without weight changes nothing."""
    a, b, c = ([draw.normal(5, dtype=torch.float64) for _ in range(2)] for _ in range(3))
    merge = student.precision_weighted_merge
    expected = [part.double() for part in _merged(*_merged(*a, *b), *c)]
    assert_matches(merge(*merge(*a, *b), *c), expected)
    assert_matches(merge(*a, *merge(*b, *c)), expected)
    flat = [draw.normal(5, dtype=torch.float64), torch.full((5,), 90.0, dtype=torch.float64)]
    assert_matches(merge(*a, *flat), a)
    assert_matches(merge(*flat, *a), a)


# 6.3


@pytest.mark.task("6.3")
@pytest.mark.no_mutation
def test_hierarchical_loss_values(student, draw):
    """Each layer is paid at its own price, both are weighted, the likelihood is not."""
    prices = [(0.3, 3.0, 1.0), (3.0, 0.3, 1.0), (2.0, 5.0, 0.25), (1.0, 1.0, 0.5), (0.5, 0.0, 0.7)]
    for dtype in FLOATS:
        for size, (beta_1, beta_2, weight) in itertools.product((1, 2, 7, 5200), prices):
            inputs = [-50 - 100 * draw.uniform(size, dtype=dtype)]
            inputs += [draw.uniform(size, low=1, high=9, dtype=dtype) for _ in range(2)]
            copies = [tensor.clone() for tensor in inputs]
            rates = beta_1 * inputs[1].double() + beta_2 * inputs[2].double()
            expected = (weight * rates - inputs[0].double()).mean().to(dtype)
            returned = student.hierarchical_loss(*inputs, beta_1, beta_2, weight)
            assert_matches(returned, expected, rtol=1e-5)
            assert_matches(inputs, copies, rtol=0, atol=0)


@pytest.mark.task("6.3")
def test_hierarchical_loss_edges(student, draw):
    """Without a weight it is 1; a weight or a price of 0 is one like any other."""
    likelihood, kl_1, kl_2 = -draw.uniform(5), draw.uniform(5), draw.uniform(5)
    nothing = -likelihood.mean()
    loss = student.hierarchical_loss
    expected = nothing + 2 * kl_1.mean() + 3 * kl_2.mean()
    assert_matches(loss(likelihood, kl_1, kl_2, 2.0, 3.0), expected)
    assert_matches(loss(likelihood, kl_1, kl_2, 2.0, 3.0, 0.0), nothing)
    assert_matches(loss(likelihood, kl_1, kl_2, 2.0, 3.0, weight=0), nothing)
    assert_matches(loss(likelihood, kl_1, kl_2, 0.0, 3.0), nothing + 3 * kl_2.mean())
    assert_matches(loss(likelihood, kl_1, kl_2, 2, 0), nothing + 2 * kl_1.mean())


@pytest.mark.task("6.3")
def test_hierarchical_loss_gradient(student, draw):
    """Likelihood and both KLs receive their gradients, each with its weight."""
    inputs = [draw.normal(5, dtype=torch.float64) for _ in range(3)]
    for beta_1, beta_2, weight in ((0.3, 3.0, 1.0), (2.0, 0.5, 0.25)):

        def loss(*args):
            return student.hierarchical_loss(*args, beta_1, beta_2, weight)  # noqa: B023

        ones = torch.ones(5, dtype=torch.float64) / 5
        expected = [-ones, weight * beta_1 * ones, weight * beta_2 * ones]
        assert_gradient_matches(loss, inputs, expected)


# 6.4


@pytest.mark.task("6.4")
@pytest.mark.no_mutation
def test_warm_up_any_length(student):
    """A fifth of the epochs, rounded down, warms up; fewer than five epochs do not."""
    for epochs in (1, 2, 4, 5, 7, 9, 10, 14, 23, 100, 1000):
        length = epochs // 5
        for epoch in sorted({0, 1, length // 2, length - 1, length, length + 1, epochs - 1}):
            if 0 <= epoch < epochs:
                expected = epoch / length if epoch < length else 1.0
                assert_matches(student.warm_up(epoch, epochs), expected)


# 6.5


def _weights(draw, d_2, d_1, *pixels, noise=QUIET, dtype=torch.float32):
    """Random weights of an AffineHierarchy whose posteriors have this log-variance."""
    return {
        "top": draw.normal(d_2, *pixels, dtype=dtype) / 2,
        "bottom": draw.normal(d_1, *pixels, dtype=dtype) / 2,
        "bottom_top": draw.normal(d_1, d_2, dtype=dtype) / 2,
        "prior": draw.normal(d_1, d_2, dtype=dtype),
        "prior_mean": draw.normal(d_1, dtype=dtype),
        "to_image": draw.normal(d_1, *pixels, dtype=dtype) / 2,
        "top_log_var": torch.full((d_2,), noise, dtype=dtype),
        "bottom_log_var": torch.full((d_1,), noise, dtype=dtype),
        "prior_log_var": draw.normal(d_1, dtype=dtype) / 2,
    }


def _moments(weights, x):
    """Mean and variance of KL₁ and of the squared error over the noise, and KL₂, per image."""
    w = {name: value.double() for name, value in weights.items()}
    x = x.flatten(1).double()
    top = x @ w["top"].flatten(1).T
    kl_2 = 0.5 * (top**2 + w["top_log_var"].exp() - 1 - w["top_log_var"]).sum(1)
    scale = (-0.5 * w["prior_log_var"]).exp()
    pull = (w["bottom_top"] - w["prior"]) * scale.unsqueeze(1)
    offset = (x @ w["bottom"].flatten(1).T - w["prior_mean"]) * scale + top @ pull.T
    ratio = w["bottom_log_var"] - w["prior_log_var"]
    kl_1, kl_1_variance = _squared_norm(offset, pull * (0.5 * w["top_log_var"]).exp())
    kl_1 = 0.5 * (kl_1 + (ratio.exp() - 1 - ratio).sum())
    image = w["to_image"].flatten(1)
    mean_1 = x @ w["bottom"].flatten(1).T + top @ w["bottom_top"].T
    factor = torch.cat(
        [
            w["bottom_top"] * (0.5 * w["top_log_var"]).exp(),
            torch.diag((0.5 * w["bottom_log_var"]).exp()),
        ],
        1,
    )
    error, error_variance = _squared_norm(x - mean_1 @ image, image.T @ factor)
    return kl_2, kl_1, kl_1_variance / 4, error, error_variance


def _squared_norm(mean, factor):
    """Mean and variance of ‖mean + factor·noise‖² for each row of means."""
    gram = factor.T @ factor
    variance = 2 * gram.square().sum() + 4 * (mean @ factor).square().sum(1)
    return mean.square().sum(1) + gram.trace(), variance


def _expected(weights, x):
    kl_2, kl_1, _, error, _ = _moments(weights, x)
    return kl_2.mean().item(), kl_1.mean().item(), error.mean().item()


@pytest.mark.task("6.5")
@pytest.mark.no_mutation
def test_layer_rates_of_ragged_batches(student, draw):
    """Every image counts the same; rates and distortion come in the right order."""
    cases = ((8, 8, 3), (5, 1), (1,), (2, 9, 4), (1500, 6), (1, 2) * 20)
    for sizes, (d_2, d_1) in zip(
        cases, ((2, 3), (3, 2), (1, 4), (3, 3), (2, 5), (4, 1)), strict=True
    ):
        dtype = torch.float64 if len(sizes) == 2 else torch.float32
        weights = _weights(draw, d_2, d_1, 1, 2, 4, dtype=dtype)
        batches = [(i % 4 + 1) * draw.uniform(n, 1, 2, 4, dtype=dtype) for i, n in enumerate(sizes)]
        returned = student.layer_rates(AffineHierarchy(**weights), batches)
        expected = _expected(weights, torch.cat(batches))
        assert_matches(returned, expected, rtol=1e-4, atol=1e-4)


def _sampled(student, draw, d_2, d_1):
    """What came back for many equal images, what was expected, and six standard deviations."""
    weights = _weights(draw, d_2, d_1, 6, noise=0.0)
    weights["top_log_var"] = draw.uniform(d_2, low=-1, high=0.5)
    weights["bottom_log_var"] = draw.uniform(d_1, low=-1, high=0.5)
    weights["to_image"] = draw.uniform(d_1, 6, low=0.3, high=0.8)  # noise that goes together shows
    weights["bottom_top"] = draw.uniform(d_1, d_2, low=0.3, high=0.9)
    x = draw.uniform(1, 6).expand(4000, 6).contiguous()
    returned = student.layer_rates(AffineHierarchy(**weights), list(x.split(1500)))
    kl_2, kl_1, kl_1_variance, error, error_variance = (
        part[0].item() for part in _moments(weights, x[:1])
    )
    margins = [6 * (variance / 4000) ** 0.5 for variance in (kl_1_variance, error_variance)]
    assert_matches(returned, (kl_2, kl_1, error), rtol=0, atol=1e9)
    return returned, (kl_2, kl_1, error), margins


@pytest.mark.task("6.5")
def test_bottom_rate_of_samples(student, draw):
    """R₁ is the mean KL to p(z₁|z₂) at sampled z₂; R₂ is the closed form."""
    for d_2, d_1 in ((3, 4), (2, 2), (4, 3)):
        returned, expected, margins = _sampled(student, draw, d_2, d_1)
        assert_matches(returned[0], expected[0], rtol=1e-4)
        assert_matches(returned[1], expected[1], rtol=0, atol=margins[0])


@pytest.mark.task("6.5")
def test_distortion_of_bottom_samples(student, draw):
    """D is that of a sampled z₁, drawn given the sampled z₂ with noise of its own."""
    for d_2, d_1 in ((3, 4), (2, 2), (3, 3)):
        returned, expected, margins = _sampled(student, draw, d_2, d_1)
        assert_matches(returned[2], expected[2], rtol=0, atol=margins[1])


@pytest.mark.task("6.5")
def test_layer_rates_evaluation_mode(student, draw):
    """The model is evaluated in evaluation mode and without gradients, whatever its own mode."""
    for toy, shape in ((ModeHierarchy, (2, 3)), (GraphHierarchy, (3, 2, 2))):
        weights = _weights(draw, 2, 3, *shape)
        batches = [draw.uniform(4, *shape), draw.uniform(2, *shape)]
        for training in (True, False):
            returned = student.layer_rates(toy(**weights).train(training), batches)
            assert_matches(returned, _expected(weights, torch.cat(batches)), rtol=1e-4, atol=1e-4)


@pytest.mark.task("6.5")
def test_layer_rates_fresh_noise(student):
    """Every image of every batch has noise of its own, in both layers."""
    d = 4
    for images, batch in ((400, 400), (150, 1)):
        expected = 2.0 * d - d / images  # Var of the mean of (noise − the one before)² is 12 d / N
        margin = 6 * (12 * d / images) ** 0.5
        batches = list(torch.zeros(images, d).split(batch))
        returned = student.layer_rates(StepHierarchy(d), batches)
        assert_matches(returned, (0.0, expected / 2, expected), rtol=0, atol=margin)
        assert_matches(returned[1], expected / 2, rtol=0, atol=margin / 2)


@pytest.mark.task("6.5")
def test_layer_rates_any_iterable_or_none(student, draw):
    """Batches may come from any iterable; without a single image there is a ValueError."""
    weights, x = _weights(draw, 2, 3, 3), draw.uniform(7, 3)
    returned = student.layer_rates(AffineHierarchy(**weights), OnePass(x, 3))
    assert_matches(returned, _expected(weights, x), rtol=1e-4, atol=1e-4)
    for nothing in ([], OnePass(torch.zeros(0, 3), 3)):
        model = AffineHierarchy(**weights)
        assert_raises(lambda m=model, b=nothing: student.layer_rates(m, b), "ValueError")


# 6.6


@pytest.mark.task("6.6")
@pytest.mark.no_mutation
def test_gumbel_softmax_values(student, draw):
    """The softmax over the last axis of the scaled sum, for any shape and temperature."""
    for dtype in FLOATS:
        for shape in ((4,), (3, 5), (5, 3), (4, 4), (2, 3, 4), (1, 2), (4200, 2), (2, 1030)):
            for temperature in (0.4, 1.0, 5.0):
                logits = draw.normal(*shape, dtype=dtype)
                noise = -(-draw.uniform(*shape, low=0.05, high=0.95, dtype=dtype).log()).log()
                expected = ((logits + noise) / temperature).log_softmax(-1).exp()
                copies = [logits.clone(), noise.clone()]
                returned = student.gumbel_softmax(logits, temperature, noise)
                assert_matches(returned, expected, rtol=1e-4)
                assert_matches([logits, noise], copies, rtol=0, atol=0)


@pytest.mark.task("6.6")
def test_gumbel_softmax_limits(student, draw):
    """Cold samples are one-hot at the largest sum, hot ones uniform; large logits are harmless."""
    logits, noise = 3 * draw.normal(40, 5), draw.normal(40, 5)
    largest = torch.nn.functional.one_hot((logits + noise).argmax(1), 5).float()
    assert_matches(student.gumbel_softmax(logits, 1e-4, noise), largest, atol=0.01)
    uniform = torch.full((40, 5), 0.2)
    assert_matches(student.gumbel_softmax(logits, 1e5, noise), uniform, atol=1e-3)
    large = torch.tensor([[1000.0, 999.0, -1000.0], [-900.0, -901.0, -900.0]])
    expected = (large / 0.5).softmax(-1)
    assert_matches(student.gumbel_softmax(large, 0.5, torch.zeros(2, 3)), expected)


@pytest.mark.task("6.6")
def test_gumbel_softmax_gradient(student, draw):
    """Gradients reach the logits through the relaxed sample."""
    logits, noise = draw.normal(3, 4, dtype=torch.float64), draw.normal(3, 4, dtype=torch.float64)
    cotangent = draw.normal(3, 4, dtype=torch.float64)
    for temperature in (0.5, 2.0):
        soft = ((logits + noise) / temperature).softmax(-1)
        pull = cotangent - (cotangent * soft).sum(-1, keepdim=True)

        def sample(logits):
            return student.gumbel_softmax(logits, temperature, noise)  # noqa: B023

        expected = [soft * pull / temperature]
        assert_gradient_matches(sample, [logits], expected, cotangent=cotangent)
        assert_differentiable(sample, [logits])


@pytest.mark.task("6.6")
def test_gumbel_softmax_frequencies(student, draw):
    """The largest entry is each value as often as its probability says, at any temperature."""
    logits = torch.tensor([0.5, -1.0, 1.5, 0.0])
    draws = draw.uniform(50_000, 4, low=1e-7, dtype=torch.float64)
    noise = Gumbel(0.0, 1.0).icdf(draws.clamp(max=1 - 1e-12)).float()
    wanted = logits.softmax(0)
    margin = 6 * (0.25 / len(noise)) ** 0.5
    for temperature in (0.2, 3.0):
        returned = student.gumbel_softmax(logits.expand(50_000, 4), temperature, noise)
        assert_same_form(returned, noise)
        shares = returned.argmax(1).bincount(minlength=4) / len(noise)
        assert_matches(shares, wanted, rtol=0, atol=margin)


# 6.7


def _categorical_kl(row):
    top = max(row)
    weights = [math.exp(value - top) for value in row]
    total = math.fsum(weights)
    return math.fsum(
        w / total * (math.log(w / total) + math.log(len(row))) for w in weights if w > 0
    )


@pytest.mark.task("6.7")
@pytest.mark.no_mutation
def test_categorical_kl_values(student, draw):
    """One value per distribution, for any number of values and of axes; offsets do not matter."""
    for dtype in FLOATS:
        for shape in (
            (4,),
            (3, 5),
            (5, 3),
            (4, 4),
            (2, 3, 4),
            (2, 1),
            (1, 2),
            (10_500, 2),
            (2, 1030),
        ):
            logits = 2 * draw.normal(*shape, dtype=dtype) + 20
            expected = [
                _categorical_kl(row) for row in logits.double().reshape(-1, shape[-1]).tolist()
            ]
            expected = torch.tensor(expected, dtype=dtype).reshape(shape[:-1])
            copy = logits.clone()
            assert_matches(student.categorical_kl(logits), expected, rtol=1e-4, atol=1e-5)
            assert_matches(logits, copy, rtol=0, atol=0)


@pytest.mark.task("6.7")
def test_categorical_kl_extremes(student):
    """Near-certain values give ln K, without NaN; equal logits give 0, however large they are."""
    logits = _double(
        [[500.0, -500.0, 0.0], [1000.0, 1000.0, -1000.0], [700.0] * 3, [-9e3, 0, -9e3]]
    )
    expected = _double([math.log(3), math.log(1.5), 0.0, math.log(3)])
    assert_matches(student.categorical_kl(logits), expected, atol=1e-9)
    assert_matches(student.categorical_kl(logits.float()), expected.float(), atol=1e-3)


@pytest.mark.task("6.7")
def test_categorical_kl_gradient(student, draw):
    """The gradient is that of the closed form, finite also where probabilities underflow to 0."""
    for far in (2e3, 0.0):
        logits = draw.normal(3, 4, dtype=torch.float64)
        logits[2] = 0.3
        logits[:2, 1] -= far
        logs = logits.log_softmax(-1)
        kl = (logs.exp() * (logs + math.log(4))).sum(-1, keepdim=True)
        expected = logs.exp() * (logs + math.log(4) - kl)
        assert_gradient_matches(student.categorical_kl, [logits], [expected])
        assert_gradient_matches(student.categorical_kl, [logits.float()], [expected.float()])
    assert_differentiable(student.categorical_kl, [logits])


# 6.8


def _log_sigmoid(t):
    return min(t, 0.0) - math.log1p(math.exp(-abs(t)))


def _grey_value(level, logits, means, log_scales):
    """ln P of a grey value from 0 to 255, in Python's own numbers."""
    terms, total = [], math.log(math.fsum(math.exp(v - max(logits)) for v in logits)) + max(logits)
    for logit, mean, log_scale in zip(logits, means, log_scales, strict=True):
        y, scale = 2 * level / 255 - 1, math.exp(log_scale)
        above, below = (y + 1 / 255 - mean) / scale, (y - 1 / 255 - mean) / scale
        if level == 0:
            log_p = _log_sigmoid(above)
        elif level == 255:
            log_p = _log_sigmoid(-below)
        else:
            inside = math.log(-math.expm1(-2 / 255 / scale))
            log_p = _log_sigmoid(above) + _log_sigmoid(-below) + inside
        terms.append(log_p + logit - total)
    top = max(terms)
    return top + math.log(math.fsum(math.exp(term - top) for term in terms))


def _grey_values(levels, *parameters):
    rows = [part.double().flatten(0, -2).tolist() for part in parameters]
    values = [_grey_value(*args) for args in zip(levels.flatten().tolist(), *rows, strict=True)]
    return torch.tensor(values, dtype=torch.float64).reshape(levels.shape)


def _mixture(draw, shape, components, dtype, log_scale=-2.0):
    levels = draw.integers(0, 256, shape)
    levels.flatten()[:2] = torch.tensor([0, 255])[: levels.numel()]
    return levels, [
        draw.normal(*shape, components, dtype=dtype),
        draw.uniform(*shape, components, low=-1, high=1, dtype=dtype),
        draw.normal(*shape, components, dtype=dtype) / 2 + log_scale,
    ]


@pytest.mark.task("6.8")
@pytest.mark.no_mutation
def test_logistic_mixture_values(student, draw):
    """The log-probability of each pixel, for any shape and number of components."""
    for dtype in FLOATS:
        for shape, components in (
            ((7,), 3), ((2, 3), 3), ((3, 3), 1), ((2, 1, 4, 4), 5), ((1,), 2), ((40, 60), 4),
        ):  # fmt: skip
            levels, parameters = _mixture(draw, shape, components, dtype)
            x = levels.to(dtype) / 255
            copies = [part.clone() for part in (x, *parameters)]
            returned = student.discretized_logistic_mixture(x, *parameters)
            expected = _grey_values(levels, *parameters).to(dtype)
            assert_matches(returned, expected, rtol=1e-3 if dtype == torch.float32 else 1e-7)
            assert_matches([x, *parameters], copies, rtol=0, atol=0)


@pytest.mark.task("6.8")
def test_logistic_mixture_sums_to_one(student, draw):
    """The probabilities of the 256 grey values sum to 1, wherever the components lie."""
    levels = torch.arange(256)
    for log_scale, components, low, high in (
        (-7.0, 2, -1, 1), (-4.0, 3, -1, 1), (0.0, 1, -3, 3), (3.0, 4, -9, 9), (-2.0, 5, -1, 1),
    ):  # fmt: skip
        logits, log_scales = draw.normal(components), draw.normal(components) / 4 + log_scale
        means = draw.uniform(components, low=low, high=high)
        for dtype, tolerance in ((torch.float64, 1e-6), (torch.float32, 1e-4)):
            parameters = [part.to(dtype).expand(256, -1) for part in (logits, means, log_scales)]
            returned = student.discretized_logistic_mixture(levels.to(dtype) / 255, *parameters)
            assert_same_form(returned, levels.to(dtype))
            assert_matches(returned.double().exp().sum().item(), 1.0, rtol=0, atol=tolerance)


@pytest.mark.task("6.8")
def test_logistic_mixture_extremes(student):
    """Components far from the pixel or very narrow have their true log-probability: no floor."""
    levels = torch.tensor([0, 1, 100, 254, 255, 0, 128, 255])
    means = _double([40, -30, 20, 40, -40, 0.5, -0.9, -1]).unsqueeze(1)
    log_scales = _double([-5, -3, -4, -2, -5, -6, -6, -7]).unsqueeze(1)
    parameters = [torch.zeros(8, 1, dtype=torch.float64), means, log_scales]
    expected = _grey_values(levels, *parameters)
    returned = student.discretized_logistic_mixture(levels.double() / 255, *parameters)
    assert_matches(returned, expected, rtol=1e-7)
    parameters = [part.float() for part in parameters]
    returned = student.discretized_logistic_mixture(levels.float() / 255, *parameters)
    assert_matches(returned, expected.float(), rtol=1e-3)


@pytest.mark.task("6.8")
def test_logistic_mixture_gradient(student, draw):
    """Gradients are derivatives of the value, and finite at both ends and for narrow scales."""
    levels, parameters = _mixture(draw, (6,), 2, torch.float64, log_scale=-1.0)
    levels[2:4] = torch.tensor([255, 0])

    def value(*parameters):
        return student.discretized_logistic_mixture(levels.double() / 255, *parameters)

    assert_differentiable(value, parameters)
    far = _double([[3.0, -3.0]]).expand(6, 2).contiguous()
    narrow = torch.full((6, 2), -6.0, dtype=torch.float64)
    leaves = [part.clone().requires_grad_() for part in (parameters[0], far, narrow)]
    returned = value(*leaves)
    assert_matches(returned.detach(), _grey_values(levels, *(leaf.detach() for leaf in leaves)))
    gradients = torch.autograd.grad(returned.sum(), leaves, allow_unused=True)
    for name, gradient in zip(("logits", "means", "log_scales"), gradients, strict=True):
        if gradient is None or not gradient.isfinite().all():
            raise CheckFailed(f"the gradient with respect to {name} is not finite", gradient)


# 6.9


def _soft(log_sigma):
    return -6 + max(log_sigma + 6, 0) + math.log1p(math.exp(-abs(log_sigma + 6)))


@pytest.mark.task("6.9")
@pytest.mark.no_mutation
def test_learned_sigma_values(student, draw):
    """The log-density of each image with its constant, for images of any shape."""
    for dtype in FLOATS:
        for shape in ((3, 4), (4, 4), (1, 7), (5, 1), (2, 3, 2, 2), (3000, 3), (2, 1, 28, 28)):
            for log_sigma in (-3.0, 85.0, 100.0, -0.5, 0.0, 1.0):
                x, x_hat = draw.uniform(*shape, dtype=dtype), draw.normal(*shape, dtype=dtype)
                soft, pixels = _soft(log_sigma), x[0].numel()
                errors = (x - x_hat).double().square().flatten(1).sum(1)
                expected = -errors / (2 * math.exp(2 * soft))
                expected = expected - pixels * (soft + 0.5 * math.log(2 * math.pi))
                copies = [x.clone(), x_hat.clone()]
                returned = student.gaussian_log_likelihood(
                    x, x_hat, torch.tensor(log_sigma, dtype=dtype)
                )
                assert_matches(returned, expected.to(dtype), rtol=1e-4, atol=1e-3)
                assert_matches([x, x_hat], copies, rtol=0, atol=0)


@pytest.mark.task("6.9")
def test_learned_sigma_soft_bound(student):
    """Around −6 and far below the bound is soft: σ stays above e⁻⁶ and its gradient above 0."""
    x, x_hat = torch.zeros(2, 3, dtype=torch.float64), torch.zeros(2, 3, dtype=torch.float64)
    x_hat[1, 0] = 0.01
    for log_sigma in (-9.0, -4.0, -6.0, -7.0, -30.0):
        soft = _soft(log_sigma)
        errors = _double([0.0, 1e-4])
        expected = -errors / (2 * math.exp(2 * soft)) - 3 * (soft + 0.5 * math.log(2 * math.pi))
        slope = 1 / (1 + math.exp(-log_sigma - 6))
        gradient = slope * (errors * math.exp(-2 * soft) - 3).sum()

        def value(log_sigma):
            return student.gaussian_log_likelihood(x, x_hat, log_sigma)

        point = _double(log_sigma)
        assert_matches(value(point), expected)
        assert_gradient_matches(value, [point], [gradient], atol=0)


@pytest.mark.task("6.9")
def test_learned_sigma_gradient(student, draw):
    """Gradients reach the reconstruction and σ; the best σ² is the mean squared error."""
    x, x_hat = draw.normal(4, 5, dtype=torch.float64), draw.normal(4, 5, dtype=torch.float64)

    def value(x_hat, log_sigma):
        return student.gaussian_log_likelihood(x, x_hat, log_sigma)

    log_sigma = _double(0.3)
    precision = math.exp(-2 * _soft(0.3))
    slope = 1 / (1 + math.exp(-6.3))
    errors = (x - x_hat).square().sum()
    expected = [(x - x_hat) * precision, slope * (errors * precision - x.numel())]
    assert_gradient_matches(value, [x_hat, log_sigma], expected)
    assert_differentiable(value, [x_hat, log_sigma])
    best = 0.5 * math.log(errors.item() / x.numel())
    inverse = math.log(math.expm1(best + 6)) - 6  # the number whose soft bound is the best ln σ

    def total(log_sigma):
        return value(x_hat, log_sigma).sum()

    assert_gradient_matches(total, [_double(inverse)], [_double(0.0)], atol=1e-6)


# 6.10


def _mixture_information(z, mean, log_var, labels):
    """The estimate, image by image."""
    density = Normal(mean.double(), log_var.double().div(2).exp())
    gaps = []
    for own, label in zip(z.double(), labels.tolist(), strict=True):
        logs = density.log_prob(own).sum(1)
        same = logs[labels == label]
        gaps.append(same.logsumexp(0) - math.log(len(same)) - logs.logsumexp(0) + math.log(len(z)))
    return torch.stack(gaps).mean().item()


def _codes(draw, n, d, classes, spread=1.0, dtype=torch.float64):
    """(z, mean, log_var, labels) whose classes overlap; each label occurs, if n allows it."""
    labels = torch.cat([torch.arange(classes), draw.integers(0, classes, (n,))])[:n]
    labels = labels[draw.permutation(n)]
    centres = 1.5 * draw.normal(classes, d, dtype=dtype)
    mean = centres[labels] + draw.normal(n, d, dtype=dtype)
    log_var = spread * draw.normal(n, d, dtype=dtype) - 0.5
    z = mean + log_var.div(2).exp() * draw.normal(n, d, dtype=dtype)
    return z, mean, log_var, labels


@pytest.mark.task("6.10")
@pytest.mark.no_mutation
def test_mixture_information_values(student, draw):
    """The mean log-ratio of the two mixtures, for any dimension, number of classes and dtype."""
    for n, d, classes in ((9, 1, 2), (12, 3, 3), (40, 2, 5), (30, 10, 10), (2, 2, 2), (700, 4, 3)):
        for dtype in FLOATS:
            inputs = _codes(draw, n, d, classes, dtype=dtype)
            copies = [tensor.clone() for tensor in inputs]
            returned = student.mixture_information(*inputs)
            assert_matches(returned, _mixture_information(*inputs), rtol=1e-3, atol=1e-4)
            assert_matches(inputs, copies, rtol=0, atol=0)
    for n in (1031, 60):  # a prime, no multiple of a part's size; in part after part another mean
        inputs = _codes(draw, n, 2, 3)
        order = inputs[0][:, 0].argsort()
        inputs = [tensor[order] for tensor in inputs]
        returned = student.mixture_information(*inputs)
        assert_matches(returned, _mixture_information(*inputs), rtol=1e-4, atol=1e-5)


@pytest.mark.task("6.10")
def test_mixture_information_absent_labels(student, draw):
    """Labels that do not occur, a label of one image, and classes of very different size."""
    z, mean, log_var, _ = _codes(draw, 24, 2, 3)
    for labels in (
        torch.tensor([0] * 20 + [3] * 4), torch.tensor([5] * 23 + [2]),
        torch.tensor([9, 4, 4, 9] * 6), torch.tensor([0] * 2 + [1] * 6 + [7] * 16),
    ):  # fmt: skip
        shuffled = labels[draw.permutation(24)]
        expected = _mixture_information(z, mean, log_var, shuffled)
        returned = student.mixture_information(z, mean, log_var, shuffled)
        assert_matches(returned, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.task("6.10")
def test_mixture_information_far_apart(student, draw):
    """Classes a thousand apart give the entropy of the labels, however small the densities."""
    for d, classes, log_var in ((1, 3, 0.0), (10, 4, -8.0), (60, 2, 0.5)):
        labels = draw.integers(0, classes, (50,))
        labels[:classes] = torch.arange(classes)
        mean = 1e3 * labels.double().unsqueeze(1) + draw.normal(50, d, dtype=torch.float64)
        log_vars = torch.full((50, d), log_var, dtype=torch.float64)
        noise = 6 * draw.normal(50, d, dtype=torch.float64)  # far in the tail of every component
        shares = labels.bincount().double() / 50
        expected = torch.special.entr(shares).sum().item()
        z = mean + noise
        returned = student.mixture_information(z, mean, log_vars, labels)
        assert_matches(returned, expected, rtol=1e-4)


@pytest.mark.task("6.10")
def test_mixture_information_known_truth(student, draw):
    """Where all images of a label share one posterior, the estimate is that of the true channel.

    Two labels with posteriors N(±a, 1): ln p(z|l)/p(z) = ln 2 − ln(1 + e^(−2az)) for l = +. Its
    mean over 2,000 samples lies within six standard deviations of the integral.
    """
    for a in (0.5, 1.0, 2.0):
        labels = torch.arange(2000) % 2
        mean = a * (2.0 * labels.double() - 1).unsqueeze(1)
        log_var = torch.zeros_like(mean)
        grid = torch.linspace(a - 12, a + 12, 20_001, dtype=torch.float64)
        gap = math.log(2) - torch.nn.functional.softplus(-2 * a * grid)
        density = Normal(a, 1.0).log_prob(grid).exp() * (24 / 20_000)
        truth = (gap * density).sum().item()
        spread = ((gap - truth).square() * density).sum().sqrt().item()
        z = mean + draw.normal(2000, 1, dtype=torch.float64)
        returned = student.mixture_information(z, mean, log_var, labels)
        assert_matches(returned, truth, rtol=0, atol=6 * spread / 2000**0.5)


@pytest.mark.task("6.10")
def test_mixture_information_of_nothing(student, draw):
    """Equal posteriors say nothing about the label, whatever z is."""
    labels = torch.tensor([0, 1, 1, 2, 2, 2, 2, 5])
    mean = draw.normal(1, 3).expand(8, 3).contiguous()
    log_var = draw.normal(1, 3).expand(8, 3).contiguous()
    returned = student.mixture_information(4 * draw.normal(8, 3), mean, log_var, labels)
    assert_matches(returned, 0.0, atol=1e-5)
    far = 1e3 * labels.float().unsqueeze(1).expand(8, 3).contiguous()
    returned = student.mixture_information(far, far, log_var, labels)
    assert_matches(returned, torch.special.entr(labels.bincount() / 8).sum().item(), rtol=1e-4)


# 6.11


def _needed(a, shares):
    """The information that an accuracy needs, by Fano's inequality."""
    classes = len(shares)
    entropy = -math.fsum(p * math.log(p) for p in shares if p > 0)
    coin = -math.fsum(p * math.log(p) for p in (a, 1 - a) if p > 0)
    return entropy - coin - (1 - a) * math.log(classes - 1)


@pytest.mark.task("6.11")
@pytest.mark.no_mutation
def test_accuracy_bound_values(student):
    """The accuracy whose information is the given one, for 3 to 100 equally frequent labels."""
    for classes in (3, 4, 10, 100):
        shares = [1 / classes] * classes
        for a in (0.36, 0.5, 0.689, 0.75, 0.9, 0.95, 0.99):
            returned = student.accuracy_bound(_needed(a, shares), _double(shares))
            assert_matches(returned, a, rtol=0, atol=2e-6)
    for dtype in FLOATS:
        uniform = torch.full((10,), 0.1, dtype=dtype)
        copy = uniform.clone()
        assert_matches(student.accuracy_bound(1.0, uniform), 0.689153, rtol=0, atol=1e-4)
        assert_matches(uniform, copy, rtol=0, atol=0)


@pytest.mark.task("6.11")
def test_accuracy_bound_unequal_labels(student):
    """Labels of different frequency, one of them perhaps 0, have their own entropy."""
    for shares in ([0.6, 0.2, 0.1, 0.1], [0.5, 0.3, 0.2, 0.0], [0.1] * 5 + [0.25, 0.25]):
        least = max(_needed(a / 1000, shares) for a in range(1000 // len(shares), 0, -1))
        for a in (0.7, 0.8, 0.95):
            needed = _needed(a, shares)
            if needed > max(least, 0.0):
                returned = student.accuracy_bound(needed, _double(shares))
                assert_matches(returned, a, rtol=0, atol=2e-6)
        returned = student.accuracy_bound(0.0, _double(shares))
        assert_matches(_needed(returned, shares), 0.0, rtol=0, atol=1e-4)
        if returned < max(shares) - 1e-3:
            raise CheckFailed("below the share of the most frequent label", returned, max(shares))


@pytest.mark.task("6.11")
def test_accuracy_bound_two_labels(student):
    """With two labels the last term vanishes."""
    for shares in ([0.5, 0.5], [0.7, 0.3]):
        for a in (0.8, 0.9, 0.999):
            returned = student.accuracy_bound(_needed(a, shares), _double(shares))
            assert_matches(returned, a, rtol=0, atol=2e-6)


@pytest.mark.task("6.11")
def test_accuracy_bound_edges(student):
    """Nothing known, less than nothing, a little, and all that there is to know."""
    uniform = torch.full((10,), 0.1, dtype=torch.float64)
    entropy = math.log(10)
    for information, expected, tolerance in (
        (0.0, 0.1, 1e-3), (-0.3, 0.1, 1e-3), (0, 0.1, 1e-3), (entropy + 1e-9, 1.0, 1e-6),
        (2.31, 1.0, 1e-6), (9.0, 1.0, 1e-6), (_needed(0.15, [0.1] * 10), 0.15, 2e-6),
        (_needed(0.998, [0.1] * 10), 0.998, 2e-6),
    ):  # fmt: skip
        returned = student.accuracy_bound(information, uniform)
        assert_matches(returned, expected, rtol=0, atol=tolerance)


# 6.12


@pytest.mark.task("6.12")
@pytest.mark.no_mutation
def test_psnr_values(student, draw):
    """From the error of a whole data set, whatever its shape, range and number of images."""
    for shape in ((5, 7), (7, 5), (1, 3), (6, 1, 4, 4), (2, 3, 5, 2), (10_500, 2), (2, 1, 28, 28)):
        for scale in (0.02, 0.3):
            x = draw.uniform(*shape, low=0.2, high=0.7)
            noise = draw.normal(*shape)
            x_hat = x + scale * noise / noise.square().mean().sqrt()
            copies = [x.clone(), x_hat.clone()]
            assert_matches(student.psnr(x, x_hat), -20 * math.log10(scale), rtol=1e-4, atol=1e-3)
            assert_matches([x, x_hat], copies, rtol=0, atol=0)


@pytest.mark.task("6.12")
def test_psnr_of_unequal_images(student, draw):
    """One mean over all images, not the mean of their decibels: good and bad ones differ."""
    x = draw.uniform(4, 10)
    scales = torch.tensor([0.01, 0.1, 0.3, 0.5]).unsqueeze(1)
    signs = 1 - 2 * draw.integers(0, 2, (4, 10)).float()
    expected = -10 * math.log10(scales.square().mean().item())
    assert_matches(student.psnr(x, x + scales * signs), expected, rtol=1e-4)
    assert_matches(student.psnr(x.double(), (x + scales * signs).double()), expected, rtol=1e-4)


@pytest.mark.task("6.12")
def test_psnr_edges(student, draw):
    """Exact reconstructions have no limit; errors above the peak have less than 0 dB."""
    x = draw.uniform(3, 4)
    assert_matches(student.psnr(x, x.clone()), math.inf)
    assert_matches(student.psnr(x, x + 2), -20 * math.log10(2), rtol=1e-4)
    assert_matches(student.psnr(x.double(), x.double() + 1e-5), 100.0, rtol=1e-4)


# 6.13


def _inception_score(rows):
    """(score, diversity, sharpness) in Python's own numbers."""

    def entropy(shares):
        return -math.fsum(p * math.log(p) for p in shares if p > 0)

    mean = [math.fsum(column) / len(rows) for column in zip(*rows, strict=True)]
    diversity = math.exp(entropy(mean))
    sharpness = math.exp(-math.fsum(map(entropy, rows)) / len(rows))
    return diversity * sharpness, diversity, sharpness


@pytest.mark.task("6.13")
@pytest.mark.no_mutation
def test_inception_score_values(student, draw):
    """Score, diversity and sharpness, for any number of images and classes."""
    for n, classes in ((1, 3), (5, 2), (4, 4), (20, 10), (3, 600), (10_500, 2)):
        for dtype in FLOATS:
            logits = 3 * draw.normal(n, classes, dtype=dtype)
            logits[:, 0] += 2  # the marginal is not uniform
            probabilities = logits.softmax(1)
            copy = probabilities.clone()
            expected = _inception_score(probabilities.double().tolist())
            assert_matches(student.inception_score(probabilities), expected, rtol=1e-4)
            assert_matches(probabilities, copy, rtol=0, atol=0)


@pytest.mark.task("6.13")
def test_inception_score_with_zeros(student):
    """Probabilities of 0 cost nothing: 0·ln 0 is 0."""
    sure = torch.eye(10)
    cases = [
        (sure.repeat(4, 1), (10.0, 10.0, 1.0)),
        (sure[:1].repeat(7, 1), (1.0, 1.0, 1.0)),
        (sure[[0, 0, 0, 1]], (0.75**-0.75 * 4**0.25, 0.75**-0.75 * 4**0.25, 1.0)),
        (torch.full((6, 4), 0.25), (1.0, 4.0, 0.25)),
        (torch.tensor([[0.5, 0.5, 0.0], [0.0, 0.5, 0.5]]), (2**0.5, 2 * 2**0.5, 0.5)),
    ]
    for probabilities, expected in cases:
        assert_matches(student.inception_score(probabilities), expected, rtol=1e-5)


@pytest.mark.task("6.13")
def test_inception_score_of_many(student, draw):
    """Ten thousand images are one set: the score is the product of its factors."""
    probabilities = (4 * draw.normal(10_000, 10) + torch.linspace(0, 2, 10)).softmax(1)
    expected = _inception_score(probabilities.double().tolist())
    returned = student.inception_score(probabilities)
    assert_matches(returned, expected, rtol=1e-4)
    assert_matches(returned[0], float(returned[1]) * float(returned[2]), rtol=1e-6)


# 6.14


def _upper_hull(rates, values):
    """Corners by comparison with every chord, in Python's own numbers."""
    points = list(zip(rates.tolist(), values.tolist(), strict=True))
    best = {}
    for i, (rate, value) in enumerate(points):
        if rate not in best or value > points[best[rate]][1]:
            best[rate] = i

    def below(i, a, b):
        (rate, value), (left, low), (right, high) = points[i], points[a], points[b]
        return (value - low) * (right - left) <= (high - low) * (rate - left)

    corners = [
        i
        for i in best.values()
        if not any(
            points[a][0] < points[i][0] < points[b][0] and below(i, a, b)
            for a, b in itertools.permutations(best.values(), 2)
        )
    ]
    return torch.tensor(sorted(corners))


@pytest.mark.task("6.14")
@pytest.mark.no_mutation
def test_upper_hull_values(student, draw):
    """The corners of random points, in the order of their indices."""
    for n in (3, 4, 6, 9, 9, 9, 15, 20):
        for dtype in FLOATS:
            rates, values = draw.integers(0, 1000, (n,)), draw.integers(-500, 500, (n,))
            rates, values = rates.to(dtype), values.to(dtype) / 4
            copies = [rates.clone(), values.clone()]
            assert_matches(student.upper_hull(rates, values), _upper_hull(rates, values))
            assert_matches([rates, values], copies, rtol=0, atol=0)
    rates = draw.integers(0, 4000, (400,)).float()
    values = -((rates - 2000).square() / 4)  # on a parabola every rate is a corner
    first = {rate: place for place, rate in reversed(list(enumerate(rates.tolist())))}
    assert_matches(student.upper_hull(rates, values), torch.tensor(sorted(first.values())))


@pytest.mark.task("6.14")
def test_upper_hull_of_lines(student):
    """Points on a chord are no corners, whether it rises, falls or is level."""
    line = torch.arange(5.0)
    ends = torch.tensor([0, 4])
    for values in (line, -line, torch.zeros(5), 3 - 2 * line):
        assert_matches(student.upper_hull(line, values), ends)
    roof = torch.tensor([0.0, 1.0, 2.0, 1.0, 0.0])
    assert_matches(student.upper_hull(line, roof), torch.tensor([0, 2, 4]))
    assert_matches(student.upper_hull(line.flip(0), roof - 7), torch.tensor([0, 2, 4]))


@pytest.mark.task("6.14")
def test_upper_hull_of_equal_rates(student):
    """Of equal rates the best counts, of equal points the first; a point alone is a corner."""
    rates = torch.tensor([2.0, 1.0, 2.0, 1.0, 3.0, 3.0, 3.0])
    values = torch.tensor([5.0, 1.0, 6.0, 2.0, 4.0, 4.0, 3.0])
    assert_matches(student.upper_hull(rates, values), torch.tensor([2, 3, 4]))
    same = torch.ones(4)
    assert_matches(student.upper_hull(same, torch.tensor([1.0, 3.0, 3.0, 2.0])), torch.tensor([1]))
    assert_matches(student.upper_hull(torch.tensor([0.0]), torch.tensor([0.0])), torch.tensor([0]))
    pair = torch.tensor([1.0, 0.0])
    assert_matches(student.upper_hull(pair, pair), torch.tensor([0, 1]))


# 6.15

SPECTRA = (
    [0.5, 4.0, 1.0, 0.25, 2.0, 0.0, 8.0, 0.125],
    [3.0] * 6,
    [i * 37 % 100 / 10 + 0.1 for i in range(60)],
)
PRICES = ((1.0, 3.0), (3.0, 1.0), (0.1, 6.0), (2.0, 2.5), (0.2, 0.1), (0.1, 0.3), (40.0, 50.0))


def _linear_point(variances, beta_2, beta_1, top_dim, bottom_dim):
    ordered = sorted(variances, reverse=True)
    rates, distortion = [0.0, 0.0], 0.0
    for place, variance in enumerate(ordered):
        if place >= bottom_dim:
            distortion += variance
            continue
        layer = 0 if beta_2 < beta_1 and place < top_dim else 1
        level = (beta_2, beta_1)[layer] / 2
        distortion += min(level, variance)
        rates[layer] += 0.5 * math.log(variance / level) if variance > level else 0.0
    return rates[0], rates[1], distortion


def _linear_cost(variances, beta_2, beta_1, top_dim, bottom_dim):
    rate_2, rate_1, distortion = _linear_point(variances, beta_2, beta_1, top_dim, bottom_dim)
    return distortion + beta_2 * rate_2 + beta_1 * rate_1


@pytest.mark.task("6.15")
@pytest.mark.no_mutation
def test_linear_hierarchy_values(student):
    """Rates and distortion for cheap and expensive top layers, on unsorted and repeated spectra."""
    for values in SPECTRA:
        for beta_2, beta_1 in PRICES:
            for dtype in FLOATS:
                variances = torch.tensor(values, dtype=dtype)
                copy = variances.clone()
                returned = student.linear_hierarchical_point(variances, beta_2, beta_1, 2, 5)
                expected = _linear_point(values, beta_2, beta_1, 2, 5)
                assert_matches(returned, expected, rtol=1e-4, atol=1e-5)
                assert_matches(variances, copy, rtol=0, atol=0)


@pytest.mark.task("6.15")
def test_linear_hierarchy_dimensions(student):
    """Neither layer codes more components than it has dimensions; what is lost is distortion."""
    for values in SPECTRA:
        for top_dim, bottom_dim in ((1, 1), (1, 3), (3, 3), (2, 6), (4, 5), (70, 90)):
            for beta_2, beta_1 in ((0.2, 0.5), (0.5, 0.2)):
                arguments = beta_2, beta_1, top_dim, bottom_dim
                returned = student.linear_hierarchical_point(_double(values), *arguments)
                assert_matches(returned, _linear_point(values, *arguments), rtol=1e-5)


@pytest.mark.task("6.15")
def test_linear_hierarchy_prices(student):
    """Where a price rises by a little, the cost rises by the rate of its layer: the optimum."""
    step = 1e-5
    for values in SPECTRA:
        for beta_2, beta_1 in PRICES:

            def cost(beta_2, beta_1, values=values):
                return _linear_cost(values, beta_2, beta_1, 2, 5)

            slopes = (
                (cost(beta_2 + step, beta_1) - cost(beta_2 - step, beta_1)) / (2 * step),
                (cost(beta_2, beta_1 + step) - cost(beta_2, beta_1 - step)) / (2 * step),
            )
            returned = student.linear_hierarchical_point(_double(values), beta_2, beta_1, 2, 5)
            assert_matches(tuple(returned)[:2], slopes, rtol=1e-3, atol=1e-3)
            paid = returned[2] + beta_2 * returned[0] + beta_1 * returned[1]
            assert_matches(float(paid), cost(beta_2, beta_1), rtol=1e-5)


@pytest.mark.task("6.15")
def test_linear_hierarchy_equal_prices(student):
    """At equal prices there is a ValueError; just beside, the cheaper layer has everything."""
    variances = _double(SPECTRA[0])
    for beta_2, beta_1 in ((1.0, 1.001), (1.001, 1.0)):
        returned = student.linear_hierarchical_point(variances, beta_2, beta_1, 3, 6)
        assert_matches(returned, _linear_point(SPECTRA[0], beta_2, beta_1, 3, 6), rtol=1e-5)
    for beta in (1.0, 0.3):
        assert_raises(
            lambda beta=beta: student.linear_hierarchical_point(variances, beta, beta, 3, 6),
            "ValueError",
        )


# 6.16. What any honestly trained grid of HVAEs satisfies after 20 epochs, and what mis-scaled
# losses, swapped prices and made-up numbers do not.

PAIRS = [(beta_2, beta_1) for beta_2 in (0.3, 1.0, 3.0) for beta_1 in (0.3, 1.0, 3.0)]
REPORT_TOLERANCE = 0.02
DECIBELS = 0.05
ACCURACY_TOLERANCE = 0.01
EXCHANGE_TOLERANCE = 0.25
SLOPE_TOLERANCE = 0.2
ACCURACY_MARGIN = 0.05  # seven standard errors at chance level, on 2,000 test images


def runs_of(grid):
    """The verified runs of all nine pairs; fails where one is missing or a copy."""
    pairs = [(run.beta_2, run.beta_1) for run in grid.runs]
    if pairs != PAIRS:
        raise CheckFailed("the grid is not complete: " + "; ".join(grid.problems), pairs, PAIRS)
    points = [(run.rate_2, run.rate_1, run.distortion) for run in grid.runs]
    if len(set(points)) < len(points):
        raise CheckFailed("two runs hold the same weights", points)
    return grid.runs


def cost_at(run, beta_2, beta_1):
    """D + β₂R₂ + β₁R₁ of a run at any prices."""
    return run.distortion + beta_2 * run.rate_2 + beta_1 * run.rate_1


@pytest.mark.task("6.16")
def test_grid_is_complete(hierarchy):
    """There is one run for each of the nine pairs of prices, and its weights can be used."""
    runs_of(hierarchy)


@pytest.mark.task("6.16")
def test_grid_reports_what_its_weights_give(hierarchy):
    """R₂, R₁, D, PSNR and accuracy on reconstructions are those of your weights.

    One z is drawn for each of 10,000 images. In the reference's runs that gives R₁ a standard
    deviation of 0.0007 to 0.014 and D one of 0.006 to 0.05, in both reports: the margins are 5.1
    standard deviations of the difference or more. R₂, PSNR and accuracy have no noise. R₁ at the
    means of z₂, in place of samples, is up to 1.2 too low.
    """
    for run in runs_of(hierarchy):
        told = run.reported
        for name, found in (
            ("rate_2", run.rate_2), ("rate_1", run.rate_1), ("distortion", run.distortion),
        ):  # fmt: skip
            if not math.isclose(found, told[name], rel_tol=REPORT_TOLERANCE, abs_tol=0.03):
                raise CheckFailed(f"{run.name}: {name} is not what was reported", found, told[name])
        if not abs(run.psnr - told["psnr"]) <= DECIBELS:
            raise CheckFailed(f"{run.name}: another PSNR was reported", run.psnr, told["psnr"])
        reported = told["reconstruction_accuracy"]
        if not abs(run.reconstruction_accuracy - reported) <= ACCURACY_TOLERANCE:
            message = f"{run.name}: another accuracy on reconstructions was reported"
            raise CheckFailed(message, run.reconstruction_accuracy, reported)


@pytest.mark.task("6.16")
def test_grid_beats_one_linear_layer(hierarchy):
    """D + β₂R₂ + β₁R₁ lies below the costlier of the two linear models that use one layer only."""
    for run in runs_of(hierarchy):
        variances = hierarchy.variances.tolist()
        found = cost_at(run, run.beta_2, run.beta_1)
        top = _one_layer_cost(variances, run.beta_2, run.top_dim)
        bottom = _one_layer_cost(variances, run.beta_1, run.bottom_dim)
        if not found < max(top, bottom):
            message = f"{run.name}: a linear model with one layer costs less"
            raise CheckFailed(message, found, max(top, bottom))


def _one_layer_cost(variances, beta, dimensions):
    """D + β·R of the best linear model with one layer: water level β/2."""
    ordered = sorted(variances, reverse=True)
    coded, lost = ordered[:dimensions], ordered[dimensions:]
    rate = math.fsum(max(0.0, 0.5 * math.log(2 * v / beta)) for v in coded if v > 0)
    return math.fsum(min(v, beta / 2) for v in coded) + math.fsum(lost) + beta * rate


@pytest.mark.task("6.16")
def test_grid_pays_its_price_on_the_diagonal(hierarchy):
    """Where both prices are equal, −ΔD/ΔR of neighbours lies between their prices."""
    diagonal = [run for run in runs_of(hierarchy) if run.beta_2 == run.beta_1]
    for low, high in itertools.pairwise(diagonal):
        saved = low.rate_2 + low.rate_1 - high.rate_2 - high.rate_1
        slope = (high.distortion - low.distortion) / saved if saved > 0 else math.nan
        tolerance = 1 + SLOPE_TOLERANCE
        if not low.beta_2 / tolerance <= slope <= high.beta_2 * tolerance:
            message = f"the slope from {low.name} to {high.name} is not between the two prices"
            raise CheckFailed(message, slope, (low.beta_2, high.beta_2))


@pytest.mark.task("6.16")
def test_grid_no_run_beats_another_at_its_prices(hierarchy):
    """At its own prices no run costs much more than another run of the grid."""
    runs = runs_of(hierarchy)
    for own in runs:
        found = cost_at(own, own.beta_2, own.beta_1)
        best = min(cost_at(other, own.beta_2, own.beta_1) for other in runs)
        if not found <= best * (1 + EXCHANGE_TOLERANCE):
            raise CheckFailed(f"another run is cheaper at the prices of {own.name}", found, best)


@pytest.mark.task("6.16")
def test_grid_keeps_its_bounds(hierarchy):
    """A sample of z₂ tells no more about the label than R₂, H(L) and Fano's bound allow."""
    for run in runs_of(hierarchy):
        limit = min(run.rate_2 + 4 * run.information_error, hierarchy.label_entropy) + 1e-3
        if not run.information <= limit:
            message = f"{run.name}: I(z₂; label) is larger than it can be"
            raise CheckFailed(message, run.information, limit)
        bound = _highest_accuracy(run.information + 4 * run.information_error)
        for name, accuracy in run.reported.items():
            if name.endswith("_samples") and not 0 <= accuracy <= bound + ACCURACY_MARGIN:
                message = f"{run.name}: {name} is above the accuracy bound; was it on samples?"
                raise CheckFailed(message, accuracy, bound + ACCURACY_MARGIN)


def _highest_accuracy(information):
    """The bound for ten equally frequent labels."""
    shares = [0.1] * 10
    if information >= math.log(10):
        return 1.0
    low, high = 0.1, 1.0
    for _ in range(50):
        middle = (low + high) / 2
        enough = _needed(middle, shares) >= max(information, 0.0)
        low, high = (low, middle) if enough else (middle, high)
    return high
