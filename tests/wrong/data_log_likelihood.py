"""Wrong versions of data_log_likelihood (task 5.3). A docstring is what the student is told."""

import math

import torch

from tests.wrong import mistake, mutant

TASK = "5.3"


def squared_errors(x_hat, images):
    """One value per chain and image, summed over pixels."""
    rows = [(image - x_hat).flatten(1).square().sum(1) for image in images]
    return torch.stack(rows, 1)


@mistake
def mean_over_images(x_hat, images, sigma):
    """You average over the images: a likelihood of independent images is a product, so its
    logarithm is a sum."""
    return -squared_errors(x_hat, images).mean(1) / (2 * sigma**2)


@mistake
def pixel_mean(x_hat, images, sigma):
    """You average over the pixels: every pixel is an observation of its own."""
    return -squared_errors(x_hat, images).sum(1) / (2 * sigma**2) / images[0].numel()


@mistake
def no_half(x_hat, images, sigma):
    """Your ℓ is twice too large: look at the exponent of the normal density."""
    return -squared_errors(x_hat, images).sum(1) / sigma**2


@mistake
def sign(x_hat, images, sigma):
    """You return an energy, −ℓ: a better picture has the larger ℓ."""
    return squared_errors(x_hat, images).sum(1) / (2 * sigma**2)


@mistake
def sigma_not_squared(x_hat, images, sigma):
    """You divide by 2 sigma: sigma is a standard deviation, the exponent holds the variance."""
    return -squared_errors(x_hat, images).sum(1) / (2 * sigma)


@mistake
def first_image(x_hat, images, sigma):
    """Only the first image counts in your ℓ."""
    return -squared_errors(x_hat, images[:1]).sum(1) / (2 * sigma**2)


@mistake
def mean_image(x_hat, images, sigma):
    """You compare with the mean image once: N images weigh N times as much, and their spread
    belongs to ℓ."""
    return -squared_errors(x_hat, images.mean(0, keepdim=True)).sum(1) / (2 * sigma**2)


@mistake
def mean_image_times_count(x_hat, images, sigma):
    """You count the mean image N times: the spread of the images around it is missing."""
    mean = images.mean(0, keepdim=True)
    return -len(images) * squared_errors(x_hat, mean).sum(1) / (2 * sigma**2)


@mistake
def not_squared(x_hat, images, sigma):
    """You sum the distances: sum their squares."""
    return -squared_errors(x_hat, images).sqrt().sum(1) / (2 * sigma**2)


@mistake
def over_chains(x_hat, images, sigma):
    """You sum over the chains as well: each one has an ℓ of its own."""
    return -squared_errors(x_hat, images).sum() / (2 * sigma**2)


@mistake
def sigma_ignored(x_hat, images, sigma):
    """Your ℓ does not depend on sigma."""
    return -squared_errors(x_hat, images).sum(1) / 2


@mistake
def matrix(x_hat, images, sigma):
    """You return one value per chain and image: one latent stands for all images."""
    return -squared_errors(x_hat, images) / (2 * sigma**2)


@mistake
def with_constant(x_hat, images, sigma):
    """You keep the constant of the normal density: the docstring leaves it out."""
    constant = images.numel() / 2 * math.log(2 * math.pi * sigma**2)
    return -squared_errors(x_hat, images).sum(1) / (2 * sigma**2) - constant


@mistake
def likelihood_itself(x_hat, images, sigma):
    """You return the likelihood: it is 0 to the last digit for any real image, so keep its
    logarithm."""
    return (-squared_errors(x_hat, images).sum(1) / (2 * sigma**2)).exp()


@mutant
def hundred_images_at_most(x_hat, images, sigma):
    # larger sets are cut off
    return -squared_errors(x_hat, images[:100]).sum(1) / (2 * sigma**2)


@mutant
def clamped(x_hat, images, sigma):
    # as if pictures outside [0, 1] or tiny errors did not exist
    gaps = squared_errors(x_hat, images).clamp(min=1e-3)
    return -gaps.sum(1) / (2 * sigma**2)


@mutant
def narrow_sigma_widened(x_hat, images, sigma):
    # as if no pixel could be known better than to 0.2
    return -squared_errors(x_hat, images).sum(1) / (2 * max(sigma, 0.2) ** 2)


@mutant
def last_axis_only(x_hat, images, sigma):
    # right for flat images; of others only the last row counts
    rows = [(image - x_hat).square().flatten(1)[:, -image.shape[-1] :].sum(1) for image in images]
    return -torch.stack(rows).sum(0) / (2 * sigma**2)
