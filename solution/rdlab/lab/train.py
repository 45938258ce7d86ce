"""Training one β-VAE. Given code: it calls your functions."""

import math
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor, nn
from tqdm import tqdm

from rdlab.evaluation import rate_and_distortion
from rdlab.gaussian import reparameterize
from rdlab.lab.data import Dataset
from rdlab.lab.errors import LabError
from rdlab.lab.models import build_model
from rdlab.lab.runs import COLUMNS, read_checkpoint, round_to_half, write_checkpoint
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
    position: int | None = None,
) -> tuple[nn.Module, list[dict[str, float]]]:
    """Train one model; its weights end rounded to half precision, as they are stored.

    Args:
        config: see `sweep.sweep`, with "beta".
        folder: the run's folder-to-be. Training goes on from the checkpoint beside it, if there
            is one, and leaves one there after each epoch; the result is the same.
        position: line of the progress bar, where several models train at once.

    Returns:
        (model, metrics): the metrics have one row per epoch with the columns of `runs.COLUMNS`.

    Raises:
        LabError: the loss or a metric is no longer finite, or the checkpoint is of another run.
    """
    torch.manual_seed(config["seed"])
    torch.set_flush_denormal(True)  # Adam's moments decay into denormals, twice as slow
    model = build_model(config).to(device)
    fast = LowPrecision(model, device)
    optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE, fused=True)
    metrics = _resume(folder, config, model, optimizer, device) if folder else []
    train_images, test_images = data.train_images.to(device), data.test_images.to(device)
    augment = augmentation() if config["augment"] else None
    bar = tqdm(
        range(len(metrics) + 1, config["epochs"] + 1),
        desc=f"β = {config['beta']:<4g}",
        unit="epoch",
        initial=len(metrics),
        total=config["epochs"],
        position=position,
    )
    for epoch in bar:
        start = time.perf_counter()
        batches = _shuffled_batches(train_images, config["batch_size"], augment)
        loss = train_epoch(fast, batches, config["beta"], optimizer)
        seconds = time.perf_counter() - start
        if last := epoch == config["epochs"]:
            round_to_half(model)
        measured = model if last else fast  # the results that are kept, to the last digit
        rate, distortion = rate_and_distortion(measured, test_images.split(EVALUATION_BATCH))
        _refuse_divergence(config["beta"], epoch, loss, rate, distortion)
        row = (epoch, loss, seconds, rate, distortion)
        metrics.append(dict(zip(COLUMNS, row, strict=True)))
        bar.set_postfix_str(f"R {rate:.2f} nats, D {distortion:.2f}")
        if folder:
            _keep(folder, config, model, optimizer, device, metrics)
    return model, metrics


def _keep(folder, config, model, optimizer, device, metrics) -> None:
    """Write down all that the next epochs depend on."""
    random = [torch.get_rng_state()]
    if device.type != "cpu":
        random.append(torch.get_device_module(device).get_rng_state())
    state = {"model": model.state_dict(), "optimizer": optimizer.state_dict()}
    write_checkpoint(folder, config, {**state, "random": random, "metrics": metrics})


def _resume(folder, config, model, optimizer, device) -> list[dict[str, float]]:
    """Put back what `_keep` wrote down; returns the metrics of the epochs that are done."""
    state = read_checkpoint(folder, config)
    if state is None:
        return []
    model.load_state_dict(state["model"])
    optimizer.load_state_dict(state["optimizer"])
    torch.set_rng_state(state["random"][0])
    if device.type != "cpu":
        torch.get_device_module(device).set_rng_state(state["random"][-1])
    return state["metrics"]


def train_epoch(model: nn.Module, batches, beta: float, optimizer: torch.optim.Optimizer) -> float:
    """One pass over the image batches; returns the loss averaged over the images."""
    model.train()
    total, images = 0.0, 0
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


def _shuffled_batches(images: Tensor, size: int, augment: Callable[[Tensor], Tensor] | None):
    for indices in torch.randperm(len(images)).to(images.device).split(size):
        yield augment(images[indices]) if augment else images[indices]


def augmentation() -> Callable[[Tensor], Tensor]:
    """Random mirror images and shifts by up to two pixels, drawn afresh for each image."""
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
        cpu = torch.cpu.get_capabilities()
        self.enabled = device.type == "cpu" and bool(cpu.get("avx512_bf16") or cpu.get("amx_bf16"))

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """As the model's."""
        with torch.autocast("cpu", torch.bfloat16, enabled=self.enabled):
            mean, log_var = self.model.encode(x)
        return mean.float(), log_var.float()

    def decode(self, z: Tensor) -> Tensor:
        """As the model's."""
        with torch.autocast("cpu", torch.bfloat16, enabled=self.enabled):
            return self.model.decode(z).float()


def _refuse_divergence(beta: float, epoch: int, *values: float) -> None:
    if not all(math.isfinite(value) for value in values):
        raise LabError(
            f"training at β = {beta:g} is no longer finite after epoch {epoch}: check tasks 1.1 "
            "to 1.4 with `python -m rdlab check`."
        )
