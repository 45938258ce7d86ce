"""Training one network of part 4. Given code: it calls your functions."""

from pathlib import Path

import torch
from torch import Tensor, nn

from rdlab.lab.data import Dataset
from rdlab.lab.epochs import Row, begin, checkpointed_epochs
from rdlab.lab.foundations import folders
from rdlab.lab.foundations.losses import batch_loss, evaluate, prepare
from rdlab.lab.foundations.measure import summarise
from rdlab.lab.foundations.pictures import reconstruction_sheet, sample_sheet
from rdlab.lab.runs import claimed

PICTURES_EVERY = 10


def train_run(folder: Path, config: dict, data: Dataset, device: torch.device) -> None:
    """Train one network and write its folder; a finished one is kept.

    Stopped at any moment, it loses at most the epoch it is in.

    Args:
        folder: the run's folder-to-be.
        config: "type", its sizes, "data", "epochs", "batch_size", "learning_rate", "mc_samples",
            "seed", and "sigma" of a Gaussian type.

    Raises:
        LabError: the loss is no longer finite, or the folder holds another run or is in use.
    """
    with claimed(folder):
        if folders.is_finished(folder, config):
            return
        model, rows, sheets = _train(folder, config, data, device)
        summary = summarise(model, config, data)
        metrics = [
            {**row, "epoch": row["epoch"] - 1, "lr": config["learning_rate"]} for row in rows
        ]  # the field counts these epochs from 0
        folders.write(folder, config, metrics, summary, model.cpu(), sheets)


def _train(
    folder: Path, config: dict, data: Dataset, device: torch.device
) -> tuple[nn.Module, list[Row], dict[str, Tensor]]:
    begin(config["seed"])
    model = folders.build(config).to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=config["learning_rate"], fused=True)
    train_images = data.train_images
    if train_images.dtype != torch.uint8:  # once for all epochs; photographs would take too much
        train_images = prepare(train_images, config, model)
    sheets: dict[str, Tensor] = {}

    def one_epoch(epoch: int) -> Row:
        return {"train_loss": train_epoch(model, train_images, config, optimizer)}

    def measure(epoch: int, last: bool) -> Row:
        if last or epoch % PICTURES_EVERY in (0, 1):
            sheets[f"reconstruction_{epoch - 1}"] = reconstruction_sheet(model, config, data)
            sheets[f"sample_{epoch - 1}"] = sample_sheet(model, config, data)
        return {"test_loss": evaluate(model, data.test_images, config, precise=last)}

    rows = checkpointed_epochs(
        folder, config, model, optimizer, one_epoch, measure, name=folder.name, gathered=sheets
    )
    return model, rows, sheets


def train_epoch(
    model: nn.Module, images: Tensor, config: dict, optimizer: torch.optim.Optimizer
) -> float:
    """Pass once over the training images in a new order; return the running mean of the loss.

    Args:
        images: prepared, or as bytes, which are prepared batch by batch.
    """
    model.train()
    total = torch.zeros(())
    for indices in torch.randperm(len(images)).split(config["batch_size"]):
        x = images[indices.to(images.device)]
        x = prepare(x, config, model) if x.dtype == torch.uint8 else x
        loss = batch_loss(model, x, config)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total = total + loss.detach() * len(indices)  # on the device: no wait in each step
    return float(total) / len(images)
