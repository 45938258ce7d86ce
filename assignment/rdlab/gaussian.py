"""Diagonal Gaussian posteriors q(z|x) = N(mean, diag exp(log_var)).

Throughout, `log_var` is the natural logarithm of the variance, log σ²; never σ.
"""

from torch import Tensor


def reparameterize(mean: Tensor, log_var: Tensor, noise: Tensor) -> Tensor:
    """Turn standard normal noise into a sample of N(mean, diag exp(log_var)).

    The sample is a differentiable function of both parameters, so gradients reach the
    encoder (the pathwise, or reparameterization, estimator).

    Args:
        mean, log_var: posterior parameters, shape (..., d).
        noise: draws from N(0, I), shape (..., d). It is an argument, so the function is pure.

    Returns:
        The sample z, shape (..., d), in the dtype of the inputs: the mean where the noise is 0,
        one standard deviation above it where the noise is 1. Neither parameter is clipped.
        Value and gradient are ordinary wherever σ is, although σ² may not be: at log-variances of
        ±120, e^±120 is no number of single precision.

    Source: Kingma & Welling (2014), "Auto-Encoding Variational Bayes", section 2.4.
    """
    # TODO (task 1.1, 5 points): The reparameterization trick
    raise NotImplementedError("Task 1.1: reparameterize")


def gaussian_kl(mean: Tensor, log_var: Tensor) -> Tensor:
    """Return the KL divergence from N(mean, diag exp(log_var)) to N(0, I), a value per dimension.

    Args:
        mean, log_var: posterior parameters, shape (..., d).

    Returns:
        KL(q(z_i|x) ‖ N(0, 1)) in nats, shape (..., d), in the dtype of the inputs. Summed over
        the last axis it is the rate of one image. No term is clipped, nor any gradient. It is
        an ordinary number where σ² underflows to 0, as at a log-variance of −120 in single
        precision.

    Source: Kingma & Welling (2014), appendix B.
    """
    # TODO (task 1.2, 6 points): KL to the standard normal
    raise NotImplementedError("Task 1.2: gaussian_kl")
