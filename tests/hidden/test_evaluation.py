"""Hidden checks of tasks 1.4 and 1.5.

Where z is sampled, moments are compared: six standard deviations of a mean over many draws, a
false alarm in fewer than 1 of 10⁷ runs of any check (docs/fairness.md has the rate of each).
"""

import pytest
import torch

from support import assert_matches, assert_raises
from toy_models import GraphVAE, LinearVAE, ModeVAE, OnePass, StepVAE

QUIET = -40.0  # a log-variance at which the noise is invisible


def _weights(draw, d, *pixels, log_var):
    return {
        "to_mean": draw.normal(d, *pixels) / 2,
        "to_log_var": draw.normal(d, *pixels) / 4,
        "log_var": torch.full((d,), log_var),
        "to_image": draw.normal(d, *pixels) / 2,
    }


def _encode(weights, x):
    """Mean and log-variance of a LinearVAE, in float64."""
    mean, log_var = (
        x.flatten(1).double() @ weights[name].flatten(1).T.double()
        for name in ("to_mean", "to_log_var")
    )
    return mean, log_var + weights["log_var"]


def _rate(weights, x):
    mean, log_var = _encode(weights, x)
    return 0.5 * (mean**2 + log_var.exp() - 1 - log_var).sum(1).mean().item()


def _quiet_distortion(weights, x):
    x_hat = _encode(weights, x)[0] @ weights["to_image"].flatten(1).double()
    return (x.flatten(1) - x_hat).square().sum(1).mean().item()


def _expected(weights, batches):
    x = torch.cat(batches)
    return _rate(weights, x), _quiet_distortion(weights, x)


@pytest.mark.task("1.4")
@pytest.mark.no_mutation
def test_ragged_batches(student, draw):
    """Every image counts the same, whatever the batch it comes in."""
    for sizes in ((8, 8, 3), (5, 1), (1,), (2, 9, 4), (10_500, 6), (1, 2) * 52):
        weights = _weights(draw, 3, 1, 2, 4, log_var=QUIET)
        batches = [(i % 4 + 1) * draw.uniform(n, 1, 2, 4) for i, n in enumerate(sizes)]
        returned = student.rate_and_distortion(ModeVAE(**weights), batches)
        assert_matches(returned, _expected(weights, batches), rtol=1e-4, atol=1e-4)


@pytest.mark.task("1.4")
def test_rate_of_a_data_set(student, draw):
    """The rate is the sum over latents, in nats, of the KL of each image's own posterior."""
    for d, batch in ((600, 2), (2, 6), (6, 6), (9, 4), (1, 5)):
        weights = _weights(draw, d, 5, log_var=-1.0)
        batches = [draw.uniform(batch, 5), 3 * draw.uniform(batch, 5)]
        returned = student.rate_and_distortion(LinearVAE(**weights), batches)
        assert_matches(returned, (0.0, 0.0), rtol=0, atol=1e9)
        assert_matches(returned[0], _rate(weights, torch.cat(batches)), rtol=1e-4, atol=1e-4)
    almost_none = {name: 0.02 * tensor for name, tensor in weights.items()}
    weights = _weights(draw, 2, 5, log_var=0.0)
    extreme = {"log_var": torch.tensor([-75.0, 75.0]), "to_image": torch.zeros(2, 5)}
    for model in (almost_none, weights | extreme):
        returned = student.rate_and_distortion(LinearVAE(**model), batches)
        assert_matches(returned[0], _rate(model, torch.cat(batches)), rtol=1e-4, atol=5e-6)


@pytest.mark.task("1.4")
def test_evaluation_mode(student, draw):
    """The model is evaluated in evaluation mode and without gradients, whatever its own mode."""
    for toy, shape in ((ModeVAE, (2, 3)), (GraphVAE, (3, 2, 2)), (ModeVAE, (1, 28, 28))):
        weights = _weights(draw, 3, *shape, log_var=QUIET)
        batches = [draw.uniform(4, *shape), draw.uniform(2, *shape)]
        for training in (True, False):
            model = toy(**weights).train(training)
            returned = student.rate_and_distortion(model, batches)
            assert_matches(returned, _expected(weights, batches), rtol=1e-4, atol=1e-4)


