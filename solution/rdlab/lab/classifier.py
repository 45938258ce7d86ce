"""The course's classifier: a small CNN with fixed weights, which judges decoded images. Given code.

Scores that a classifier gives (the inception score, the share of recognised reconstructions)
depend on the classifier as much as on the images, so everybody uses these weights and nobody
trains them. data/README.md says how they were made and how accurate they are.
"""

import hashlib
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load
from torch import Tensor, nn

from rdlab.lab.errors import LabError

CLASSIFIER_FILE = "classifier.safetensors"
CLASSIFIER_SHA256 = "8b563876431127e0ee616b926620fff2bb74665b1173d0a4e02cb6a6661f810e"
CLASSES = 10
BATCH = 100
"""Images at once: what lies between the layers then stays in the processor's cache."""


def build_classifier() -> nn.Sequential:
    """Return the untrained CNN: images (B, 1, 28, 28), or flattened (B, 784), to logits (B, 10)."""
    return nn.Sequential(
        nn.Flatten(),
        nn.Unflatten(1, (1, 28, 28)),
        nn.Conv2d(1, 16, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Dropout(0.3),
        nn.Linear(32 * 7 * 7, 64),
        nn.ReLU(),
        nn.Linear(64, CLASSES),
    )


def classifier_from(state: dict[str, Tensor]) -> nn.Sequential:
    """Return the CNN with these weights, of any float type, in float32 and evaluation mode.

    Channels come last in its memory, which takes half the time on a CPU.

    Raises:
        LabError: names or shapes do not fit.
    """
    model = build_classifier()
    try:
        model.load_state_dict({name: value.float() for name, value in state.items()})
    except RuntimeError as error:
        raise LabError("the weights are not those of the course's classifier.") from error
    model = nn.utils.convert_conv2d_weight_memory_format(model, torch.channels_last)
    return model.eval().requires_grad_(False)


def load_classifier(path: Path | str | None = None) -> nn.Sequential:
    """Return the course's classifier.

    Args:
        path: of the weights; by default `classifier.safetensors` in the data folder.

    Raises:
        LabError: the file is missing or is not the course's.
    """
    if path is None:
        from rdlab.lab.data import sample_folder  # the judge's child does without it

        path = sample_folder() / CLASSIFIER_FILE
    path = Path(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise LabError(f"{path} cannot be read ({error.strerror}): get it again.") from error
    if hashlib.sha256(content).hexdigest() != CLASSIFIER_SHA256:
        raise LabError(
            f"{path} is not the course's classifier (another SHA-256 sum): get it again."
        )
    try:
        return classifier_from(load(content))
    except SafetensorError as error:
        raise LabError(f"{path} is not a readable safetensors file: get it again.") from error


def class_probabilities(classifier: nn.Module, images: Tensor) -> Tensor:
    """Return the probability of each class, shape (N, 10).

    Args:
        images: in [0, 1], shape (N, 1, 28, 28) or (N, 784).
    """
    with torch.no_grad():
        parts = [classifier(batch).softmax(1) for batch in images.split(BATCH)]
    return torch.cat(parts)
