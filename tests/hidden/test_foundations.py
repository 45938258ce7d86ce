"""Hidden checks of tasks 4.1 to 4.10.

Where moments of many chains are compared, the margin is six standard errors: a false alarm in
fewer than 1 of 10⁶ courses of any check (docs/fairness.md), and in none of the same salt.
"""

import math

import pytest
import torch
from torch.distributions import Bernoulli, MultivariateNormal, Normal, kl_divergence
from torch.nn.functional import softplus

from support import CheckFailed, assert_gradient_matches, assert_matches
from toy_models import GraphVAE, LinearVAE, ModeVAE

DOUBLE = torch.float64


def _covariance(draw, *shape, scale=1.0, dtype=DOUBLE):
    """Well-conditioned covariances, shape (..., d, d)."""
    factor = draw.normal(*shape, shape[-1], dtype=dtype)
    return scale * (factor @ factor.mT / shape[-1] + 0.3 * torch.eye(shape[-1], dtype=dtype))


def _gaussians(draw, *shape, scale_1=1.0, scale_2=1.0, dtype=DOUBLE):
    """Two Gaussians a few standard deviations of the second apart."""
    means = [draw.normal(*shape, dtype=dtype) * scale_2**0.5 for _ in range(2)]
    first = _covariance(draw, *shape, scale=scale_1, dtype=dtype)
    return means[0], first, means[1], _covariance(draw, *shape, scale=scale_2, dtype=dtype)


def _kl(mean_1, covariance_1, mean_2, covariance_2):
    return kl_divergence(
        MultivariateNormal(mean_1, covariance_1), MultivariateNormal(mean_2, covariance_2)
    )


@pytest.mark.task("4.1")
def test_multivariate_kl_values(student, draw):
    """KL of any two Gaussians, in one dimension and in several, one pair or many."""
    for shape in ((1,), (2,), (5,), (3, 2), (4, 4), (2, 3, 3), (2100, 2)):
        inputs = _gaussians(draw, *shape)
        assert_matches(student.multivariate_gaussian_kl(*inputs), _kl(*inputs))
        mean, covariance, _, _ = inputs
        returned = student.multivariate_gaussian_kl(mean, covariance, mean, covariance)
        assert_matches(returned, torch.zeros(shape[:-1], dtype=DOUBLE))
    mean, log_var = draw.normal(6, 4, dtype=DOUBLE), draw.normal(6, 4, dtype=DOUBLE)
    standard = torch.zeros(6, 4, dtype=DOUBLE), torch.eye(4, dtype=DOUBLE).expand(6, 4, 4)
    expected = 0.5 * (mean**2 + log_var.exp() - 1 - log_var).sum(1)
    covariance = torch.diag_embed(log_var.exp())
    assert_matches(student.multivariate_gaussian_kl(mean, covariance, *standard), expected)


@pytest.mark.task("4.1")
def test_multivariate_kl_affine(student, draw):
    """The same invertible affine map of both Gaussians leaves their KL as it is."""
    for d in (2, 3, 6):
        mean_1, covariance_1, mean_2, covariance_2 = _gaussians(draw, d)
        matrix = draw.normal(d, d, dtype=DOUBLE) + 2 * torch.eye(d, dtype=DOUBLE)
        shift = draw.normal(d, dtype=DOUBLE)
        mapped = [matrix @ mean_1 + shift, matrix @ covariance_1 @ matrix.T]
        mapped += [matrix @ mean_2 + shift, matrix @ covariance_2 @ matrix.T]
        expected = _kl(mean_1, covariance_1, mean_2, covariance_2)
        assert_matches(student.multivariate_gaussian_kl(*mapped), expected, rtol=1e-6)


@pytest.mark.task("4.1")
def test_multivariate_kl_tiny_determinants(student, draw):
    """Determinants that are no floating-point numbers still have logarithms."""
    for d, scale_1, scale_2 in ((40, 1e-9, 1e-9), (90, 1e-6, 1e-5), (60, 1e7, 1e8)):
        inputs = _gaussians(draw, d, scale_1=scale_1, scale_2=scale_2)
        returned = student.multivariate_gaussian_kl(*inputs)
        assert_matches(returned, _kl(*inputs), rtol=1e-6, atol=1e-6)


