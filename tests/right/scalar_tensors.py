"""Tensors without axes where the docstring says float."""

import math

import torch


@torch.no_grad()
def rate_and_distortion(model, batches):
    training = model.training
    model.eval()
    kl, error = [], []
    for x in batches:
        mean, log_var = model.encode(x)
        x_hat = model.decode(torch.normal(mean, (log_var / 2).exp()))
        kl.append((mean.square() + log_var.exp() - 1 - log_var).sum(1).double() / 2)
        error.append((x - x_hat).square().flatten(1).sum(1).double())
    model.train(training)
    if sum(map(len, kl)) == 0:
        raise ValueError("no images")
    return torch.cat(kl).mean(), torch.cat(error).mean()


def white_gaussian_rate(variances, distortion):
    total = variances.double().sum()
    return (len(variances) / 2 * torch.log(total / distortion)).relu()


def excess_rate(rate, distortion, variances):
    ordered = variances.double().sort().values
    below = ordered.cumsum(0) - ordered
    levels = (distortion - below) / torch.arange(len(ordered), 0, -1)
    level = levels[levels <= ordered][0] if distortion < ordered.sum() else ordered[-1]
    return rate - 0.5 * (ordered[ordered > level] / level).log().sum()


def linear_vae_point(variances, beta, latent_dim=None):
    k = len(variances) if latent_dim is None else min(latent_dim, len(variances))
    top = variances.double().topk(k).values
    distortion = top.clamp(max=beta / 2).sum() + variances.double().sum() - top.sum()
    return (top * 2 / beta).log().relu().sum() / 2, distortion


def label_information(logits, labels):
    share = torch.bincount(labels, minlength=logits.shape[1]).double() / len(labels)
    log_p = logits.double().log_softmax(1).gather(1, labels.unsqueeze(1))
    return torch.distributions.Categorical(probs=share).entropy() + log_p.mean()


def sandwich_bounds(z, mean, log_var):
    z, mean, log_var = z.double(), mean.double(), log_var.double()
    n, scale = len(z), (-log_var / 2).exp()
    log_q = torch.stack([-((z - mean[j]) * scale[j]).square().sum(1) / 2 for j in range(n)], 1)
    log_q = log_q - log_var.sum(1) / 2
    own, every = log_q.diagonal(), log_q.logsumexp(1)
    rest = (log_q - torch.diag(torch.full((n,), math.inf))).logsumexp(1)
    return (own - every).mean() + math.log(n), (own - rest).mean() + math.log(n - 1)


def information_ratio(label_nats, input_nats, minimum=0.1):
    if input_nats < minimum:
        return torch.tensor(math.nan)
    return torch.tensor(label_nats / input_nats, dtype=torch.float64)
