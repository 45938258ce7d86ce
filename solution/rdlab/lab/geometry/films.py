"""Small models, filmed while they train: where their codes are, and R step by step. Given code."""

import json
from pathlib import Path
from typing import NamedTuple

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn
from tqdm import tqdm

from rdlab.gaussian import gaussian_kl, reparameterize
from rdlab.lab.data import Dataset
from rdlab.lab.errors import LabError
from rdlab.lab.models import build_model, load_state
from rdlab.lab.runs import round_to_half
from rdlab.lab.train import LEARNING_RATE, LowPrecision
from rdlab.objective import beta_vae_loss

FIRST_STEPS = 200
BATCH_SIZE = 128
IMAGES_PER_CLASS = 40
EARLY_FRAMES = (
    0,
    2,
    4,
    6,
    8,
    11,
    14,
    17,
    20,
    24,
    28,
    33,
    38,
    44,
    50,
    60,
    70,
    85,
    100,
    120,
    150,
    180,
)
FRAMES_AFTER = 40  # steps between two later frames


class Film(NamedTuple):
    """A training, filmed.

    `steps` has the step of each frame, `codes` the posterior means of some test images, shape
    (frames, images, d), `labels` their classes, and `rates` R in nats of the batch of each of the
    first steps. `model` is trained, its weights rounded to half precision.
    """

    latent_dim: int
    steps: list[int]
    codes: Tensor
    labels: Tensor
    rates: list[float]
    model: nn.Module


def film_config(latent_dim: int, steps: int) -> dict:
    """Return the configuration of the small model with `latent_dim` dimensions at β = 1."""
    return {
        "model": "mlp",
        "hidden": [512, 256],
        "latent_dim": latent_dim,
        "beta": 1.0,
        "steps": steps,
        "seed": 0,
        "batch_size": BATCH_SIZE,
    }


def filmed_images(data: Dataset) -> tuple[Tensor, Tensor]:
    """Return the test images that are filmed, the same number of each class, and their labels."""
    rows = [
        (data.test_labels == label).nonzero().flatten()[:IMAGES_PER_CLASS]
        for label in range(len(data.classes))
    ]
    chosen = torch.cat(rows)
    return data.test_images[chosen], data.test_labels[chosen]


def film(config: dict, data: Dataset, path: Path, position: int | None = None) -> Film:
    """Return the film of a training: the stored one if there is one of this very config.

    Args:
        path: of the stored film, a safetensors file.
        position: line of the progress bar.

    Raises:
        LabError: the stored film is damaged.
    """
    stored = read_film(path, config)
    if stored is not None:
        return stored
    made = _train(config, data, position)
    path.parent.mkdir(parents=True, exist_ok=True)
    tensors = {f"model.{name}": value.half() for name, value in made.model.state_dict().items()}
    tensors |= {
        "codes": made.codes.half(),
        "labels": made.labels,
        "steps": torch.tensor(made.steps),
        "rates": torch.tensor(made.rates),
    }
    save_file(tensors, path, metadata={"config": json.dumps(config)})
    film = read_film(path, config)
    assert film is not None, "the film that was just written"
    return film


def read_film(path: Path, config: dict) -> Film | None:
    """Return the stored film of this very config, or None where there is none.

    Raises:
        LabError: the file is damaged.
    """
    if not path.exists():
        return None
    try:
        with safe_open(path, "pt") as file:
            if json.loads((file.metadata() or {}).get("config", "null")) != config:
                return None
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        weights = {
            name.removeprefix("model."): value
            for name, value in tensors.items()
            if name.startswith("model.")
        }
        model = build_model(config)
        load_state(model, weights)
        return Film(
            config["latent_dim"],
            tensors["steps"].tolist(),
            tensors["codes"].float(),
            tensors["labels"],
            tensors["rates"].tolist(),
            model.eval().requires_grad_(False),
        )
    except (OSError, ValueError, KeyError, SafetensorError, LabError) as error:
        raise LabError(f"{path} is damaged ({error}): delete it and run again.") from error


def _train(config: dict, data: Dataset, position: int | None) -> Film:
    torch.manual_seed(config["seed"])
    torch.set_flush_denormal(True)
    model = build_model(config)
    fast = LowPrecision(model, torch.device("cpu"))
    optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE, fused=True)
    images, labels = filmed_images(data)
    steps, codes, rates = [0], [_means(fast, images)], []
    batches = _batches(data.train_images, config["batch_size"])
    bar = tqdm(
        range(1, config["steps"] + 1),
        desc=f"training with d = {config['latent_dim']}",
        unit="step",
        position=position,
        mininterval=1,
    )
    for step in bar:
        rate = _train_step(fast, next(batches), config["beta"], optimizer)
        if step <= FIRST_STEPS:
            rates.append(rate.item())
        if step == config["steps"]:
            round_to_half(model)
        if step in EARLY_FRAMES or step % FRAMES_AFTER == 0 or step == config["steps"]:
            steps.append(step)
            codes.append(_means(fast, images))
    return Film(config["latent_dim"], steps, torch.stack(codes), labels, rates, model.eval())


def _train_step(model: nn.Module, x: Tensor, beta: float, optimizer) -> Tensor:
    """Take one step; return R of the batch before it, in nats."""
    mean, log_var = model.encode(x)
    z = reparameterize(mean, log_var, torch.randn_like(mean))
    loss = beta_vae_loss(x, model.decode(z), mean, log_var, beta)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return gaussian_kl(mean.detach(), log_var.detach()).sum(1).mean()


def _batches(images: Tensor, size: int):
    while True:
        for indices in torch.randperm(len(images)).split(size):
            yield images[indices]


@torch.no_grad()
def _means(model: nn.Module, images: Tensor) -> Tensor:
    return model.encode(images)[0]
