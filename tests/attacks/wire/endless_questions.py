"""Never answers: asks the judge for the functions that it serves, over and over, one in another."""

import gc
import sys

import torch

TASK = "1.3"
HONEST = []


def beta_vae_loss(x, x_hat, mean, log_var, beta):
    wire = sys.modules["wire"]
    peer = next(found for found in gc.get_objects() if type(found) is wire.Peer)
    while True:
        for name in ("gaussian_kl", "open", "measure", "beta_vae_loss", "__class__"):
            try:
                peer.call(name, torch.zeros(300, 300), torch.zeros(300, 300))
            except wire.RemoteError:
                continue
