"""Training one β-VAE, and the sweep over β. Given code: it calls your functions."""

import math
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from tqdm import tqdm

from rdlab.conditions import violations
from rdlab.data import Dataset, load_images
from rdlab.errors import LabError
from rdlab.evaluation import rate_and_distortion
from rdlab.gaussian import reparameterize
from rdlab.models import build_model
from rdlab.objective import beta_vae_loss
from rdlab.runs import (
    COLUMNS,
    is_finished,
    read_metrics,
    round_to_half,
    run_folder,
    write_run,
)
from rdlab.torchvision_compat import import_torchvision

EVALUATION_BATCH = 1000
LEARNING_RATE = 1e-3


def sweep(
    settings: dict,
    betas: Sequence[float],
    out: Path,
    *,
    data_folder: Path | None = None,
    device: str | None = None,
) -> None:
    """Train one model per β and write each to its folder in `out`; finished runs are kept.

    Args:
        settings: the config of every run but for beta and versions: "model" and its sizes (see
            `build_model`), "data", "epochs", "batch_size", "seed", "augment".
        betas: the prices of a nat to train at.
        out: folder of the run folders.
        data_folder: see `load_images`.
        device: where to train; None is the accelerator if there is one.

    Raises:
        LabError: a setting is out of range, a folder holds another run, or training diverged.
    """
    build_model(settings)
    configs = [{**settings, "beta": float(beta), "versions": _versions()} for beta in betas]
    unfinished = []
    for config in configs:  # look at every folder before the first long training
        folder = run_folder(out, config["beta"])
        if is_finished(folder, config):
            print(f"{folder} is finished and is kept.")
        else:
            unfinished.append((folder, config))
    chosen = _device(device)
    data = load_images(settings["data"], data_folder)
    for folder, config in unfinished:
        model, metrics = train(config, data, chosen)
        write_run(folder, config, metrics, model)
        last = metrics[-1]
        rate, distortion = last["test_rate"], last["test_distortion"]
        print(f"{folder}: R = {rate:.2f} nats, D = {distortion:.2f} on the test set")
    _print_conditions({beta: run_folder(out, beta) for beta in betas}, data)


def _print_conditions(folders: dict[float, Path], data: Dataset) -> None:
    last = {beta: read_metrics(folder)[-1] for beta, folder in folders.items()}
    points = {beta: (row["test_rate"], row["test_distortion"]) for beta, row in last.items()}
    broken = violations(points, data.test_images)
    for line in broken:
        print(f"not yet as it must be: {line}")
    if not broken:
        print("These runs satisfy what the grader asks of R and D.")


def train(
    config: dict, data: Dataset, device: torch.device
) -> tuple[nn.Module, list[dict[str, float]]]:
    """Train one model; its weights end rounded to half precision, as they are stored.

    Returns:
        (model, metrics): the metrics have one row per epoch with the columns of `runs.COLUMNS`.
    """
    torch.manual_seed(config["seed"])
    torch.set_flush_denormal(True)
    model = build_model(config).to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE, fused=True)
    train_images, test_images = data.train_images.to(device), data.test_images.to(device)
    augment = augmentation() if config["augment"] else None
    metrics = []
    epochs = range(1, config["epochs"] + 1)
    for epoch in (bar := tqdm(epochs, desc=f"β = {config['beta']:<4g}", unit="epoch")):
        start = time.perf_counter()
        batches = _shuffled_batches(train_images, config["batch_size"], augment)
        loss = train_epoch(model, batches, config["beta"], optimizer)
        seconds = time.perf_counter() - start
        if epoch == config["epochs"]:
            round_to_half(model)
        rate, distortion = rate_and_distortion(model, test_images.split(EVALUATION_BATCH))
        _refuse_divergence(config["beta"], epoch, loss, rate, distortion)
        row = (epoch, loss, seconds, rate, distortion)
        metrics.append(dict(zip(COLUMNS, row, strict=True)))
        bar.set_postfix_str(f"R {rate:.2f} nats, D {distortion:.2f}")
    return model, metrics


def train_epoch(model: nn.Module, batches, beta: float, optimizer: torch.optim.Optimizer) -> float:
    """One pass over the image batches; returns the loss averaged over the images."""
    model.train()
    total, images = 0.0, 0
    for x in batches:
        with _low_precision(x.device):
            mean, log_var = model.encode(x)
        mean, log_var = mean.float(), log_var.float()
        z = reparameterize(mean, log_var, torch.randn_like(mean))
        with _low_precision(x.device):
            x_hat = model.decode(z)
        loss = beta_vae_loss(x, x_hat.float(), mean, log_var, beta)
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


def _low_precision(device: torch.device) -> torch.autocast:
    """bfloat16 for the networks, where the processor has instructions for it."""
    cpu = torch.cpu.get_capabilities()
    enabled = device.type == "cpu" and bool(cpu.get("avx512_bf16") or cpu.get("amx_bf16"))
    return torch.autocast("cpu", torch.bfloat16, enabled=enabled)


def _device(name: str | None) -> torch.device:
    """The named device, or the best there is; a small tensor shows that it works."""
    if name is None:
        accelerator = torch.accelerator.current_accelerator(check_available=True)
        return accelerator or torch.device("cpu")
    try:
        torch.zeros(1, device=name).item()
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        raise LabError(f"there is no device {name!r} here: leave --device out.") from error
    return torch.device(name)


def _refuse_divergence(beta: float, epoch: int, *values: float) -> None:
    if not all(math.isfinite(value) for value in values):
        raise LabError(
            f"training at β = {beta:g} is no longer finite after epoch {epoch}: check tasks 1.1 "
            "to 1.4 with `python -m rdlab check`."
        )


def _versions() -> dict[str, str]:
    return {"torch": torch.__version__, "numpy": np.__version__}
