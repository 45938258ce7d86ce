"""Densities from torch.distributions, and frequencies from torch.unique."""

import math

import torch
import torch.nn.functional as F
from torch.distributions import Independent, Normal


def sandwich_bounds(z, mean, log_var):
    z, mean, log_var = (t.to(torch.float64) for t in (z, mean, log_var))
    n = z.shape[0]
    q = Independent(
        Normal(mean, (0.5 * log_var).exp(), validate_args=False), 1, validate_args=False
    )
    lq = torch.stack([q.log_prob(row) for row in z])
    own = torch.diagonal(lq)
    keep = ~torch.eye(n, dtype=torch.bool)
    rest = lq[keep].view(n, n - 1)
    return (
        float((own - lq.logsumexp(-1)).mean()) + math.log(n),
        float((own - rest.logsumexp(-1)).mean()) + math.log(n - 1),
    )


def label_information(logits, labels):
    _, counts = torch.unique(labels, return_counts=True)
    p = counts / counts.sum()
    h = -(p * p.log()).sum()
    return float(h - F.nll_loss(F.log_softmax(logits, dim=-1), labels))


def smile_bound(joint_scores, marginal_scores, clip=5.0):
    clipped = marginal_scores.clip(-clip, clip)
    log_weights = torch.full_like(clipped, 1 / len(clipped)).log()
    return joint_scores.mean() - (clipped + log_weights).logsumexp(0)
