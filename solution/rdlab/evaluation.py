"""Rate and distortion of a trained model over a whole data set."""

from collections.abc import Iterable

import torch
from torch import Tensor, nn

from rdlab.gaussian import gaussian_kl, reparameterize


def rate_and_distortion(model: nn.Module, batches: Iterable[Tensor]) -> tuple[float, float]:
    """Return rate R and distortion D of a model, exact over all images of all batches.

    The model is evaluated in evaluation mode and without gradients; it may stay in that mode, or go
    back to the one it came in. z is sampled, with noise drawn anew in every call. Batches may
    differ in size: every image counts the same.

    Args:
        model: has `encode(x) -> (mean, log_var)`, each (B, d), and `decode(z) -> x_hat`, which
            is compared with x as it is: not clamped to [0, 1].
        batches: image batches, each (B, ...), values in [0, 1]; at least one image in all. They
            may be a generator, which can be read only once.

    Returns:
        (rate, distortion): the mean over images of the KL summed over latent dimensions, in
        nats (not multiplied by β), and of the squared error summed over pixels.

    Raises:
        ValueError: there is no image to average over.

    Source: Alemi et al. (2018), "Fixing a Broken ELBO", equations 2 and 3.
    """
    # BEGIN SOLUTION
    model.eval()
    images, rate, distortion = 0, 0.0, 0.0
    with torch.no_grad():
        for x in batches:
            mean, log_var = model.encode(x)
            x_hat = model.decode(reparameterize(mean, log_var, torch.randn_like(mean)))
            rate += gaussian_kl(mean, log_var).sum().item()
            distortion += (x - x_hat).square().sum().item()
            images += len(x)
    if images == 0:
        raise ValueError("rate_and_distortion needs at least one image")
    return rate / images, distortion / images
    # END SOLUTION


def redundant_dimensions(mean: Tensor, log_var: Tensor, threshold: float = 0.01) -> Tensor:
    """Return the latent dimensions that carry (almost) nothing: mean KL below a threshold.

    Args:
        mean, log_var: posterior parameters of N images, shape (N, d).
        threshold: in nats, ≥ 0; a dimension is redundant if its KL, averaged over the images, is
            strictly below it.

    Returns:
        The indices of the redundant dimensions, ascending, an integer tensor of shape (k,).
    """
    # BEGIN SOLUTION
    mean_kl = gaussian_kl(mean, log_var).mean(0)
    return (mean_kl < threshold).nonzero().flatten()
    # END SOLUTION
