"""Wrong versions of gaussian_kl (task 1.2). A docstring is what the student is told."""

import math

import torch
from torch.distributions import Normal, kl_divergence

from tests.wrong import mistake, mutant

TASK = "1.2"


@mistake
def abs(mean, log_var):
    """You take the absolute value of single terms. They may be negative; only their sum is a
    divergence, and it needs no abs()."""
    return 0.5 * (mean**2 + (log_var.exp() - 1).abs() - log_var.abs())


@mistake
def batch_mean(mean, log_var):
    """You average over the batch. Return one value for each image and each dimension, in the shape
    of mean."""
    return 0.5 * (mean**2 + log_var.exp() - 1 - log_var).flatten(0, -2).mean(0)


@mistake
def bits(mean, log_var):
    """Your KL is in bits. Everything in this course is in nats: leave the natural logarithm as it
    is."""
    return 0.5 * (mean**2 + log_var.exp() - 1 - log_var) / math.log(2)


@mistake
def clamped_log_var(mean, log_var):
    """You clamp log_var, so the KL of very narrow or very wide posteriors is wrong and has no
    gradient."""
    log_var = log_var.clamp(-8, 8)
    return 0.5 * (mean**2 + log_var.exp() - 1 - log_var)


@mistake
def free_bits(mean, log_var):
    """You hold the KL above a floor ("free bits"). That is a trick for training; the divergence
    itself goes down to 0."""
    return (0.5 * (mean**2 + log_var.exp() - 1 - log_var)).clamp(min=0.05)


@mistake
def half_misplaced(mean, log_var):
    """Your ½ does not reach the logarithmic term: log_var is log σ², and it is halved like the
    others."""
    return 0.5 * (mean**2 + log_var.exp() - 1) - log_var


@mistake
def half_twice(mean, log_var):
    """You take half of the log-variance where the variance belongs and leave the factor ½ from the
    mean: two mistakes that cancel at the prior."""
    return mean**2 + (0.5 * log_var).exp() - 1 - 0.5 * log_var


@mistake
def log_of_epsilon(mean, log_var):
    """You add a small constant before taking a logarithm, so narrow posteriors get too small a KL.
    log_var is a logarithm already."""
    variance = log_var.exp()
    return 0.5 * (mean**2 + variance - 1 - (variance + 1e-8).log())


@mistake
def log_sigma(mean, log_var):
    """In the logarithmic term you use log σ where log σ² belongs; your KL is not 0 or not least at
    the prior."""
    return 0.5 * (mean**2 + log_var.exp() - 1 - 0.5 * log_var)


@mistake
def log_var_as_log_sigma(mean, log_var):
    """You take log_var for log σ: your variance is exp(2·log_var). It is the logarithm of the
    variance."""
    return 0.5 * (mean**2 + (2 * log_var).exp() - 1) - log_var


@mistake
def log_var_as_variance(mean, log_var):
    """You use log_var as if it were the variance itself. It is the natural logarithm of the
    variance."""
    return 0.5 * (mean**2 + log_var - 1 - log_var.abs().log())


@mistake
def mean_not_squared(mean, log_var):
    """The mean enters your KL by its absolute value; it must enter by its square."""
    return 0.5 * (mean.abs() + log_var.exp() - 1 - log_var)


@mistake
def no_half(mean, log_var):
    """Your KL lacks the factor ½: every value is twice as large as it should be."""
    return mean**2 + log_var.exp() - 1 - log_var


@mistake
def no_minus_one(mean, log_var):
    """A constant is missing from your KL: at mean 0 and variance 1 it must be 0."""
    return 0.5 * (mean**2 + log_var.exp() - log_var)


@mistake
def reversed(mean, log_var):
    """This is the KL from the prior to the posterior. The rate is the divergence the other way
    round, from q(z|x) to N(0, I)."""
    return 0.5 * ((1 + mean**2) * (-log_var).exp() - 1 + log_var)


@mistake
def sampled(mean, log_var):
    """You estimate the KL from one random sample. Between Gaussians it has a closed form: it is
    exact, and never negative."""
    noise = torch.randn_like(mean)
    z = mean + (0.5 * log_var).exp() * noise
    return 0.5 * (z**2 - noise**2 - log_var)


@mistake
def sign_flipped(mean, log_var):
    """Your KL has the wrong sign: a divergence is never negative."""
    return 0.5 * (1 + log_var - mean**2 - log_var.exp())