@pytest.mark.task("4.1")
def test_multivariate_kl_gradient(student, draw):
    """Gradients reach both means and both covariances."""
    mean_1, _, mean_2, _ = _gaussians(draw, 3, 2)
    factors = [draw.normal(3, 2, 2, dtype=DOUBLE) for _ in range(2)]
    cotangent = draw.normal(3, dtype=DOUBLE)

    def covariances(factor_1, factor_2):  # moved symmetrically, whatever the factors do
        identity = 0.3 * torch.eye(2, dtype=DOUBLE)
        return factor_1 @ factor_1.mT + identity, factor_2 @ factor_2.mT + identity

    def divergence(kl, mean_1, factor_1, mean_2, factor_2):
        first, second = covariances(factor_1, factor_2)
        return kl(mean_1, first, mean_2, second)

    inputs = [mean_1, factors[0], mean_2, factors[1]]
    leaves = [tensor.clone().requires_grad_() for tensor in inputs]
    expected = torch.autograd.grad(divergence(_kl, *leaves), leaves, cotangent)
    assert_gradient_matches(
        lambda *each: divergence(student.multivariate_gaussian_kl, *each),
        inputs,
        expected,
        cotangent=cotangent,
        rtol=1e-6,
    )


@pytest.mark.task("4.1")
@pytest.mark.no_mutation
def test_multivariate_kl_form(student, draw):
    """One value per pair in the dtype of the inputs, which stay as they are."""
    for shape in ((1,), (3,), (1, 2), (4, 2), (2, 1, 3)):
        for dtype in (torch.float32, DOUBLE):
            inputs = _gaussians(draw, *shape, dtype=dtype)
            returned = student.multivariate_gaussian_kl(*inputs)
            expected = _kl(*(tensor.double() for tensor in inputs)).to(dtype)
            assert_matches(returned, expected, rtol=2e-4, atol=2e-4)


@pytest.mark.task("4.2")
@pytest.mark.no_mutation
def test_bernoulli_values(student, draw):
    """ln p(x) of black-and-white images, flat or not, in either precision."""
    for dtype in (torch.float32, DOUBLE):
        for shape in (
            (3, 5),
            (1, 7),
            (2, 1, 4, 4),
            (4, 3, 2, 2),
            (6, 1),
            (10_500, 2),
            (3, 1, 28, 28),
        ):
            x, logits = draw.normal(*shape).gt(0).to(dtype), 3 * draw.normal(*shape, dtype=dtype)
            expected = Bernoulli(logits=logits.double()).log_prob(x.double()).flatten(1).sum(1)
            assert_matches(student.bernoulli_log_likelihood(x, logits), expected.to(dtype))


@pytest.mark.task("4.2")
def test_bernoulli_grey(student, draw):
    """Between 0 and 1 each pixel counts both terms, in proportion."""
    for shape in ((3, 5), (2, 1, 3, 3)):
        x, logits = draw.uniform(*shape, dtype=DOUBLE), 2 * draw.normal(*shape, dtype=DOUBLE)
        expected = (x * logits - softplus(logits)).flatten(1).sum(1)
        assert_matches(student.bernoulli_log_likelihood(x, logits), expected)


@pytest.mark.task("4.2")
def test_bernoulli_extremes(student, draw):
    """Logits of hundreds cost hundreds of nats where they are wrong, and nothing where right."""
    for dtype in (torch.float32, DOUBLE):
        for size in (12.0, 20.0, 60.0, 120.0, 800.0):
            logits = torch.tensor([[size, -size], [-size, size], [size, size]], dtype=dtype)
            x = torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]], dtype=dtype)
            right = -math.log1p(math.exp(-size))
            expected = torch.tensor([2 * right, 2 * (right - size), 2 * right - size], dtype=dtype)
            returned = student.bernoulli_log_likelihood(x, logits)
            rounding = 1e-9 if dtype == DOUBLE else 1e-5
            assert_matches(returned, expected, rtol=1e-4, atol=rounding)


@pytest.mark.task("4.2")
def test_bernoulli_gradient(student, draw):
    """The gradient with respect to the logits is x less the probability, also far out."""
    x = draw.normal(4, 2, 3).gt(0).double()
    cotangent = draw.normal(4, dtype=DOUBLE)
    for scale in (1.0, 300.0):
        logits = scale * draw.normal(4, 2, 3, dtype=DOUBLE)
        expected = cotangent.view(-1, 1, 1) * (x - logits.sigmoid())
        assert_gradient_matches(
            lambda logits: student.bernoulli_log_likelihood(x, logits),
            [logits],
            [expected],
            cotangent=cotangent,
        )


