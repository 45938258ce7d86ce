import torch
from torch.distributions import Normal, kl_divergence


def reparameterize(mean: Tensor, log_var: Tensor, noise: Tensor) -> Tensor:
    sigma = torch.exp(log_var / 2)
    return torch.addcmul(mean, sigma, noise)


def gaussian_kl(mean: Tensor, log_var: Tensor) -> Tensor:
    posterior = Normal(mean, torch.exp(log_var / 2), validate_args=False)
    prior = Normal(torch.zeros_like(mean), torch.ones_like(mean))
    return kl_divergence(posterior, prior)
