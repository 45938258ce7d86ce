"""Wrong versions of redundant_dimensions (task 1.5). A docstring is what the student is told."""

import math

import torch

from rdlab.gaussian import gaussian_kl
from tests.wrong import mistake, mutant

TASK = "1.5"


@mistake
def active_returned(mean, log_var, threshold=0.01):
    """You return the dimensions that carry something. Asked for are the redundant ones, below the
    threshold."""
    return (gaussian_kl(mean, log_var).mean(0) >= threshold).nonzero().flatten()


@mistake
def all_images(mean, log_var, threshold=0.01):
    """You ask that the KL be below the threshold for every single image. What counts is its mean
    over the images."""
    return (gaussian_kl(mean, log_var) < threshold).all(0).nonzero().flatten()


@mistake
def any_image(mean, log_var, threshold=0.01):
    """One image with a small KL is enough for you to call a dimension redundant. Average the KL
    over the images first."""
    return (gaussian_kl(mean, log_var) < threshold).any(0).nonzero().flatten()


@mistake
def at_threshold(mean, log_var, threshold=0.01):
    """A dimension exactly at the threshold is not redundant: strictly below is asked."""
    return (gaussian_kl(mean, log_var).mean(0) <= threshold).nonzero().flatten()


@mistake
def bits(mean, log_var, threshold=0.01):
    """You divide the KL by ln 2 and so compare bits with a threshold in nats: dimensions a little
    below the threshold seem to carry more than that."""
    return (gaussian_kl(mean, log_var).mean(0) / math.log(2) < threshold).nonzero().flatten()


@mistake
def empty_float(mean, log_var, threshold=0.01):
    """Where no dimension is redundant you return a floating-point tensor: torch.tensor([]) is one.
    Indices are integers: say so by dtype."""
    kl = gaussian_kl(mean, log_var).mean(0)
    return torch.tensor([i for i, k in enumerate(kl.tolist()) if k < threshold])


@mistake
def kl_of_averages(mean, log_var, threshold=0.01):
    """You average the parameters and then take the KL: average the KL of each image."""
    return (gaussian_kl(mean.mean(0), log_var.mean(0)) < threshold).nonzero().flatten()


@mistake
def mask(mean, log_var, threshold=0.01):
    """You return a mask of booleans. Asked for are the indices of the dimensions."""
    return gaussian_kl(mean, log_var).mean(0) < threshold


@mistake
def mean_variance(mean, log_var, threshold=0.01):
    """You look at how much the posterior means vary. A dimension may carry nats by its variance or
    by a shifted mean as well: use the KL."""
    return (mean.var(0, correction=0) < threshold).nonzero().flatten()


@mistake
def median(mean, log_var, threshold=0.01):
    """You take the median of the KL over the images, not the mean: a latent that few images use is
    no idle one."""
    return (gaussian_kl(mean, log_var).median(0).values < threshold).nonzero().flatten()


@mistake
def ordered_by_kl(mean, log_var, threshold=0.01):
    """You list the dimensions by their KL. Return the indices in ascending order."""
    kl = gaussian_kl(mean, log_var).mean(0)
    order = kl.argsort()
    return order[kl[order] < threshold]


@mistake
def rounded(mean, log_var, threshold=0.01):
    """You round the mean KL before you compare it. Compare the exact value with the threshold."""
    kl = (gaussian_kl(mean, log_var).mean(0) * 1000).round() / 1000
    return (kl < threshold).nonzero().flatten()


@mistake
def squeezed(mean, log_var, threshold=0.01):
    """With exactly one redundant dimension you return a scalar: squeeze() drops every axis of size
    1. The shape is always (k,)."""
    return (gaussian_kl(mean, log_var).mean(0) < threshold).nonzero().squeeze()


@mistake
def threshold_ignored(mean, log_var, threshold=0.01):
    """Your threshold is fixed; use the argument."""
    return (gaussian_kl(mean, log_var).mean(0) < 0.01).nonzero().flatten()


@mistake
def wrong_axis(mean, log_var, threshold=0.01):
    """You average over the latent dimensions, which tells about images. Average over the images."""
    return (gaussian_kl(mean, log_var).mean(1) < threshold).nonzero().flatten()


@mistake
def zero_threshold_ignored(mean, log_var, threshold=0.01):
    """You take a threshold of 0 for a missing one: `threshold or 0.01` does that. Below 0 there is
    no KL, so no dimension is redundant then."""
    return (gaussian_kl(mean, log_var).mean(0) < (threshold or 0.01)).nonzero().flatten()


@mutant
def first_images(mean, log_var, threshold=0.01):
    # Reads 100 images: shows that a check has more.
    return (gaussian_kl(mean[:100], log_var[:100]).mean(0) < threshold).nonzero().flatten()


@mutant
def first_latents(mean, log_var, threshold=0.01):
    # Looks at 32 latents: shows that a check has more.
    return (gaussian_kl(mean, log_var).mean(0)[:32] < threshold).nonzero().flatten()


@mutant
def threshold_capped(mean, log_var, threshold=0.01):
    # Thresholds above 1 nat count as 1: shows that a check gives a larger one.
    return (gaussian_kl(mean, log_var).mean(0) < min(threshold, 1.0)).nonzero().flatten()


@mutant
def hundred_latents(mean, log_var, threshold=0.01):
    # Looks at 128 latents: shows that a check has more.
    return (gaussian_kl(mean, log_var).mean(0)[:128] < threshold).nonzero().flatten()


@mutant
def half_precision(mean, log_var, threshold=0.01):
    # Compares with three digits.
    kl = gaussian_kl(mean, log_var).mean(0).half()
    return (kl < torch.tensor(threshold).half()).nonzero().flatten()