def _weights(draw, kind, pixels, hidden, latent, dtype=DOUBLE):
    """Random weights of an Autoencoder whose units are on as often as off."""
    sizes = {
        "hidden": (hidden, pixels),
        "mean": (latent, hidden),
        "up": (hidden, latent),
        "out": (pixels, hidden),
    }
    if kind == "vae":
        sizes["log_var"] = latent, hidden
    weights = {}
    for name, (outputs, inputs) in sizes.items():
        matrix = 1.5 * draw.normal(outputs, inputs, dtype=dtype) / inputs**0.5
        weights |= {f"{name}.weight": matrix, f"{name}.bias": draw.normal(outputs, dtype=dtype) / 2}
    return weights


def _layer(weights, name, x):
    return x @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]


def _run(kind, weights, x, noise):
    """What an Autoencoder with these weights returns."""
    hidden = _layer(weights, "hidden", x).relu()
    mean = _layer(weights, "mean", hidden)
    log_var = _layer(weights, "log_var", hidden) if kind == "vae" else None
    z = mean if log_var is None else mean + (log_var / 2).exp() * noise
    return _layer(weights, "out", _layer(weights, "up", z).relu()), mean, log_var


def _assert_run(returned, expected):
    """Compare (logits, mean, log_var), of which the last may be None."""
    if expected[2] is not None:
        assert_matches(returned, expected)
        return
    if not isinstance(returned, tuple | list) or len(returned) != 3:
        raise CheckFailed("expected logits, mean and log_var", returned)
    assert_matches(list(returned[:2]), list(expected[:2]))
    if returned[2] is not None:
        raise CheckFailed("an autoencoder has no log-variance: return None", returned[2])


def _runs(student, draw, kind, sizes, log_vars=(0.0, 0.0)):
    """Compare runs of all sizes, with log-variances moved from the first amount to the second."""
    for pixels, hidden, latent, batch in sizes:
        weights = _weights(draw, kind, pixels, hidden, latent)
        if kind == "vae":
            weights["log_var.bias"] += torch.linspace(*log_vars, latent, dtype=DOUBLE)
        x = draw.uniform(batch, pixels, dtype=DOUBLE)
        noise = 2 * draw.normal(batch, latent, dtype=DOUBLE)
        returned = student.run_autoencoder(kind, weights, x, noise)
        _assert_run(returned, _run(kind, weights, x, noise))


SIZES = [(6, 5, 2, 4), (3, 8, 1, 1), (9, 4, 4, 7), (4, 40, 3, 200), (5, 3, 6, 2)]


@pytest.mark.task("4.3")
def test_autoencoder_plain(student, draw):
    """The autoencoder: codes and logits for any weights and widths, whatever the noise."""
    _runs(student, draw, "ae", SIZES)


@pytest.mark.task("4.3")
def test_autoencoder_variational(student, draw):
    """The VAE: logits of a sample, its mean and its log-variance, for any weights and widths."""
    _runs(student, draw, "vae", [(6, 5, 2, 4), (5, 3, 6, 2)], log_vars=(-40.0, 15.0))
    _runs(student, draw, "vae", SIZES)


@pytest.mark.task("4.3")
def test_autoencoder_full_size(student, draw):
    """784 pixels, 512 hidden units, 2 latents: 806,674 parameters, the VAE 1,026 more."""
    for kind, count in (("ae", 806_674), ("vae", 807_700)):
        weights = _weights(draw, kind, 784, 512, 2, dtype=torch.float32)
        assert sum(value.numel() for value in weights.values()) == count
        x, noise = draw.uniform(3, 784), draw.normal(3, 2)
        returned = student.run_autoencoder(kind, weights, x, noise)
        _assert_run(returned, _run(kind, weights, x, noise))


@pytest.mark.task("4.3")
def test_autoencoder_gradient(student, draw):
    """The gradient of the logits reaches every parameter."""
    for kind in ("ae", "vae"):
        weights = _weights(draw, kind, 5, 6, 2)
        x, noise = draw.uniform(4, 5, dtype=DOUBLE), draw.normal(4, 2, dtype=DOUBLE)
        cotangent, names = draw.normal(4, 5, dtype=DOUBLE), list(weights)

        def logits(run, *values, kind=kind, names=names, x=x, noise=noise):
            return run(kind, dict(zip(names, values, strict=True)), x, noise)[0]

        leaves = [value.clone().requires_grad_() for value in weights.values()]
        expected = torch.autograd.grad(logits(_run, *leaves), leaves, cotangent)
        assert_gradient_matches(
            lambda *values, own=logits: own(student.run_autoencoder, *values),
            list(weights.values()),
            expected,
            cotangent=cotangent,
        )