@pytest.mark.task("1.4")
def test_distortion_of_samples(student, draw):
    """The distortion is that of sampled latents in evaluation mode, with noise of its variance."""
    images, d, log_var = 4000, 3, torch.tensor([-1.0, 0.0, 1.0])
    weights = _weights(draw, d, 4, log_var=0.0) | {"log_var": log_var}
    weights["to_log_var"] = torch.zeros(d, 4)
    weights["to_image"] = draw.uniform(d, 4, low=0.4, high=1.0)  # shows noise that goes together
    x = draw.uniform(1, 4).expand(images, 4).contiguous()
    scale = weights["to_image"].double() * log_var.double().div(2).exp().unsqueeze(1)
    residual = x[0] - _encode(weights, x[:1])[0][0] @ weights["to_image"].double()
    gram = scale @ scale.T
    mean = residual.square().sum() + gram.trace()
    variance = 4 * (scale @ residual).square().sum() + 2 * gram.square().sum()
    returned = student.rate_and_distortion(ModeVAE(**weights), list(x.split(1500)))
    assert_matches(returned, (_rate(weights, x), mean.item()), rtol=0, atol=1e9)
    margin = 6 * (variance / images).sqrt().item()
    assert_matches(returned[1], mean.item(), rtol=0, atol=margin)


@pytest.mark.task("1.4")
def test_noise_is_normal(student):
    """The noise has the fourth moment of a normal distribution."""
    weights = {name: torch.zeros(1, 1) for name in ("to_mean", "to_log_var")}
    weights |= {"log_var": torch.zeros(1), "to_image": torch.ones(1, 1), "power": 2}
    images = 80_000  # Var[noise⁴] = 96; 8 standard deviations, since its tail is heavy
    returned = student.rate_and_distortion(LinearVAE(**weights), [torch.zeros(images, 1)])
    assert_matches(returned, (0.0, 3.0), rtol=0, atol=8 * (96 / images) ** 0.5)


@pytest.mark.task("1.4")
def test_fresh_noise(student):
    """Every image of every batch has noise of its own."""
    d = 4
    for images, batch in ((400, 400), (150, 1)):
        expected = 2.0 * d - d / images  # Var of the mean of (noise − the one before)² is 12 d / N
        batches = list(torch.zeros(images, d).split(batch))
        returned = student.rate_and_distortion(StepVAE(d), batches)
        assert_matches(returned, (0.0, expected), rtol=0, atol=6 * (12 * d / images) ** 0.5)


@pytest.mark.task("1.4")
def test_any_iterable_or_none(student, draw):
    """Batches may come from any iterable; without a single image there is a ValueError.

    torch itself refuses x.view(len(x), -1) of an empty batch, which is as good a way to flatten.
    """
    weights = _weights(draw, 2, 3, log_var=QUIET)
    x = draw.uniform(7, 3)
    returned = student.rate_and_distortion(LinearVAE(**weights), OnePass(x, 3))
    assert_matches(returned, _expected(weights, [x]), rtol=1e-4, atol=1e-4)
    for nothing, accepted in (
        ([], ["ValueError"]),
        (OnePass(torch.zeros(0, 3), 3), ["ValueError"]),
        ([torch.zeros(0, 3)], ["ValueError", "RuntimeError"]),
    ):
        model = LinearVAE(**weights)
        assert_raises(lambda m=model, b=nothing: student.rate_and_distortion(m, b), *accepted)


