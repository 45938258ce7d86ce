"""Part 6 with torch.distributions and torch.special wherever they have it."""

import math

import torch
import torch.nn.functional as F
from torch import distributions as D


def gaussian_kl_between(mean_q, log_var_q, mean_p, log_var_p):
    q = D.Normal(mean_q, (log_var_q / 2).exp())
    return D.kl_divergence(q, D.Normal(mean_p, (log_var_p / 2).exp()))


def precision_weighted_merge(mean_1, log_var_1, mean_2, log_var_2):
    logs = torch.stack([-log_var_1, -log_var_2])
    mean = (torch.stack([mean_1, mean_2]) * logs.softmax(0)).sum(0)
    return mean, -logs.logsumexp(0)


def hierarchical_loss(log_likelihood, kl_1, kl_2, beta_1, beta_2, weight=1.0):
    costs = torch.stack([-log_likelihood, weight * beta_1 * kl_1, weight * beta_2 * kl_2])
    return costs.sum(0).mean()


def warm_up(epoch, epochs):
    return min(1.0, epoch / (epochs // 5)) if epochs >= 5 else 1.0


@torch.inference_mode()
def layer_rates(model, batches):
    model.eval()
    rates_2, rates_1, errors = [], [], []
    for x in batches:
        mean, log_var = model.encode_top(x)
        q_2 = D.Independent(D.Normal(mean, (log_var / 2).exp()), 1)
        p_2 = D.Independent(D.Normal(torch.zeros_like(mean), torch.ones_like(mean)), 1)
        z_2 = q_2.rsample()
        mean, log_var = model.encode_bottom(x, z_2)
        q_1 = D.Independent(D.Normal(mean, (log_var / 2).exp()), 1)
        mean, log_var = model.prior_bottom(z_2)
        p_1 = D.Independent(D.Normal(mean, (log_var / 2).exp()), 1)
        rates_2.append(D.kl_divergence(q_2, p_2))
        rates_1.append(D.kl_divergence(q_1, p_1))
        errors.append((x - model.decode(q_1.sample())).square().flatten(1).sum(1))
    if not rates_2 or not torch.cat(rates_2).numel():
        raise ValueError("nothing to average over")
    return tuple(torch.cat(part).double().mean() for part in (rates_2, rates_1, errors))


def gumbel_softmax(logits, temperature, noise):
    scaled = (logits.log_softmax(-1) + noise) / temperature
    return (scaled - scaled.logsumexp(-1, keepdim=True)).exp()


def categorical_kl(logits):
    return math.log(logits.shape[-1]) - D.Categorical(logits=logits).entropy()


def discretized_logistic_mixture(x, logits, means, log_scales):
    x = x.unsqueeze(-1).expand_as(means)
    scale = log_scales.exp()
    above, below = (2 * x - 1 + 1 / 255 - means) / scale, (2 * x - 1 - 1 / 255 - means) / scale
    middle = -F.softplus(-above) - F.softplus(below) + (1 - (-2 / 255 / scale).exp()).log()
    log_p = torch.where(x == 0, -F.softplus(-above), middle)
    log_p = torch.where(x == 1, -F.softplus(below), log_p)
    return torch.logsumexp(log_p + F.log_softmax(logits, -1), -1)


def gaussian_log_likelihood(x, x_hat, log_sigma):
    sigma = (-6 + F.softplus(log_sigma.double() + 6)).exp()
    return D.Normal(x_hat.double(), sigma).log_prob(x.double()).flatten(1).sum(1).to(x.dtype)


def mixture_information(z, mean, log_var, labels):
    posterior = D.Independent(D.Normal(mean.double(), (log_var.double() / 2).exp()), 1)
    logs = torch.stack([posterior.log_prob(own) for own in z.double()])
    same = labels.unsqueeze(1) == labels
    own = logs.masked_fill(~same, -torch.inf).logsumexp(1) - same.sum(1).double().log()
    return (own - logs.logsumexp(1)).mean() + math.log(len(z))


def accuracy_bound(information, label_probabilities):
    entropy = D.Categorical(probs=label_probabilities.double()).entropy().item()
    classes = len(label_probabilities)
    if information >= entropy:
        return torch.tensor(1.0)
    information, error = max(information, 0.0), (0.0, 1 - 1 / classes)
    for _ in range(80):  # in the error rate, which falls as the information rises
        middle = sum(error) / 2
        coin = D.Bernoulli(torch.tensor(middle, dtype=torch.float64)).entropy().item()
        rest = middle * math.log(classes - 1)
        enough = entropy - coin - rest >= information
        error = (middle, error[1]) if enough else (error[0], middle)
    return torch.tensor(1 - error[0], dtype=torch.float64)


def psnr(x, x_hat):
    return -10 * torch.log10(F.mse_loss(x_hat.double(), x.double()))


def inception_score(probabilities):
    each = D.Categorical(probs=probabilities.double())
    marginal = D.Categorical(probs=probabilities.double().mean(0))
    diversity = marginal.entropy().exp()
    sharpness = torch.exp(-each.entropy().mean())
    return diversity * sharpness, diversity, sharpness


def upper_hull(rates, values):
    points = list(zip(rates.double().tolist(), values.double().tolist(), strict=True))
    kept = []
    for i, (rate, value) in enumerate(points):
        rivals = [(v, -j) for j, (r, v) in enumerate(points) if r == rate]
        left = [(r, v) for r, v in points if r < rate]
        right = [(r, v) for r, v in points if r > rate]
        under = any(
            (value - v0) * (r1 - r0) <= (v1 - v0) * (rate - r0)
            for r0, v0 in left
            for r1, v1 in right
        )
        if max(rivals) == (value, -i) and not under:
            kept.append(i)
    return torch.tensor(kept)


def linear_hierarchical_point(variances, beta_2, beta_1, top_dim, bottom_dim):
    if beta_1 == beta_2:
        raise ValueError("the split is arbitrary")
    k = min(bottom_dim, len(variances))
    coded = variances.double().topk(k).values
    levels = torch.full((k,), beta_1 / 2, dtype=torch.float64)
    if beta_2 < beta_1:
        levels[:top_dim] = beta_2 / 2
    rates = F.relu((coded / levels).clamp(min=1e-300).log() / 2)
    split = top_dim if beta_2 < beta_1 else 0
    distortion = torch.minimum(coded, levels).sum() + variances.double().sum() - coded.sum()
    return rates[:split].sum(), rates[split:].sum(), distortion
