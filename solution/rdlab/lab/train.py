"""Training one β-VAE. Given code: it calls your functions."""

import copy
from collections.abc import Callable, Iterable
from pathlib import Path

import torch
from torch import Tensor, nn

from rdlab.evaluation import rate_and_distortion
from rdlab.gaussian import reparameterize
from rdlab.lab.data import Dataset
from rdlab.lab.epochs import begin, checkpointed_epochs, low_precision, shuffled_batches
from rdlab.lab.models import build_model
from rdlab.lab.torchvision_compat import import_torchvision
from rdlab.objective import beta_vae_loss

EVALUATION_BATCH = 1000
LEARNING_RATE = 1e-3


def train(
    config: dict,
    data: Dataset,
    device: torch.device,
    *,
    folder: Path | None = None,
) -> tuple[nn.Module, list[dict[str, float]]]:
    """Train one model; see `checkpointed_epochs` for the folder.

    Args:
        config: see `sweep.sweep`, with "beta".

    Returns:
        (model, metrics): the metrics have one row per epoch with the columns of `runs.COLUMNS`.

    Raises:
        LabError: the loss or a metric is no longer finite, or the checkpoint is of another run.
    """
    begin(config["seed"])
    model = build_model(config).to(device)
    fast = LowPrecision(model, device)
    optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE, fused=True)
    train_images = data.train_images.to(device)
    # Apple's MPS has no double precision, which your task 1.4 may well sum in.
    place = torch.device("cpu") if device.type == "mps" else device
    test_images = data.test_images.to(place)
    augment = augmentation() if config["augment"] else None

    def one_epoch(epoch: int) -> dict[str, float]:
        batches = shuffled_batches(train_images, config["batch_size"], augment)
        return {"loss": train_epoch(fast, batches, config["beta"], optimizer)}

    def measure(epoch: int, last: bool) -> dict[str, float]:
        measured: nn.Module = model if last else fast  # what is kept, to the last digit
        if place != device:
            measured = copy.deepcopy(model).to(place)
        rate, distortion = rate_and_distortion(measured, test_images.split(EVALUATION_BATCH))
        return {"test_rate": rate, "test_distortion": distortion}

    name = f"β = {config['beta']:g}"
    metrics = checkpointed_epochs(folder, config, model, optimizer, one_epoch, measure, name=name)
    return model, metrics


def train_epoch(
    model: nn.Module, batches: Iterable[Tensor], beta: float, optimizer: torch.optim.Optimizer
) -> float:
    """Train one pass over the image batches; return the loss averaged over the images."""
    model.train()
    total: float | Tensor = 0.0
    images = 0
    for x in batches:
        mean, log_var = model.encode(x)
        z = reparameterize(mean, log_var, torch.randn_like(mean))
        loss = beta_vae_loss(x, model.decode(z), mean, log_var, beta)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.detach() * len(x)  # stays on the device: no wait for it in each step
        images += len(x)
    return float(total) / images


def augmentation() -> Callable[[Tensor], Tensor]:
    """Return random mirroring and shifting by up to two pixels, drawn afresh for each image."""
    v2 = import_torchvision("torchvision.transforms.v2")
    one = v2.Compose([v2.RandomHorizontalFlip(), v2.RandomAffine(0, translate=(2 / 28, 2 / 28))])
    return lambda batch: torch.stack([one(image) for image in batch])


class LowPrecision(nn.Module):
    """A model computed in bfloat16 where the processor has instructions for it.

    Takes and returns float32. On the sweep's results the difference is less than the seed's.
    """

    def __init__(self, model: nn.Module, device: torch.device):
        super().__init__()
        self.model = model
        self.device = device

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return the model's mean and log-variance."""
        with low_precision(self.device):
            mean, log_var = self.model.encode(x)
        return mean.float(), log_var.float()

    def decode(self, z: Tensor) -> Tensor:
        """Return the model's reconstructions."""
        with low_precision(self.device):
            return self.model.decode(z).float()
