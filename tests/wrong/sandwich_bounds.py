"""Wrong versions of sandwich_bounds (task 3.8). A docstring is what the student is told."""

import math

import torch

from rdlab.gaussian import gaussian_kl
from rdlab.sandwich import sandwich_bounds as exact
from tests.wrong import mistake, mutant

TASK = "3.8"


def densities(z, mean, log_var):
    """ln q(z_i|x_j) in row i and column j, shape (N, N), without the constant of π."""
    z, mean, log_var = z.double(), mean.double(), log_var.double()
    return -0.5 * ((z.unsqueeze(1) - mean).square() / log_var.exp() + log_var).sum(2)


def without_own(density):
    """The densities, of an image's own sample none, so that a sum over the others remains."""
    return density.masked_fill(torch.eye(len(density), dtype=torch.bool), -math.inf)


def bounds(density, others):
    """Both bounds from all log-densities and from those of the other images alone."""
    n, own = len(density), density.diagonal()
    lower = (own - density.logsumexp(1)).mean() + math.log(n)
    return lower.item(), ((own - others.logsumexp(1)).mean() + math.log(n - 1)).item()


@mistake
def bits(z, mean, log_var):
    """Your bounds are in bits. Report them in nats."""
    lower, upper = exact(z, mean, log_var)
    return lower / math.log(2), upper / math.log(2)


@mistake
def cancellation(z, mean, log_var):
    """You expand the square in single precision: for means that are large against σ, the digits
    that matter cancel. Compute in double precision, or square the difference."""
    z, mean, log_var = z.float(), mean.float(), log_var.float()
    precision = (-log_var).exp()
    square = z.square() @ precision.T - 2 * z @ (mean * precision).T
    density = -0.5 * (square + (mean.square() * precision + log_var).sum(1))
    return bounds(density, without_own(density))


@mistake
def clamped_log_var(z, mean, log_var):
    """You keep the log-variance within a range, so narrow and wide posteriors get another
    density."""
    density = densities(z, mean, log_var.clamp(-10, 10))
    return bounds(density, without_own(density))


@mistake
def dimension_mean(z, mean, log_var):
    """You average the log-density over the latent dimensions. Independent dimensions add up."""
    density = densities(z, mean, log_var) / z.shape[1]
    return bounds(density, without_own(density))


@mistake
def in_chunks(z, mean, log_var):
    """You compare each image with those of its own chunk only: the mixture is over all N images."""
    lower, upper = [], []
    for chunk in zip(z.split(256), mean.split(256), log_var.split(256), strict=True):
        n, density = len(chunk[0]), densities(*chunk)
        own, others = density.diagonal(), without_own(density)
        lower.append(own - density.logsumexp(1) + math.log(n))
        upper.append(own - others.logsumexp(1) + math.log(max(n - 1, 1)))
    return torch.cat(lower).mean().item(), torch.cat(upper).mean().item()


@mistake
def log_var_as_log_sigma(z, mean, log_var):
    """You take log_var for log σ: the variance of your densities is exp(2·log_var)."""
    return exact(z, mean, 2 * log_var)


@mistake
def log_var_overwritten(z, mean, log_var):
    """You take the exponential in place and so overwrite the log-variance of your caller."""
    variance = log_var.exp_()
    return exact(z, mean, variance.double().log())


@mistake
def masked_zeros(z, mean, log_var):
    """You leave image i out by setting its log-density to 0, which counts as e⁰ = 1. A term that is
    left out has no weight at all."""
    density = densities(z, mean, log_var) - 0.5 * z.shape[1] * math.log(2 * math.pi)
    return bounds(density, density * (1 - torch.eye(len(z))))


@mistake
def no_log_n(z, mean, log_var):
    """Your lower bound compares with a sum over the N densities. The mixture is their mean."""
    lower, upper = exact(z, mean, log_var)
    return lower - math.log(len(z)), upper


@mistake
def no_normaliser(z, mean, log_var):
    """Your Gaussian densities lack their normalisation, which depends on σ: wide and narrow
    posteriors are not comparable without it."""
    density = densities(z, mean, log_var) + 0.5 * log_var.double().sum(1)
    return bounds(density, without_own(density))


@mistake
def nothing_left_out(z, mean, log_var):
    """Your upper bound still has image i in its own mixture, so it is the lower bound again."""
    lower, _ = exact(z, mean, log_var)
    return lower, lower + math.log((len(z) - 1) / len(z))


@mistake
def ordered(z, mean, log_var):
    """You lift the upper bound to the lower one. The two bounds hold in expectation only: on single
    samples they may cross."""
    lower, upper = exact(z, mean, log_var)
    return lower, max(upper, lower)


@mistake
def per_dimension(z, mean, log_var):
    """You bound each dimension alone and add the results. Under the marginal the dimensions are not
    independent: add the log-densities first."""
    columns = [part.split(1, 1) for part in (z, mean, log_var)]
    each = [exact(*column) for column in zip(*columns, strict=True)]
    return sum(lower for lower, _ in each), sum(upper for _, upper in each)


@mistake
def prior_marginal(z, mean, log_var):
    """Your upper bound is the rate, which compares with the prior. The leave-one-out mixture of the
    encoder's densities is asked."""
    return exact(z, mean, log_var)[0], gaussian_kl(mean, log_var).sum(1).mean().item()


@mistake
def swapped(z, mean, log_var):
    """You return (upper, lower). The lower bound comes first."""
    return exact(z, mean, log_var)[::-1]


@mistake
def underflow(z, mean, log_var):
    """You exponentiate the densities: far apart they become 0 and your bounds infinite. Stay in
    logarithms."""
    n, density = len(z), densities(z, mean, log_var).exp()
    own, others = density.diagonal(), density * (1 - torch.eye(n))
    lower = (own / density.sum(1)).log().mean() + math.log(n)
    return lower.item(), ((own / others.sum(1)).log().mean() + math.log(n - 1)).item()


@mistake
def upper_divisor(z, mean, log_var):
    """Your upper bound divides by N, but only N − 1 densities are left."""
    lower, upper = exact(z, mean, log_var)
    return lower, upper + math.log(len(z) / (len(z) - 1))


@mistake
def wrong_axis(z, mean, log_var):
    """Your mixture runs over the samples, for one image's density. Hold one sample fixed and mix
    the densities of all images."""
    density = densities(z, mean, log_var).T
    return bounds(density, without_own(density))


@mutant
def overwritten_when_large(z, mean, log_var):
    # Saves memory where there are many images.
    bounds = exact(z, mean, log_var)
    if len(z) > 500:
        z -= mean
    return bounds


@mutant
def clamped_at_30(z, mean, log_var):
    # A range so wide that only extreme posteriors leave it.
    return exact(z, mean, log_var.clamp(-30, 30))


@mutant
def thousand_images(z, mean, log_var):
    # Reads 1,000 images: shows that a check has more.
    return exact(z[:1000], mean[:1000], log_var[:1000])
