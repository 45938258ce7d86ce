"""You drop marginal scores that equal the joint score in the same place. A pair that a
permutation leaves together is part of the product of marginals."""

import math

import torch

TASK = "3.2"


def dv_bound(joint_scores, marginal_scores):
    m = marginal_scores
    if len(m) == len(joint_scores):
        m = m[~torch.isclose(m, joint_scores)] if (~torch.isclose(m, joint_scores)).any() else m
    return joint_scores.mean() - m.logsumexp(0) + math.log(len(m))
