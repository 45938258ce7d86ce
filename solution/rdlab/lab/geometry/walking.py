"""A walk through every class, and the files that are handed in. Given code."""

from pathlib import Path
from typing import NamedTuple

import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from rdlab.geometry import tour, walk
from rdlab.lab.classifier import class_probabilities

STEPS = 20


class Walk(NamedTuple):
    """A walk through one code of each class.

    `waypoints` (C, d), `order` (C,), `places` ((C − 1)·STEPS + 1, d), the pictures of the places
    and the classifier's probabilities of each.
    """

    waypoints: Tensor
    order: Tensor
    places: Tensor
    pictures: Tensor
    probabilities: Tensor

    @property
    def length(self) -> float:
        """Of the whole walk, in latent space."""
        return (self.places[1:] - self.places[:-1]).norm(dim=1).sum().item()

    @property
    def classes_seen(self) -> int:
        """How many classes the classifier sees on the walk."""
        return len(self.probabilities.argmax(1).unique())


@torch.no_grad()
def surest_codes(model: nn.Module, codes: Tensor, classifier: nn.Module, classes: int) -> Tensor:
    """Return the code of each class whose picture the classifier is surest of, shape (C, d).

    Class means will not do: the picture between two shirts need not be a shirt.

    Args:
        codes: posterior means to choose from, shape (N, d).
    """
    probabilities = torch.cat(
        [class_probabilities(classifier, model.decode(part)) for part in codes.split(1000)]
    )
    return codes[probabilities.argmax(0)[:classes]]


@torch.no_grad()
def walk_through(model: nn.Module, waypoints: Tensor, classifier: nn.Module) -> Walk:
    """Walk the shortest way through the waypoints with tasks 5.6 and 5.7."""
    order = torch.as_tensor(tour(waypoints))
    places = walk(waypoints, order, STEPS)
    pictures = model.decode(places)
    return Walk(waypoints, order, places, pictures, class_probabilities(classifier, pictures))


def write_walk(made: Walk, path: Path, beta: float) -> None:
    """Write walk.safetensors: waypoints, order and places."""
    path.parent.mkdir(parents=True, exist_ok=True)
    tensors = {
        "waypoints": made.waypoints.float().contiguous(),
        "order": made.order.long().contiguous(),
        "places": made.places.float().contiguous(),
    }
    save_file(tensors, path, metadata={"beta": f"{beta:g}"})
