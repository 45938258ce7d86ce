"""The chain decode → sample an image → encode → sample a latent, followed. Given code."""

from typing import Any, NamedTuple, cast

import torch
from torch import Tensor, nn

from rdlab.foundations import round_trip
from rdlab.lab.foundations.losses import prepare

CHAINS, ROUNDS = 64, 100
LOOKS = (0, 1, 2, 5, 10, 20, 50, 100)
"""Rounds after which the chains are measured."""
AS_STATED, CLAMPED = "as stated", "mean clamped"


class Chain(NamedTuple):
    """64 chains through 100 rounds."""

    latents: Tensor
    """After each round, the start first, shape (rounds + 1, chains, d)."""
    pictures: Tensor
    """Decoded means of these latents, clamped to [0, 1], shape (rounds + 1, chains, n)."""


class ClampedMean(nn.Module):
    """A model whose decoded means are clamped to [0, 1]: no pixel of an image lies outside."""

    def __init__(self, model: nn.Module):
        super().__init__()
        self.model = model

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return the model's mean and log-variance."""
        return self.model.encode(x)

    def decode(self, z: Tensor) -> Tensor:
        """Return the model's mean, clamped."""
        return self.model.decode(z).clamp(0, 1)


@torch.no_grad()
def follow(
    model: nn.Module, config: dict, how: str, chains: int = CHAINS, rounds: int = ROUNDS
) -> Chain:
    """Start chains from the prior and follow them with your `round_trip`.

    Args:
        config: the run's, for σ, the number of latents and the seed.
        how: "as stated", or "mean clamped" for the decoded means clamped before σ's noise is
            added. The sampled image itself is never clamped.
    """
    generator = torch.Generator().manual_seed(config["seed"])
    chained = ClampedMean(model) if how == CLAMPED else model
    z = torch.randn(chains, config["latent_dim"], generator=generator)
    latents, pictures = [z], [model.decode(z).clamp(0, 1)]
    for _ in range(rounds):
        image_noise = torch.randn(pictures[0].shape, generator=generator)
        latent_noise = torch.randn(z.shape, generator=generator)
        z, _ = round_trip(chained, z, config["sigma"], image_noise, latent_noise)
        latents.append(z)
        pictures.append(model.decode(z).clamp(0, 1))
    return Chain(torch.stack(latents), torch.stack(pictures))


def measure(
    chain: Chain, active: list[int], images: Tensor, labels: Tensor, config: dict, model: nn.Module
) -> list[dict[str, float]]:
    """Measure where the chains are after some rounds.

    Args:
        active: indices of the latent components that are not silent.
        images, labels: of the training set; the class of a picture is that of the nearest image.

    Returns:
        A row per round of LOOKS: "round", "active_variance" (1 under the prior), "distance"
        (mean squared distance of the pictures to the nearest training image), "classes" (how
        many of them are seen). What has overflowed is inf or nan.
    """
    known = prepare(images, config, model)
    rows = []
    for look in (look for look in LOOKS if look < len(chain.latents)):
        nearest = torch.cdist(chain.pictures[look].nan_to_num(0.0), known).min(1)
        rows.append(
            {
                "round": look,
                "active_variance": chain.latents[look][:, active].var(0).mean().item(),
                "distance": nearest.values.square().mean().item(),
                "classes": len(labels[nearest.indices].unique()),
            }
        )
    return rows


def memory(chain: Chain) -> Tensor:
    """Correlate each latent component with itself one round later, shape (d,).

    Averaged over the chains and the second half of the rounds.
    """
    late = chain.latents[len(chain.latents) // 2 :].double()
    centred = late - late.mean((0, 1))
    return (centred[1:] * centred[:-1]).mean((0, 1)) / centred.square().mean((0, 1))


def spectral_radius(model: nn.Module) -> float:
    """Return the largest modulus of an eigenvalue of a linear model's round trip, mean to mean.

    The chain has a limit if it is below 1. The variance of its latents is exp of a linear
    function of x, which may let a chain run away all the same.
    """
    layers = cast(Any, model)
    decoder = layers.decoder[0].weight.double()
    encoder = layers.encoder[0].weight[: decoder.shape[1]].double()
    return torch.linalg.eigvals(encoder @ decoder).abs().max().item()
