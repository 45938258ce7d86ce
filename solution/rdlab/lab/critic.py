"""The critic that scores pairs, and the split of the data it is trained and read on. Given code."""

import torch
from torch import Tensor, nn


class Critic(nn.Module):
    """A critic T(x, z): a perceptron of a pair, and a product of embeddings for all pairs.

    The perceptron adds a linear projection of each side and has two hidden layers. To score all K²
    pairs of a batch with it takes K² × hidden numbers in each layer; a *separable* critic embeds
    each side alone and multiplies, which takes K × hidden. The two share no weights: a critic is
    trained and read either by pairs or by matrices.

    Args:
        x_dim, z_dim: sizes of the two sides.
        hidden: width of all hidden layers, and of the embeddings.

    Source: Poole et al. (2019), "On Variational Bounds of Mutual Information", section 3.1
    (joint and separable critics).
    """

    def __init__(self, x_dim: int, z_dim: int, hidden: int = 128):
        super().__init__()
        self.project_x = nn.Linear(x_dim, hidden)
        self.project_z = nn.Linear(z_dim, hidden)
        self.head = nn.Sequential(nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU())
        self.out = nn.Linear(hidden, 1)
        self.embed_x, self.embed_z = _embedding(x_dim, hidden), _embedding(z_dim, hidden)

    def forward(self, x: Tensor, z: Tensor) -> Tensor:
        """Return scores of pairs (x[i], z[i]): shapes (N, a) and (N, b) give (N,)."""
        return self.out(self.head(self.project_x(x) + self.project_z(z))).squeeze(-1)

    def matrix(self, x: Tensor, z: Tensor) -> Tensor:
        """Return scores T(x[i], z[j]) of all pairs: shapes (K, a) and (K, b) give (K, K)."""
        return self.embed_x(x) @ self.embed_z(z).T / self.embed_x[-1].out_features ** 0.5


def _embedding(dim: int, hidden: int) -> nn.Sequential:
    layers = (nn.Linear(dim, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU())
    return nn.Sequential(*layers, nn.Linear(hidden, hidden))


def split_halves(
    x: Tensor, z: Tensor, generator: torch.Generator
) -> tuple[tuple[Tensor, Tensor], tuple[Tensor, Tensor]]:
    """Split pairs at random into (x, z) to train on and (x, z) to read the bound on."""
    order = torch.randperm(len(x), generator=generator)
    train, held_out = order.chunk(2)
    return (x[train], z[train]), (x[held_out], z[held_out])
