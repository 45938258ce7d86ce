"""Wrong versions of autoencoder_loss (task 4.4)."""

import torch
import torch.nn.functional as F

from tests.wrong import mistake, mutant

TASK = "4.4"


def _reconstruction(x, logits):
    return (F.softplus(logits) - x * logits).flatten(1).sum(1).mean()


def _kl(mean, log_var):
    if log_var is None:
        return torch.zeros((), dtype=mean.dtype)
    return 0.5 * (mean**2 + log_var.exp() - 1 - log_var).sum(1).mean()


def _both(x, logits, mean, log_var):
    return _reconstruction(x, logits), _kl(mean, log_var)


@mistake
def batch_summed(x, logits, mean, log_var):
    """You add up the batch: the loss is a mean over images, or it depends on the batch size."""
    reconstruction, kl = (len(x) * term for term in _both(x, logits, mean, log_var))
    return reconstruction + kl, reconstruction, kl


@mistake
def pixel_mean(x, logits, mean, log_var):
    """The reconstruction is averaged over the pixels and the KL is not: a nat of code then costs
    as much as hundreds of nats of picture, and the code collapses."""
    reconstruction, kl = _both(x, logits, mean, log_var)
    reconstruction = reconstruction / x[0].numel()
    return reconstruction + kl, reconstruction, kl


@mistake
def kl_mean(x, logits, mean, log_var):
    """The KL is averaged over the latent dimensions: it is their sum."""
    reconstruction, kl = _both(x, logits, mean, log_var)
    kl = kl / mean.shape[1]
    return reconstruction + kl, reconstruction, kl


@mistake
def kl_subtracted(x, logits, mean, log_var):
    """The KL is subtracted from the loss: training would make it as large as it can."""
    reconstruction, kl = _both(x, logits, mean, log_var)
    return reconstruction - kl, reconstruction, -kl


@mistake
def kl_of_plain_autoencoder(x, logits, mean, log_var):
    """The plain autoencoder pays for its code: without a log-variance the KL is 0."""
    reconstruction = _reconstruction(x, logits)
    kl = _kl(mean, torch.zeros_like(mean) if log_var is None else log_var)
    return reconstruction + kl, reconstruction, kl


@mistake
def kl_ignored(x, logits, mean, log_var):
    """The KL is always 0: that is the loss of a plain autoencoder."""
    reconstruction = _reconstruction(x, logits)
    return reconstruction, reconstruction, torch.zeros_like(reconstruction)


@mistake
def kl_without_half(x, logits, mean, log_var):
    """The KL lacks its factor ½."""
    reconstruction, kl = _both(x, logits, mean, log_var)
    return reconstruction + 2 * kl, reconstruction, 2 * kl


@mistake
def kl_summed_over_batch(x, logits, mean, log_var):
    """The KL is added up over the batch while the reconstruction is averaged."""
    reconstruction, kl = _both(x, logits, mean, log_var)
    kl = kl * len(x)
    return reconstruction + kl, reconstruction, kl


@mistake
def squared_error(x, logits, mean, log_var):
    """The reconstruction is a squared error: Bernoulli pixels ask for the cross-entropy."""
    reconstruction = (x - logits.sigmoid()).square().flatten(1).sum(1).mean()
    kl = _kl(mean, log_var)
    return reconstruction + kl, reconstruction, kl


@mistake
def rounded(x, logits, mean, log_var):
    """You round the images here: that changes the loss of grey ones."""
    reconstruction, kl = _both(x.round(), logits, mean, log_var)
    return reconstruction + kl, reconstruction, kl


@mistake
def total_only(x, logits, mean, log_var):
    """You return the total alone: the reconstruction and the KL are asked for as well."""
    return sum(_both(x, logits, mean, log_var))


@mistake
def order(x, logits, mean, log_var):
    """The KL comes before the reconstruction: their places are swapped."""
    reconstruction, kl = _both(x, logits, mean, log_var)
    return reconstruction + kl, kl, reconstruction


@mistake
def elbo_returned(x, logits, mean, log_var):
    """You return the ELBO, which is to be maximised: a loss is its negative."""
    reconstruction, kl = _both(x, logits, mean, log_var)
    return -(reconstruction + kl), -reconstruction, kl


@mistake
def log_var_as_log_sigma(x, logits, mean, log_var):
    """The KL takes the log-variance for the logarithm of the standard deviation."""
    reconstruction = _reconstruction(x, logits)
    kl = _kl(mean, None if log_var is None else 2 * log_var)
    return reconstruction + kl, reconstruction, kl


@mistake
def kl_detached(x, logits, mean, log_var):
    """The KL is a constant to the gradient: the encoder never learns what its code costs."""
    reconstruction, kl = _both(x, logits, mean, log_var)
    return reconstruction + kl.detach(), reconstruction, kl


@mutant
def free_bits(x, logits, mean, log_var):
    reconstruction, kl = _both(x, logits, mean, log_var)
    kl = kl if log_var is None else kl.clamp(min=2.0)
    return reconstruction + kl, reconstruction, kl


@mutant
def probabilities_clamped(x, logits, mean, log_var):
    p = logits.sigmoid().clamp(1e-2, 1 - 1e-2)
    reconstruction = F.binary_cross_entropy(p, x, reduction="none").flatten(1).sum(1).mean()
    kl = _kl(mean, log_var)
    return reconstruction + kl, reconstruction, kl


@mutant
def first_images(x, logits, mean, log_var):
    few = slice(0, 500)
    log_var = None if log_var is None else log_var[few]
    reconstruction, kl = _both(x[few], logits[few], mean[few], log_var)
    return reconstruction + kl, reconstruction, kl
