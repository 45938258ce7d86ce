"""The training objective of the β-VAE."""

from torch import Tensor

from rdlab.gaussian import gaussian_kl


def beta_vae_loss(x: Tensor, x_hat: Tensor, mean: Tensor, log_var: Tensor, beta: float) -> Tensor:
    """Return squared error plus β times the rate, averaged over the batch.

    Squared error is *summed* over all pixels (and channels) of an image, the KL is summed over
    all latent dimensions; only then comes the mean over images. With p(x|z) = N(x̂, σ²I) this is
    the negative ELBO times 2σ², up to a constant, at β = 2σ².

    Args:
        x, x_hat: images and reconstructions, the same shape (B, ...), values in [0, 1].
        mean, log_var: posterior parameters, shape (B, d).
        beta: the price of one nat of rate, in squared error.

    Returns:
        A scalar, in squared error per image. Gradients reach x_hat, mean and log_var.

    Source: Higgins et al. (2017), "β-VAE", equation 4; Alemi et al. (2018), "Fixing a Broken
    ELBO", section 2.
    """
    # TODO (task 1.3, 5 points): The β-VAE loss
    raise NotImplementedError("Task 1.3: beta_vae_loss")
