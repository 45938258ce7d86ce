"""Wrong versions of beta_vae_loss (task 1.3). A docstring is what the student is told."""

import torch
import torch.nn.functional as F

from rdlab.gaussian import gaussian_kl
from tests.wrong import mistake, mutant

TASK = "1.3"


@mistake
def all_means(x, x_hat, mean, log_var, beta):
    """Both terms are averaged over everything. Sum squared error over pixels and KL over latent
    dimensions; only images are averaged."""
    return F.mse_loss(x_hat, x) + beta * gaussian_kl(mean, log_var).mean()


@mistake
def batch_sum(x, x_hat, mean, log_var, beta):
    """You sum over the batch, so the loss grows with the batch size. Average over the images."""
    return (x - x_hat).square().sum() + beta * gaussian_kl(mean, log_var).sum()


@mistake
def beta_ignored(x, x_hat, mean, log_var, beta):
    """Your loss does not depend on β."""
    distortion = (x - x_hat).square().flatten(1).sum(1)
    return (distortion + gaussian_kl(mean, log_var).sum(1)).mean()


@mistake
def beta_on_distortion(x, x_hat, mean, log_var, beta):
    """Your β multiplies the squared error. It is the price of the rate."""
    distortion = (x - x_hat).square().flatten(1).sum(1)
    return (beta * distortion + gaussian_kl(mean, log_var).sum(1)).mean()


@mistake
def channel_mean(x, x_hat, mean, log_var, beta):
    """You sum over the pixels of a channel but average over the channels. Every channel counts in
    full: sum over all axes but the batch."""
    error = (x - x_hat).square()
    distortion = error.flatten(2).sum(2).mean(1) if x.dim() > 2 else error.sum(1)
    return (distortion + beta * gaussian_kl(mean, log_var).sum(1)).mean()


@mistake
def cross_entropy(x, x_hat, mean, log_var, beta):
    """You use a binary cross-entropy. The pixels are grey and the distortion of this course is the
    squared error."""
    distortion = F.binary_cross_entropy(x_hat, x, reduction="sum") / len(x)
    return distortion + beta * gaussian_kl(mean, log_var).sum(1).mean()


@mistake
def double_sigmoid(x, x_hat, mean, log_var, beta):
    """You apply a sigmoid to x_hat. It is a reconstruction in [0, 1] already."""
    distortion = (x - x_hat.sigmoid()).square().flatten(1).sum(1)
    return (distortion + beta * gaussian_kl(mean, log_var).sum(1)).mean()


@mistake
def flat_images_only(x, x_hat, mean, log_var, beta):
    """You sum over the last axis only. An image may have channels, rows and columns: all of them
    belong to its squared error."""
    distortion = (x - x_hat).square().sum(-1).mean()
    return distortion + beta * gaussian_kl(mean, log_var).sum(1).mean()


@mistake
def half_error(x, x_hat, mean, log_var, beta):
    """You halve the squared error, as a Gaussian likelihood of variance 1 would. Here the
    distortion counts in full."""
    distortion = 0.5 * (x - x_hat).square().flatten(1).sum(1)
    return (distortion + beta * gaussian_kl(mean, log_var).sum(1)).mean()


@mistake
def images_overwritten(x, x_hat, mean, log_var, beta):
    """You subtract in place and so overwrite the images of your caller: work on a copy."""
    kl = gaussian_kl(mean, log_var).sum(1)
    x -= x_hat
    return (x.square().flatten(1).sum(1) + beta * kl).mean()


@mistake
def kl_batch_sum(x, x_hat, mean, log_var, beta):
    """The squared error is averaged over the batch, but the KL is summed over it. Average both."""
    distortion = (x - x_hat).square().flatten(1).sum(1).mean()
    return distortion + beta * gaussian_kl(mean, log_var).sum()


@mistake
def kl_detached(x, x_hat, mean, log_var, beta):
    """The value is right, but the rate is cut from the graph: training would not feel its price."""
    distortion = (x - x_hat).square().flatten(1).sum(1)
    return (distortion + beta * gaussian_kl(mean, log_var).detach().sum(1)).mean()


@mistake
def kl_mean(x, x_hat, mean, log_var, beta):
    """You average the KL over the latent dimensions. The rate is their sum."""
    distortion = (x - x_hat).square().flatten(1).sum(1)
    return (distortion + beta * gaussian_kl(mean, log_var).mean(1)).mean()


@mistake
def kl_over_latents(x, x_hat, mean, log_var, beta):
    """You divide the total KL by the size of the latent instead of the number of images. The two
    agree only by chance."""
    distortion = (x - x_hat).square().flatten(1).sum(1).mean()
    return distortion + beta * gaussian_kl(mean, log_var).sum() / mean.shape[1]