@pytest.mark.task("4.3")
@pytest.mark.no_mutation
def test_autoencoder_noise(student, draw):
    """The sample is the mean where the noise is 0 and moves with the noise of its own image."""
    weights = _weights(draw, "vae", 4, 6, 2)
    x = draw.uniform(1, 4, dtype=DOUBLE).expand(5, 4).contiguous()
    for scale in (0.0, 1.0, 4.0):
        noise = scale * draw.normal(5, 2, dtype=DOUBLE)
        returned = student.run_autoencoder("vae", weights, x, noise)
        _assert_run(returned, _run("vae", weights, x, noise))


def _loss(x, logits, mean, log_var):
    reconstruction = (softplus(logits) - x * logits).flatten(1).sum(1).mean()
    if log_var is None:
        return reconstruction, reconstruction, 0.0
    kl = 0.5 * (mean**2 + log_var.exp() - 1 - log_var).sum(1).mean()
    return reconstruction + kl, reconstruction, kl


def _loss_inputs(draw, *shape, latent=3, dtype=DOUBLE):
    x, logits = draw.normal(*shape).gt(0).to(dtype), 2 * draw.normal(*shape, dtype=dtype)
    mean, log_var = (draw.normal(shape[0], latent, dtype=dtype) for _ in range(2))
    return x, logits, mean, log_var


@pytest.mark.task("4.4")
@pytest.mark.no_mutation
def test_autoencoder_loss_values(student, draw):
    """Total, reconstruction and KL: sums over pixels and dimensions, means over the batch."""
    for dtype in (torch.float32, DOUBLE):
        for shape, latent in (
            ((3, 6), 2),
            ((1, 9), 4),
            ((5, 1, 3, 3), 2),
            ((10_500, 1), 1),
            ((3, 784), 600),
        ):
            inputs = _loss_inputs(draw, *shape, latent=latent, dtype=dtype)
            assert_matches(student.autoencoder_loss(*inputs), _loss(*inputs))


@pytest.mark.task("4.4")
def test_autoencoder_loss_plain(student, draw):
    """Without a log-variance there is no KL: the code is free."""
    for shape in ((4, 6), (7, 2, 2, 2), (1, 3)):
        x, logits, mean, _ = _loss_inputs(draw, *shape)
        returned = student.autoencoder_loss(x, logits, 3 * mean, None)
        assert_matches(returned, _loss(x, logits, mean, None))


@pytest.mark.task("4.4")
def test_autoencoder_loss_grey(student, draw):
    """Images are taken as they come: rounding them is the caller's business."""
    for shape in ((3, 5), (2, 1, 4, 4)):
        _, logits, mean, log_var = _loss_inputs(draw, *shape)
        x = draw.uniform(*shape, dtype=DOUBLE)
        for posterior in (log_var, None):
            returned = student.autoencoder_loss(x, logits, mean, posterior)
            assert_matches(returned, _loss(x, logits, mean, posterior))


@pytest.mark.task("4.4")
def test_autoencoder_loss_gradient(student, draw):
    """The total can be minimised: gradients reach logits, mean and log-variance."""
    x, logits, mean, log_var = _loss_inputs(draw, 4, 5)
    expected = [(logits.sigmoid() - x) / 4, mean / 4, 0.5 * (log_var.exp() - 1) / 4]
    assert_gradient_matches(
        lambda *each: student.autoencoder_loss(x, *each)[0], [logits, mean, log_var], expected
    )
    assert_gradient_matches(
        lambda logits: student.autoencoder_loss(x, logits, mean, None)[0], [logits], expected[:1]
    )


def _elbo(x, x_hat, mean, log_var, sigma):
    likelihood = Normal(x_hat, sigma).log_prob(x).flatten(1).sum(1)
    return likelihood - 0.5 * (mean**2 + log_var.exp() - 1 - log_var).sum(1)


def _elbo_inputs(draw, *shape, latent=2, dtype=DOUBLE):
    x, x_hat = draw.uniform(*shape, dtype=dtype), draw.uniform(*shape, low=-0.5, dtype=dtype)
    mean, log_var = (draw.normal(shape[0], latent, dtype=dtype) for _ in range(2))
    return x, x_hat, mean, log_var


@pytest.mark.task("4.5")
@pytest.mark.no_mutation
def test_elbo_values(student, draw):
    """ELBO of each image, constant included, for any σ, flat or not, in either precision."""
    for dtype in (torch.float32, DOUBLE):
        for shape, latent in (
            ((3, 6), 2),
            ((1, 4), 5),
            ((4, 1, 3, 2), 1),
            ((2100, 1), 1),
            ((2, 784), 300),
        ):
            inputs = _elbo_inputs(draw, *shape, latent=latent, dtype=dtype)
            for sigma in (0.1, 0.5, 1.0, 1 / math.sqrt(2), 3.0):
                assert_matches(student.gaussian_elbo(*inputs, sigma), _elbo(*inputs, sigma))


