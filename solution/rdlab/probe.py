"""What the latent knows about the label: an MLP probe and the Barber-Agakov bound."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def label_information(logits: Tensor, labels: Tensor) -> float:
    """Return the Barber-Agakov lower bound on I(z; y): H(y) − cross-entropy.

    Args:
        logits: a classifier's unnormalised log-probabilities on N held-out latents, (N, C).
        labels: the true classes of the same latents, integers in [0, C), shape (N,).

    Returns:
        The bound in nats. H(y) is the entropy of these labels' own frequencies: a class that does
        not occur adds nothing. The bound can be negative for a bad classifier, and is finite for
        logits of several hundred.

    Source: Barber & Agakov (2003); Poole et al. (2019), equation 2.
    """
    # BEGIN SOLUTION
    frequencies = labels.bincount().double() / len(labels)
    entropy = torch.special.entr(frequencies).sum()
    return (entropy - F.cross_entropy(logits.double(), labels)).item()
    # END SOLUTION


def information_ratio(label_nats: float, input_nats: float, minimum: float = 0.1) -> float:
    """Return I(z; y) / I(x; z): the share of what the latent keeps that is about the label.

    Args:
        label_nats, input_nats: the two informations, in nats.
        minimum: below this much I(x; z) the ratio means nothing; ≥ 0.

    Returns:
        The ratio, or nan where input_nats < minimum. With a minimum of 0, 0 nats give nan, too.
    """
    # BEGIN SOLUTION
    return label_nats / input_nats if input_nats >= minimum else math.nan
    # END SOLUTION


def train_probe(
    z: Tensor, labels: Tensor, *, classes: int = 10, steps: int = 1000, seed: int = 0
) -> nn.Module:
    """Train an MLP to tell the label from the latent. Given code.

    Args:
        z: latents to train on, detached from the encoder, shape (N, d).
        labels: their classes, integers in [0, classes), shape (N,).

    Returns:
        The classifier, (M, d) → (M, classes) logits. Score it on other latents.
    """
    torch.manual_seed(seed)
    probe = nn.Sequential(
        nn.Linear(z.shape[1], 256),
        nn.ReLU(),
        nn.Linear(256, 256),
        nn.ReLU(),
        nn.Linear(256, classes),
    )
    optimizer = torch.optim.AdamW(probe.parameters(), lr=1e-3)
    for _ in range(steps):
        batch = torch.randint(len(z), (512,))
        loss = F.cross_entropy(probe(z[batch]), labels[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return probe.eval()
