"""The critic that scores pairs, and the split of the data it is trained and read on. Given code."""

import torch
from torch import Tensor, nn


class Critic(nn.Module):
    """A two-layer perceptron T(x, z), with one linear projection of each side.

    Args:
        x_dim, z_dim: sizes of the two sides.
        hidden: width of both hidden layers.
    """

    def __init__(self, x_dim: int, z_dim: int, hidden: int = 128):
        super().__init__()
        self.project_x = nn.Linear(x_dim, hidden)
        self.project_z = nn.Linear(z_dim, hidden)
        self.head = nn.Sequential(nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU())
        self.out = nn.Linear(hidden, 1)

    def forward(self, x: Tensor, z: Tensor) -> Tensor:
        """Scores of pairs (x[i], z[i]): shapes (N, a) and (N, b) give (N,)."""
        return self.out(self.head(self.project_x(x) + self.project_z(z))).squeeze(-1)

    def matrix(self, x: Tensor, z: Tensor) -> Tensor:
        """Scores T(x[i], z[j]) of all pairs: shapes (K, a) and (K, b) give (K, K)."""
        projected = self.project_x(x).unsqueeze(1) + self.project_z(z).unsqueeze(0)
        return self.out(self.head(projected)).squeeze(-1)


def split_halves(
    x: Tensor, z: Tensor, generator: torch.Generator
) -> tuple[tuple[Tensor, Tensor], tuple[Tensor, Tensor]]:
    """Split pairs at random into (x, z) to train on and (x, z) to read the bound on."""
    order = torch.randperm(len(x), generator=generator)
    train, held_out = order.chunk(2)
    return (x[train], z[train]), (x[held_out], z[held_out])