@mistake
def kl_subtracted(x, x_hat, mean, log_var, beta):
    """You subtract the rate, so training would raise it without end. It is a cost, like the
    distortion."""
    distortion = (x - x_hat).square().flatten(1).sum(1)
    return (distortion - beta * gaussian_kl(mean, log_var).sum(1)).mean()


@mistake
def normalised_beta(x, x_hat, mean, log_var, beta):
    """You rescale β by the sizes of latent and image. Here β is used as it is: squared error per
    nat."""
    distortion = (x - x_hat).square().flatten(1).sum(1)
    beta = beta * mean.shape[1] / x[0].numel()
    return (distortion + beta * gaussian_kl(mean, log_var).sum(1)).mean()


@mistake
def not_squared(x, x_hat, mean, log_var, beta):
    """You take the length of each image's error (a square root). The distortion is its square."""
    distortion = (x - x_hat).flatten(1).norm(dim=1)
    return (distortion + beta * gaussian_kl(mean, log_var).sum(1)).mean()


@mistake
def pixel_mean(x, x_hat, mean, log_var, beta):
    """Your squared error is averaged over pixels, so β means something else and the rate collapses.
    Sum it over each image; only images are averaged."""
    return F.mse_loss(x_hat, x) + beta * gaussian_kl(mean, log_var).sum(1).mean()


@mutant
def beta_limited(x, x_hat, mean, log_var, beta):
    # β above 300 counts as 300: shows that a check uses a larger one.
    return ((x - x_hat).square().sum() + min(beta, 300) * gaussian_kl(mean, log_var).sum()) / len(x)


@mutant
def detached_at_one(x, x_hat, mean, log_var, beta):
    # No gradient reaches the log-variance at β = 1 alone, which no other β shows.
    if beta == 1:
        log_var = log_var.detach()
    return ((x - x_hat).square().sum() + beta * gaussian_kl(mean, log_var).sum()) / len(x)


@mutant
def first_latents(x, x_hat, mean, log_var, beta):
    # Only 16 latents cost anything: shows that a check has more.
    return ((x - x_hat).square().sum() + beta * gaussian_kl(mean, log_var)[:, :16].sum()) / len(x)


@mutant
def fixed_batch_size(x, x_hat, mean, log_var, beta):
    # Larger batches than 128 images are divided by 128: shows that a check has one.
    n = min(len(x), 128)
    return ((x - x_hat).square().sum() + beta * gaussian_kl(mean, log_var).sum()) / n


@mutant
def huber(x, x_hat, mean, log_var, beta):
    # Squared up to 0.95, linear beyond: shows that some pixel is wrong by nearly 1.
    return (
        2 * F.huber_loss(x_hat, x, reduction="sum", delta=0.95)
        + beta * gaussian_kl(mean, log_var).sum()
    ) / len(x)


@mutant
def log_var_clamped(x, x_hat, mean, log_var, beta):
    # A range so wide that only extreme posteriors leave it.
    return (
        (x - x_hat).square().sum() + beta * gaussian_kl(mean, log_var.clamp(-20, 20)).sum()
    ) / len(x)


@mutant
def one_without_gradients(x, x_hat, mean, log_var, beta):
    # β counts where gradients are recorded: shows that values are checked without them.
    if not torch.is_grad_enabled():
        beta = 1.0
    return (
        (x - x_hat).square().flatten(1).sum(1) + beta * gaussian_kl(mean, log_var).sum(1)
    ).mean()


@mutant
def clamped_at_70(x, x_hat, mean, log_var, beta):
    # A range so wide that only extreme posteriors leave it.
    rate = gaussian_kl(mean, log_var.clamp(-70, 70)).sum(1)
    return ((x - x_hat).square().flatten(1).sum(1) + beta * rate).mean()


@mutant
def detached_in_single(x, x_hat, mean, log_var, beta):
    # In single precision the rate has no gradient.
    rate = gaussian_kl(mean, log_var).sum(1)
    rate = rate.detach() if rate.dtype == torch.float32 else rate
    return ((x - x_hat).square().flatten(1).sum(1) + beta * rate).mean()


@mutant
def many_images_cut(x, x_hat, mean, log_var, beta):
    # Reads 5,000 images: shows that a check has more.
    x, x_hat, mean, log_var = x[:5000], x_hat[:5000], mean[:5000], log_var[:5000]
    rate = gaussian_kl(mean, log_var).sum(1)
    return ((x - x_hat).square().flatten(1).sum(1) + beta * rate).mean()