@mistake
def single_precision(mean, log_var):
    """You compute the KL in single precision and only then return to double: the digits are lost by
    then."""
    m, v = mean.float(), log_var.float()
    return (0.5 * (m**2 + v.exp() - 1 - v)).to(mean.dtype)


@mistake
def summed(mean, log_var):
    """You sum over the latent dimensions. This function returns one value per dimension; the sum is
    taken by its callers."""
    return 0.5 * (mean**2 + log_var.exp() - 1 - log_var).sum(-1)


@mistake
def variance_detached(mean, log_var):
    """The value is right, but the variance term is cut from the graph: the gradient with respect to
    log_var no longer vanishes at σ = 1."""
    return 0.5 * (mean**2 + log_var.exp().detach() - 1 - log_var)


@mutant
def batch_limit(mean, log_var):
    # Zero beyond 512 rows: shows that a check has more.
    kl = 0.5 * (mean**2 + log_var.exp() - 1 - log_var)
    return torch.cat([kl[:512], kl[512:] * 0]) if len(kl) > 512 else kl


@mutant
def clamped_mean(mean, log_var):
    # A limit so wide that only extreme means reach it.
    return 0.5 * (mean.clamp(-2000, 2000) ** 2 + log_var.exp() - 1 - log_var)


@mutant
def clamped_value(mean, log_var):
    # A limit so high that only extreme posteriors reach it.
    return (0.5 * (mean**2 + log_var.exp() - 1 - log_var)).clamp(max=1e7)


@mutant
def clamped_variance(mean, log_var):
    # A limit so wide that only extreme variances reach it, and only from above.
    return 0.5 * (mean**2 + log_var.clamp(max=40).exp() - 1 - log_var)


@mutant
def extra_axes(mean, log_var):
    # Sums over the latents where there are four axes or more.
    kl = 0.5 * (mean**2 + log_var.exp() - 1 - log_var)
    return kl.sum(-1) if kl.ndim > 3 else kl


@mutant
def gradient_offset(mean, log_var):
    # Every value is right, and so is the gradient but for a constant of 0.01.
    kl = 0.5 * (mean**2 + log_var.exp() - 1 - log_var)
    return kl + 0.01 * (log_var - log_var.detach())


@mutant
def double_by_default(mean, log_var):
    # Every tensor that others make afterwards is double.
    torch.set_default_dtype(torch.float64)
    return 0.5 * (mean**2 + log_var.exp() - 1 - log_var)


@mutant
def leaves_detached(mean, log_var):
    # The caller's own tensors stop requiring gradients where the batch is large.
    kl = 0.5 * (mean**2 + log_var.exp() - 1 - log_var)
    if len(mean) > 1000:
        mean.requires_grad_(not mean.requires_grad)
    return kl


@mutant
def detached_when_small(mean, log_var):
    # Below 0.01 nats there is no gradient any more.
    kl = 0.5 * (mean**2 + log_var.exp() - 1 - log_var)
    return torch.where(kl < 0.01, kl.detach(), kl)


@mutant
def gradient_clipped(mean, log_var):
    # Every value is right; gradients beyond ±100 are cut off.
    kl = 0.5 * (mean**2 + log_var.exp() - 1 - log_var)
    if log_var.requires_grad and torch.is_grad_enabled():
        kl.register_hook(lambda gradient: gradient.clamp(-100, 100))
    return kl


@mutant
def detached_when_large(mean, log_var):
    # Above 100 nats there is no gradient any more.
    kl = 0.5 * (mean**2 + log_var.exp() - 1 - log_var)
    return torch.where(kl > 100, kl.detach(), kl)


@mutant
def rows_repeat(mean, log_var):
    # Right for 5,000 rows: shows that a check has more.
    kl = 0.5 * (mean**2 + log_var.exp() - 1 - log_var)
    return kl[torch.arange(len(kl)) % 5000]


@mutant
def single_of_half(mean, log_var):
    # Half precision comes back as single.
    kl = 0.5 * (mean**2 + log_var.exp() - 1 - log_var)
    return kl.float() if kl.dtype.itemsize == 2 else kl


@mistake
def scale_squared(mean, log_var):
    """On the way you take the logarithm of σ², which underflows to 0 for a very narrow posterior:
    log_var is that logarithm already."""
    p = Normal(torch.zeros_like(mean), torch.ones_like(mean), validate_args=False)
    return kl_divergence(Normal(mean, (0.5 * log_var).exp(), validate_args=False), p)
