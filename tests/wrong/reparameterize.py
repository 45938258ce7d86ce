"""Wrong versions of reparameterize (task 1.1). A docstring is what the student is told."""

import torch
import torch.nn.functional as F

from tests.wrong import mistake, mutant

TASK = "1.1"


@mistake
def base_two(mean, log_var, noise):
    """You undo the logarithm with base 2. log_var is a natural logarithm."""
    return mean + 2 ** (log_var / 2) * noise


@mistake
def clamped_log_var(mean, log_var, noise):
    """You clamp log_var to [−4, 4], so narrow and wide posteriors get the wrong width and no
    gradient. The function must hold for every log_var."""
    return mean + (0.5 * log_var.clamp(-4, 4)).exp() * noise


@mistake
def epsilon(mean, log_var, noise):
    """You add a small constant to the variance, so narrow posteriors become too wide."""
    return mean + (log_var.exp() + 1e-8).sqrt() * noise


@mistake
def log_var_as_sigma(mean, log_var, noise):
    """You scale the noise by log_var itself. It is a logarithm, and may be negative: turn it into a
    standard deviation first."""
    return mean + log_var * noise


@mistake
def mean_only(mean, log_var, noise):
    """You return the mean: without noise this is no sample, and the rate would cost nothing."""
    return mean + 0 * log_var * noise


@mistake
def mean_scaled(mean, log_var, noise):
    """You multiply the mean by σ as well: the sample then is centred on σ·mean. Only the noise is
    scaled."""
    return (mean + noise) * (0.5 * log_var).exp()


@mistake
def mean_without_gradients(mean, log_var, noise):
    """You return the mean where no gradients are recorded. A sample is a sample in evaluation, too:
    add σ times the noise there as well."""
    if not torch.is_grad_enabled():
        return mean
    return mean + (0.5 * log_var).exp() * noise


@mistake
@torch.no_grad()
def no_grad(mean, log_var, noise):
    """You sample without gradients, so the encoder cannot learn: the point of this form is that z
    is a differentiable function of mean and log_var."""
    return mean + (0.5 * log_var).exp() * noise


@mistake
def noise_overwritten(mean, log_var, noise):
    """The sample is right, but it is computed inside the caller's noise tensor, which is spoiled.
    Leave arguments as they were: no in-place operation on them."""
    return noise.mul_((0.5 * log_var).exp()).add_(mean)


@mistake
def own_noise(mean, log_var, noise):
    """You draw new noise and ignore the argument. The function must be pure: the same noise gives
    the same sample."""
    return mean + (0.5 * log_var).exp() * torch.randn_like(noise)


@mistake
def shared_noise(mean, log_var, noise):
    """All rows get the noise of the first one. Each image of the batch needs its own."""
    first = noise.reshape(-1, noise.shape[-1])[0]
    return mean + (0.5 * log_var).exp() * first


@mistake
def sigma_detached(mean, log_var, noise):
    """The sample is right, but your σ is cut from the graph: no gradient reaches log_var, so the
    encoder would never learn its variance."""
    return mean + (0.5 * log_var.detach()).exp() * noise


@mistake
def single_precision(mean, log_var, noise):
    """You compute the sample in single precision and only then return to double: the digits are
    lost by then."""
    return (mean.float() + (0.5 * log_var.float()).exp() * noise.float()).to(mean.dtype)


@mistake
def softplus(mean, log_var, noise):
    """You turn log_var into σ by a softplus; here log_var is the natural logarithm of the variance,
    and only its exact inverse gives σ."""
    return mean + F.softplus(log_var) * noise


@mistake
def squeezed(mean, log_var, noise):
    """A squeeze() without an axis drops every axis of size 1, so with d = 1 the shapes broadcast to
    something else. Keep the shape of mean."""
    scale = (0.5 * log_var).exp().diag_embed()
    return mean + (scale @ noise.unsqueeze(-1)).squeeze()


@mistake
def variance_as_sigma(mean, log_var, noise):
    """Your σ is exp(log_var), but that is the variance: log_var is log σ², so take half of it
    first."""
    return mean + log_var.exp() * noise


@mutant
def batch_limit(mean, log_var, noise):
    # No noise beyond 256 rows: shows that a check has more.
    noise = noise.clone()
    noise[256:] = 0
    return mean + (0.5 * log_var).exp() * noise


@mutant
def extra_axes(mean, log_var, noise):
    # Shares the noise where there are four axes or more.
    if mean.ndim > 3:
        noise = noise[:1].expand_as(mean)
    return mean + (0.5 * log_var).exp() * noise


@mutant
def gradient_twice(mean, log_var, noise):
    # Every value is right; the mean enters the gradient twice.
    z = mean + (0.5 * log_var).exp() * noise
    return z + (mean - mean.detach())


@mutant
def loose_clamp(mean, log_var, noise):
    # A range so wide that only extreme posteriors leave it.
    return mean + (0.5 * log_var.clamp(-40, 40)).exp() * noise


@mutant
def noise_standardised(mean, log_var, noise):
    # Standardises more than 64 numbers: shows that a check has as many.
    if noise.numel() > 64:
        noise = (noise - noise.mean()) / noise.std()
    return mean + (0.5 * log_var).exp() * noise


@mutant
def single_of_bfloat16(mean, log_var, noise):
    # bfloat16 comes back as single.
    z = mean + (0.5 * log_var).exp() * noise
    return z.float() if z.dtype == torch.bfloat16 else z


@mutant
def latents_repeat(mean, log_var, noise):
    # Right for 128 latents: shows that a check has more.
    z = mean + (0.5 * log_var).exp() * noise
    return z[..., torch.arange(z.shape[-1]) % 128]


@mutant
def gradient_clipped(mean, log_var, noise):
    # Every value is right; gradients beyond ±1000 are cut off.
    z = mean + (0.5 * log_var).exp() * noise
    if z.requires_grad:
        z.register_hook(lambda gradient: gradient.clamp(-1000, 1000))
    return z


@mistake
def root_of_variance(mean, log_var, noise):
    """You take the square root of exp(log_var), which over- or underflows where σ does not: halve
    the logarithm first."""
    return mean + log_var.exp().sqrt() * noise