def _posterior_with(kl, n, draw):
    """Posterior parameters of n images, each costlier than the last, whose KLs average to these."""
    share = draw.uniform(n, len(kl), low=0.2, high=1.8, dtype=torch.float64).sort(0).values
    per_image = kl.double() * share / share.mean(0)
    mean = (2 * per_image).sqrt() * (1 - 2 * draw.integers(0, 2, tuple(share.shape)))
    return mean.float(), torch.zeros(n, len(kl))


@pytest.mark.task("1.5")
def test_redundant_any_posterior(student, draw):
    """The indices, ascending, of all dimensions whose KL averages below the threshold."""
    few = torch.tensor([0.3, 0.02, 0.0046, 1.5, 0.0, 0.008, 0.06])
    near = [1.0002 * each for each in (0.008, 0.0046, 1.5)]  # close to one of them
    near += [0.9998 * each for each in (0.008, 0.06)]
    for n, kl in ((7, few), (12, few), (1, few), (400, few), (5, few.repeat(10))):
        mean, log_var = _posterior_with(kl, n, draw)
        for threshold in (0.01, 0.05, 0.5, *near):
            returned = student.redundant_dimensions(mean, log_var, threshold)
            assert_matches(returned, (kl < threshold).nonzero().flatten())
        expected = (kl < 0.01).nonzero().flatten()
        assert_matches(student.redundant_dimensions(mean, log_var), expected)
    for n, kl in ((10_500, few), (5, few.repeat(90))):
        mean, log_var = _posterior_with(kl, n, draw)
        expected = (kl < 0.01).nonzero().flatten()
        assert_matches(student.redundant_dimensions(mean, log_var), expected)
    mean = torch.tensor([1.0, 0.5, 0.0]).expand(4, 3).clone()  # a KL of 1/2, 1/8 and 0
    returned = student.redundant_dimensions(mean, torch.zeros(4, 3), 0.5)
    assert_matches(returned, torch.tensor([1, 2]))


@pytest.mark.task("1.5")
@pytest.mark.no_mutation
def test_redundant_what_counts(student):
    """A dimension counts by its KL alone, averaged over images, not by one parameter."""
    n = 10
    mean, log_var = torch.zeros(n, 6), torch.zeros(n, 6)
    mean[:, 1] = 2.0  # the same for every image, and far from the prior
    log_var[:, 2] = -4.0
    log_var[:, 3] = 2.0
    log_var[::2, 4], log_var[1::2, 4] = 2.0, -2.0
    mean[0, 5] = 3.0  # one image uses it: 0.45 on average
    assert_matches(student.redundant_dimensions(mean, log_var, 0.4), torch.tensor([0]))
    assert_matches(student.redundant_dimensions(mean, log_var, 0.5), torch.tensor([0, 5]))
    copies = [mean.clone(), log_var.clone()]
    assert_matches(student.redundant_dimensions(mean, log_var, 0.6), torch.tensor([0, 5]))
    assert_matches([mean, log_var], copies, rtol=0, atol=0)


@pytest.mark.task("1.5")
def test_redundant_none_one_all(student):
    """None, one or all redundant, and a KL of exactly the threshold, also 0: not below it."""
    empty = torch.zeros(0, dtype=torch.int64)
    busy, idle, log_var = torch.ones(4, 3), torch.zeros(4, 3), torch.zeros(4, 3)
    assert_matches(student.redundant_dimensions(busy, log_var), empty)
    assert_matches(student.redundant_dimensions(idle, log_var), torch.arange(3))
    assert_matches(student.redundant_dimensions(idle, log_var, 0.0), empty)
    assert_matches(student.redundant_dimensions(idle, log_var, threshold=0), empty)
    assert_matches(student.redundant_dimensions(0.5 * busy, log_var, 0.0), empty)
    assert_matches(student.redundant_dimensions(busy, log_var, 0.5), empty)
    assert_matches(student.redundant_dimensions(busy, log_var, 0.51), torch.arange(3))
    assert_matches(student.redundant_dimensions(idle[:, :1], log_var[:, :1]), torch.tensor([0]))