@pytest.mark.task("4.5")
def test_elbo_gap_is_exact(student, draw):
    """With a linear decoder the gap to ln p(x) is exactly the KL from q to the true posterior."""
    for n, d, sigma in ((5, 2, 0.7), (6, 3, 0.3), (4, 1, 2.0)):
        matrix, x = draw.normal(n, d, dtype=DOUBLE), draw.normal(n, dtype=DOUBLE)
        mean, log_var = draw.normal(d, dtype=DOUBLE), draw.normal(d, dtype=DOUBLE)
        # 2d points with the mean and covariance of q: exact for anything quadratic in z
        steps = d**0.5 * torch.diag((log_var / 2).exp())
        z = mean + torch.cat([steps, -steps])
        batch = [tensor.expand(2 * d, -1) for tensor in (x, mean, log_var)]
        returned = student.gaussian_elbo(batch[0], z @ matrix.T, batch[1], batch[2], sigma)
        precision = torch.eye(d, dtype=DOUBLE) + matrix.T @ matrix / sigma**2
        posterior = torch.linalg.solve(precision, matrix.T @ x / sigma**2), precision.inverse()
        model = matrix @ matrix.T + sigma**2 * torch.eye(n, dtype=DOUBLE)
        evidence = MultivariateNormal(torch.zeros(n, dtype=DOUBLE), model).log_prob(x)
        gap = _kl(mean, torch.diag(log_var.exp()), *posterior)
        assert_matches(returned.mean(), evidence - gap, rtol=1e-6)


@pytest.mark.task("4.5")
def test_elbo_best_sigma(student, draw):
    """As a function of σ it is largest where σ² is the mean squared error of a pixel."""
    x, x_hat, mean, log_var = _elbo_inputs(draw, 1, 8)
    best = (x - x_hat).square().mean().sqrt().item()
    top = student.gaussian_elbo(x, x_hat, mean, log_var, best)
    assert_matches(top, _elbo(x, x_hat, mean, log_var, best))
    for ratio in (0.5, 0.9, 1.1, 4.0):
        below = student.gaussian_elbo(x, x_hat, mean, log_var, ratio * best)
        drop = 4 * (2 * math.log(ratio) + ratio**-2 - 1)
        assert_matches(top - below, torch.full((1,), drop, dtype=DOUBLE), rtol=1e-6)


@pytest.mark.task("4.5")
def test_elbo_gradient(student, draw):
    """Gradients reach reconstruction, mean and log-variance."""
    x, x_hat, mean, log_var = _elbo_inputs(draw, 4, 2, 3)
    cotangent = draw.normal(4, dtype=DOUBLE)
    for sigma in (0.4, 2.0):
        expected = [
            cotangent.view(-1, 1, 1) * (x - x_hat) / sigma**2,
            -cotangent.unsqueeze(1) * mean,
            -cotangent.unsqueeze(1) * 0.5 * (log_var.exp() - 1),
        ]
        assert_gradient_matches(
            lambda *each, sigma=sigma: student.gaussian_elbo(x, *each, sigma),
            [x_hat, mean, log_var],
            expected,
            cotangent=cotangent,
        )


def _log_evidence(variances, sigma, latent_dim):
    """Mean ln p(x) of probabilistic PCA with this σ, from the eigenvalues of its covariance."""
    total = 0.0
    for place, variance in enumerate(sorted(variances.tolist(), reverse=True)):
        coded = place < latent_dim and variance > sigma**2
        own = variance if coded else sigma**2
        total -= 0.5 * (math.log(2 * math.pi * own) + variance / own)
    return total


SPECTRA = [
    [0.5, 4.0, 1.0, 0.05, 2.0, 0.0],
    [1.0, 1.0, 1.0, 1.0],
    [0.0, 0.0, 3.0],
    [0.2, 9.0],
    [7.0],
]


