"""With torch.distributions instead of closed forms."""

import math

import torch
from torch.distributions import Independent, Normal, kl_divergence


def posterior(mean, log_var):
    return Normal(mean, (log_var / 2).exp(), validate_args=False)


def reparameterize(mean, log_var, noise):
    q = posterior(mean, log_var)
    return q.loc + q.scale * noise


def gaussian_kl(mean, log_var):
    prior = Normal(torch.zeros_like(mean).double(), 1.0)  # σ² underflows in single precision
    return kl_divergence(posterior(mean.double(), log_var.double()), prior).to(mean.dtype)


def beta_vae_loss(x, x_hat, mean, log_var, beta):
    q = Independent(posterior(mean, log_var), 1)
    p = Independent(Normal(torch.zeros_like(mean), torch.ones_like(mean)), 1)
    squared_error = torch.sum((x_hat - x) ** 2) / x.shape[0]
    return squared_error + beta * kl_divergence(q, p).mean()


def sandwich_bounds(z, mean, log_var):
    q = Independent(posterior(mean.double(), log_var.double()), 1)
    log_q = torch.stack([q.log_prob(row) for row in z.double()])
    n = log_q.shape[0]
    own = torch.diagonal(log_q)
    rest = torch.stack([torch.cat([row[:i], row[i + 1 :]]) for i, row in enumerate(log_q)])
    lower = own.mean() - (torch.logsumexp(log_q, dim=1) - math.log(n)).mean()
    upper = own.mean() - (torch.logsumexp(rest, dim=1) - math.log(n - 1)).mean()
    return float(lower), float(upper)
