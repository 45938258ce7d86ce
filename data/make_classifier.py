"""Train the course's classifier on the sample, or check the stored one.

    python data/make_classifier.py            # write classifier.safetensors next to this file
    python data/make_classifier.py --check    # check its sum and measure its accuracy

Trained with another version of PyTorch or on another processor the weights differ in their last
digits, and so do scores: make new weights only together with every number that depends on them.
"""

import argparse
import hashlib
import sys
from pathlib import Path

import torch
from safetensors.torch import save
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "solution"))

from rdlab.lab.classifier import (  # noqa: E402  (found through the path set above)
    CLASSIFIER_FILE,
    build_classifier,
    class_probabilities,
    classifier_from,
    load_classifier,
)
from rdlab.lab.data import Dataset, load_images  # noqa: E402
from rdlab.lab.errors import LabError  # noqa: E402

SEED = 0
EPOCHS = 8
BATCH_SIZE = 128
LEARNING_RATE = 2e-3


def train(data: Dataset) -> dict[str, Tensor]:
    """Return the weights after training on the training images, in half precision."""
    torch.manual_seed(SEED)
    model = build_classifier()
    optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE, fused=True)
    model.train()
    for epoch in range(EPOCHS):
        total = 0.0
        for indices in torch.randperm(len(data.train_images)).split(BATCH_SIZE):
            logits = model(data.train_images[indices])
            loss = cross_entropy(logits, data.train_labels[indices])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(indices)
        print(f"epoch {epoch + 1} of {EPOCHS}: loss {total / len(data.train_images):.3f}")
    return {name: value.half() for name, value in model.state_dict().items()}


def accuracy(classifier: nn.Module, images: Tensor, labels: Tensor) -> tuple[float, float]:
    """Return the share of images that are recognised, and the cross-entropy in nats."""
    probabilities = class_probabilities(classifier, images)
    hits = (probabilities.argmax(1) == labels).double().mean()
    surprise = -probabilities.gather(1, labels.unsqueeze(1)).log().double().mean()
    return hits.item(), surprise.item()


def report(classifier: nn.Module, data: Dataset) -> None:
    """Print size and accuracy on both halves of the sample."""
    print(f"{sum(value.numel() for value in classifier.parameters()):,} parameters")
    for name, images, labels in (
        ("training", data.train_images, data.train_labels),
        ("test", data.test_images, data.test_labels),
    ):
        hits, surprise = accuracy(classifier, images, labels)
        print(f"{name} images: accuracy {hits:.4f}, cross-entropy {surprise:.4f} nats")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing, measure")
    check = parser.parse_args().check
    try:
        data = load_images("sample", HERE)
        if check:
            report(load_classifier(HERE / CLASSIFIER_FILE), data)
            return 0
    except LabError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    state = train(data)
    content = save(state)
    (HERE / CLASSIFIER_FILE).write_bytes(content)
    report(classifier_from(state), data)
    print(f"SHA-256 {hashlib.sha256(content).hexdigest()}: write it into rdlab/lab/classifier.py")
    return 0


if __name__ == "__main__":
    sys.exit(main())