@pytest.mark.task("4.6")
def test_linear_elbo_is_log_likelihood(student, draw):
    """It is the mean of ln p(x) under probabilistic PCA: any order, any number of latents."""
    spectra = [torch.tensor(spectrum) for spectrum in SPECTRA]
    spectra.append(draw.uniform(400, high=2.0))
    for variances in (*spectra, spectra[0].double()):
        for sigma in (0.3, 0.7, 1.0, 1.7):
            for latent_dim in sorted({1, (len(variances) + 1) // 2, len(variances)}):
                returned = student.linear_elbo(variances, sigma, latent_dim)
                expected = _log_evidence(variances, sigma, latent_dim)
                assert_matches(returned, expected, rtol=1e-5, atol=1e-4)


@pytest.mark.task("4.6")
@pytest.mark.no_mutation
def test_linear_elbo_is_best(student, draw):
    """Any other linear decoder gives the data a lower mean of ln p(x)."""
    for n, latent_dim, sigma in ((6, 2, 0.5), (4, 3, 0.8), (3, 1, 1.2)):
        variances = draw.uniform(n, low=0.1, high=4.0, dtype=DOUBLE)
        best = student.linear_elbo(variances, sigma, latent_dim)
        assert_matches(best, _log_evidence(variances, sigma, latent_dim))
        for _ in range(5):
            matrix = draw.normal(n, latent_dim, dtype=DOUBLE)
            model = matrix @ matrix.T + sigma**2 * torch.eye(n, dtype=DOUBLE)
            spread = torch.linalg.solve(model, torch.diag(variances)).trace()
            other = -0.5 * (n * math.log(2 * math.pi) + torch.logdet(model) + spread).item()
            if not best > other:
                raise CheckFailed("another linear model has a higher ELBO", best, other)


@pytest.mark.task("4.6")
def test_linear_elbo_slope(student, draw):
    """Its derivative in σ is that of a likelihood whose σ belongs to the left-out components."""
    variances = draw.permutation(6).double() + 0.25
    for sigma, latent_dim in ((0.4, 2), (0.8, 4), (1.6, 6)):
        step = 1e-4
        above, below = (
            student.linear_elbo(variances, sigma + sign * step, latent_dim) for sign in (1, -1)
        )
        assert_matches((above, below), (0.0, 0.0), atol=1e9)
        descending = variances.sort(descending=True).values
        left_out = torch.cat(
            [descending[:latent_dim][descending[:latent_dim] <= sigma**2], descending[latent_dim:]]
        )
        expected = (left_out / sigma**3 - 1 / sigma).sum().item()
        assert_matches((above - below) / (2 * step), expected, rtol=1e-3, atol=1e-3)


def _toy(draw, kind, d, *pixels, power=1, log_var=0.0):
    return kind(
        to_mean=draw.normal(d, *pixels) / 2,
        to_log_var=draw.normal(d, *pixels) / 4,
        log_var=log_var + draw.normal(d) / 2,
        to_image=draw.normal(d, *pixels) / 2,
        power=power,
    )


def _trip(model, z, sigma, image_noise, latent_noise):
    """One round with a LinearVAE, from its own numbers."""
    x = torch.tensordot(z**model.power, model.to_image.detach(), dims=1) + sigma * image_noise
    flat = x.flatten(1)
    mean = flat @ model.to_mean.detach().flatten(1).T
    log_var = flat @ model.to_log_var.detach().flatten(1).T + model.log_var.detach()
    return mean + (log_var / 2).exp() * latent_noise, x


@pytest.mark.task("4.7")
@pytest.mark.no_mutation
def test_round_trip_values(student, draw):
    """The new latents and the images between, for linear and other decoders and any σ."""
    cases = ((4, 2, (5,), 1), (1, 3, (2, 3), 1), (6, 2, (1, 3, 2), 2), (9, 1, (4,), 3))
    for (batch, d, pixels, power), sigma in zip(cases, (0.3, 1.0, 2.0, 0.1), strict=True):
        model = _toy(draw, LinearVAE, d, *pixels, power=power)
        z, latent_noise = draw.normal(batch, d), draw.normal(batch, d)
        image_noise = draw.normal(batch, *pixels)
        returned = student.round_trip(model, z, sigma, image_noise, latent_noise)
        expected = _trip(model, z, sigma, image_noise, latent_noise)
        assert_matches(returned, expected, rtol=1e-3, atol=1e-4)


@pytest.mark.task("4.7")
def test_round_trip_noises(student, draw):
    """Each noise has its place: without either only the model's own means are left."""
    model = _toy(draw, LinearVAE, 2, 3)
    z, pixels, latents = draw.normal(5, 2), draw.normal(5, 3), draw.normal(5, 2)
    for sigma, image_noise, latent_noise in (
        (0.0, pixels, 0 * latents),
        (2.0, pixels, 0 * latents),
        (0.5, 0 * pixels, 3 * latents),
        (0.0, pixels, latents),
    ):
        returned = student.round_trip(model, z, sigma, image_noise, latent_noise)
        expected = _trip(model, z, sigma, image_noise, latent_noise)
        assert_matches(returned, expected, rtol=1e-3, atol=1e-4)


@pytest.mark.task("4.7")
def test_round_trip_mode(student, draw):
    """The model runs in evaluation mode and without a graph, whatever mode it came in."""
    for kind, training in ((ModeVAE, True), (GraphVAE, True), (ModeVAE, False)):
        model = _toy(draw, kind, 2, 2, 3).train(training)
        z, latent_noise = draw.normal(3, 2), draw.normal(3, 2)
        image_noise = draw.normal(3, 2, 3)
        returned = student.round_trip(model, z, 0.6, image_noise, latent_noise)
        expected = _trip(model, z, 0.6, image_noise, latent_noise)
        assert_matches(returned, expected, rtol=1e-3, atol=1e-4)


@pytest.mark.task("4.7")
def test_round_trip_stationary(student, draw):
    """With the exact posterior as encoder the prior stays as it is, and forgets at a known rate."""
    chains, sigma = 4000, 0.8
    columns, _ = torch.linalg.qr(draw.normal(5, 2))
    scales = torch.tensor([2.0, 0.7])
    variances = 1 / (1 + (scales / sigma) ** 2)  # of the posterior, which is diagonal
    decoder = (columns * scales).T
    model = LinearVAE(
        to_mean=decoder * (variances / sigma**2).unsqueeze(1),
        to_log_var=torch.zeros(2, 5),
        log_var=variances.log(),
        to_image=decoder,
    )
    z, latent_noise = draw.normal(chains, 2), draw.normal(chains, 2)
    after, _ = student.round_trip(model, z, sigma, draw.normal(chains, 5), latent_noise)
    assert_matches(after, torch.zeros(chains, 2), atol=1e6)
    joint = torch.cat([z, after], 1).double()
    law = torch.eye(4, dtype=DOUBLE)
    law[:2, 2:] = law[2:, :2] = torch.diag(1 - variances)
    error = (1 / chains) ** 0.5
    assert_matches(joint.mean(0), torch.zeros(4, dtype=DOUBLE), rtol=0, atol=6 * error)
    found = joint.T @ joint / chains
    assert_matches(found, law, rtol=0, atol=6 * 2**0.5 * error)


@pytest.mark.task("4.8")
@pytest.mark.no_mutation
def test_grid_values(student):
    """Every point of grids of several shapes, ends included, in the order of reading."""
    for rows, columns, extent in ((20, 20, 2.0), (3, 5, 1.0), (4, 2, 0.5), (2, 7, 4.0)):
        expected = torch.tensor(
            [
                [
                    -extent + 2 * extent * column / (columns - 1),
                    extent - 2 * extent * row / (rows - 1),
                ]
                for row in range(rows)
                for column in range(columns)
            ]
        )
        assert_matches(student.latent_grid(rows, columns, extent), expected)


@pytest.mark.task("4.9")
@pytest.mark.no_mutation
def test_importance_values(student, draw):
    """The logarithm of the mean weight of each image, and the ELBO for one sample."""
    for dtype in (torch.float32, DOUBLE):
        for shape in ((5, 3), (4, 4), (1, 4), (7, 1), (3, 8), (10_500, 1), (2, 1500)):
            log_weights = draw.normal(*shape, dtype=dtype)
            expected = log_weights.double().exp().mean(0).log().to(dtype)
            assert_matches(student.importance_bound(log_weights), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.task("4.9")
def test_importance_extremes(student, draw):
    """Weights far beyond floating-point numbers, and weights of exactly 0."""
    small = draw.normal(6, 3, dtype=DOUBLE)
    for offset in (-3000.0, -200.0, 900.0):
        expected = offset + small.exp().mean(0).log()
        assert_matches(student.importance_bound(small + offset), expected)
    nothing = -math.inf
    mixed = [[900.0, nothing, nothing], [nothing, -2500.0, nothing], [-1e4, -2500.0, nothing]]
    mixed = torch.tensor(mixed, dtype=DOUBLE)
    expected = torch.tensor([900.0, -2500.0 + math.log(2), nothing], dtype=DOUBLE) - math.log(3)
    assert_matches(student.importance_bound(mixed), expected)


@pytest.mark.task("4.9")
def test_importance_approaches_the_truth(student, draw):
    """For a linear model it lies between the ELBO and ln p(x), and nears the latter."""
    matrix, x, sigma = draw.normal(4, 2, dtype=DOUBLE), draw.normal(4, dtype=DOUBLE), 0.9
    prior = Normal(torch.zeros(2, dtype=DOUBLE), 1.0)
    precision = torch.eye(2, dtype=DOUBLE) + matrix.T @ matrix / sigma**2
    posterior = MultivariateNormal(
        torch.linalg.solve(precision, matrix.T @ x / sigma**2), precision.inverse()
    )
    mean, spread = posterior.mean + 0.2, 1.2 * posterior.variance.sqrt()
    z = mean + spread * draw.normal(4000, 1, 2, dtype=DOUBLE)
    likelihood = Normal(z @ matrix.T, sigma).log_prob(x).sum(-1)
    log_weights = likelihood + prior.log_prob(z).sum(-1) - Normal(mean, spread).log_prob(z).sum(-1)
    model = matrix @ matrix.T + sigma**2 * torch.eye(4, dtype=DOUBLE)
    truth = MultivariateNormal(torch.zeros(4, dtype=DOUBLE), model).log_prob(x)
    weights = (log_weights - truth).exp()
    margin = 6 * (weights.std(0) / len(z) ** 0.5).item()
    assert_matches(student.importance_bound(log_weights), truth.view(1), rtol=0, atol=margin)


# Task 4.10, on the verified runs: loss and KL measured again from the submitted weights. What any
# honest training satisfies, whatever its seed, width or length, and mis-scaled losses do not.

AUTOENCODER_MARGIN = 2.0
LINEAR_ABOVE, LINEAR_BELOW = 0.3, 6.0
"""Nats by which the linear run may seem to pass its optimum, by chance, or miss it."""
LEAST_RATE, LEAST_OF_EACH = 1.0, 0.1
"""Nats that the VAE's code carries, in all and in each of its two dimensions."""


AUTOENCODERS, GAUSSIANS = ("ae", "vae"), ("linear", "deep")


def _judged(foundations, types):
    """The runs of these types; fails where one is missing."""
    missing = [kind for kind in types if kind not in foundations.runs]
    if missing:
        why = "; ".join(foundations.problems)
        raise CheckFailed(f"there is no usable run of the type {' and '.join(missing)}: {why}")
    return [foundations.runs[kind] for kind in types]


def _assert_honest(runs):
    for run in runs:
        if differences := run.mismatches():
            raise CheckFailed(f"{run.name}: {'; '.join(differences)}")


@pytest.mark.task("4.10")
def test_foundations_has_both_autoencoders(foundations):
    """There are an autoencoder and a VAE, and their weights are those of the folders' names."""
    _judged(foundations, AUTOENCODERS)


@pytest.mark.task("4.10")
def test_foundations_autoencoders_report_what_their_weights_give(foundations):
    """Reported losses, parameters and active components are those of the weights handed in."""
    _assert_honest(_judged(foundations, AUTOENCODERS))


@pytest.mark.task("4.10")
def test_foundations_learned_the_images(foundations):
    """Both autoencoders beat one mean image per class, and the VAE uses both dimensions."""
    plain, variational = _judged(foundations, AUTOENCODERS)
    for run in (plain, variational):
        if not run.loss < foundations.class_mean_loss:
            message = f"{run.name}: one mean image per class would cost no more"
            raise CheckFailed(message, run.loss, foundations.class_mean_loss)
    if not plain.loss < variational.loss + AUTOENCODER_MARGIN:
        message = "the autoencoder, whose code is free, costs more than the VAE"
        raise CheckFailed(message, plain.loss, variational.loss)
    kl = variational.kl
    if not (kl.sum() >= LEAST_RATE and kl.min() > LEAST_OF_EACH):
        raise CheckFailed(f"{variational.name}: its code carries too little", kl)


@pytest.mark.task("4.10")
def test_foundations_has_both_gaussian_vaes(foundations):
    """There are a linear and a deep Gaussian VAE, with σ = ½ and 32 latents."""
    _judged(foundations, GAUSSIANS)


@pytest.mark.task("4.10")
def test_foundations_gaussian_vaes_report_what_their_weights_give(foundations):
    """Reported ELBOs, parameters and active components are those of the weights handed in."""
    _assert_honest(_judged(foundations, GAUSSIANS))


@pytest.mark.task("4.10")
def test_foundations_linear_meets_its_theory(foundations):
    """The linear run ends near the optimum of all linear ones, and not above it."""
    (run,), optimum = _judged(foundations, ("linear",)), foundations.linear_optimum
    if not optimum - LINEAR_BELOW <= -run.loss <= optimum + LINEAR_ABOVE:
        raise CheckFailed("the linear run's ELBO is not that of the theory", -run.loss, optimum)


@pytest.mark.task("4.10")
def test_foundations_deep_beats_the_linear_optimum(foundations):
    """The deep run has a higher ELBO than any linear one can have."""
    (run,), optimum = _judged(foundations, ("deep",)), foundations.linear_optimum
    if not -run.loss > optimum:
        raise CheckFailed("a linear model could have a higher ELBO", -run.loss, optimum)
