"""The loss as an instance of nn.Module, InfoNCE as a trace."""

import torch
from torch import nn

from rdlab.gaussian import gaussian_kl


class Loss(nn.Module):
    def __init__(self):
        super().__init__()
        self.mse = nn.MSELoss(reduction="none")

    def forward(self, x, x_hat, mean, log_var, beta):
        return (
            self.mse(x_hat, x)
            .flatten(1)
            .sum(1)
            .add(gaussian_kl(mean, log_var).sum(1), alpha=float(beta))
            .mean()
        )


beta_vae_loss = Loss()


def info_nce_bound(scores):
    k = scores.shape[0]
    return torch.log_softmax(scores, dim=-1).trace() / k + torch.tensor(float(k)).log()
