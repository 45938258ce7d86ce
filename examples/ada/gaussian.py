import torch
from torch.distributions import Normal, kl_divergence


def reparameterize(mean: Tensor, log_var: Tensor, noise: Tensor) -> Tensor:
    sigma = torch.exp(log_var / 2)
    return torch.addcmul(mean, sigma, noise)


def gaussian_kl(mean: Tensor, log_var: Tensor) -> Tensor:
    wide_mean, wide_log_var = mean.double(), log_var.double()  # where exp(log_var) underflows later
    posterior = Normal(wide_mean, torch.exp(wide_log_var / 2), validate_args=False)
    prior = Normal(torch.zeros_like(wide_mean), torch.ones_like(wide_mean))
    return kl_divergence(posterior, prior).to(mean.dtype)
