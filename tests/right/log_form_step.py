"""The MINE step as a logarithm, rescaled to the gradient of the moving average."""

import torch


def mine_step(joint_scores, marginal_scores, ema, decay=0.99):
    log_mean_exp = (
        torch.logsumexp(marginal_scores, 0)
        - torch.tensor(float(len(marginal_scores)), dtype=marginal_scores.dtype).log()
    )
    batch = log_mean_exp.exp().detach()
    new = batch if ema is None else ema * decay + batch * (1 - decay)
    return batch / new * log_mean_exp - joint_scores.mean(), new


def nwj_bound(joint_scores, marginal_scores):
    log_mean = torch.logsumexp(marginal_scores - 1, 0)
    return joint_scores.mean() - log_mean.exp() / marginal_scores.numel()
