"""The geometry of a run as one page for the browser: no server, no network. Given code.

The page carries the small model with two dimensions and runs its decoder itself, as the explorer
does with those of the sweep. Its parts are the files of page_parts/ and some of explorer_page/.
"""

import json
import math
import os
import re
from pathlib import Path
from typing import cast

import torch
from torch import Tensor, nn

from rdlab.lab.data import Dataset
from rdlab.lab.explorer import PARTS as EXPLORER_PARTS
from rdlab.lab.explorer import pack, pack_decoder, pack_pixels
from rdlab.lab.figures import encode, one_of_each_class
from rdlab.lab.geometry.films import Film
from rdlab.lab.geometry.measuring import Measured, Source
from rdlab.lab.geometry.phases import kl_step_phases
from rdlab.lab.geometry.walking import STEPS, Walk

PARTS = Path(__file__).with_name("page_parts")
TARGETS = 20
MAP_BETA = 1.0


def write_page(
    path: Path,
    source: Source,
    data: Dataset,
    films: dict[int, Film],
    measured: Measured,
    space,
) -> None:
    """Write geometry.html.

    Args:
        source: the run of the sweep that is explored.
        films: by latent dimension.
        space: a `command.Space`.
    """
    facts = {
        "about": _about(source, data),
        "image_shape": list(data.test_images.shape[1:]),
        "classes": list(data.classes),
        "map": _map(films[2], space.plane, data),
        "films": [_film(films[d]) for d in (2, 3)],
        "phases": _phases([film for d, film in films.items() if d != 3]),
        "walk": _walk(measured.walk),
        "samplers": [
            {"name": sampled.name, **{key: _short(v) for key, v in sampled.scores.items()}}
            for sampled in measured.samplers
        ],
        "acceptance": [_short_row(row) for row in measured.rows],
        "distances": [_short_list(row) for row in space.classes.distances.tolist()],
        "volumes": _short_list(space.classes.volumes.tolist()),
        "between": _short(space.classes.between),
        "active": space.classes.active,
    }
    page = fill(facts)
    partial = path.with_name(f".{path.name}.partial")
    partial.write_bytes(page)
    os.replace(partial, path)
    print(f"wrote {path} ({len(page) / 1e6:.1f} MB): open it in a browser")


def fill(facts: dict) -> bytes:
    """Return index.html with the other parts and the facts in their places."""
    text = json.dumps(facts, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")

    def part(match: re.Match) -> str:
        name = match[1]
        if name == "facts.json":
            return text
        own = PARTS / name
        return (own if own.exists() else EXPLORER_PARTS / name).read_text(encoding="utf-8")

    page = (PARTS / "index.html").read_text(encoding="utf-8")
    return re.sub(r"\{\{ ([\w.-]+) \}\}", part, page).encode()


def _short(value: float) -> float | None:
    """Return the value to six digits, or None for what is not finite, which JSON cannot hold."""
    return float(f"{value:.6g}") if math.isfinite(value) else None


def _short_list(values) -> list[float | None]:
    return [_short(value) for value in values]


def _short_row(row: dict) -> dict:
    return {**row, "acceptance": _short(row["acceptance"]), "energy": _short(row["energy"])}


def _about(source: Source, data: Dataset) -> str:
    config = source.run().config
    return (
        f"The run at β = {source.beta:g} ({config['latent_dim']} latent dimensions) and small "
        f"models with two and three dimensions at β = {MAP_BETA:g}, trained on {config['data']} "
        f"({len(data.train_images):,} images)."
    )


def _map(film: Film, plane: tuple[Tensor, Tensor], data: Dataset) -> dict:
    """Return the model with two dimensions, its classes, and images to start chains for."""
    shown = one_of_each_class(data, TARGETS)
    mean, log_var = encode(film.model, data.test_images[shown])
    return {
        "beta": MAP_BETA,
        "latent_dim": 2,
        "decoder": pack_decoder(cast(nn.Sequential, film.model.decoder), 2),
        "codes": pack(film.codes[-1].half().float().numpy()),
        "labels": film.labels.tolist(),
        "means": [_short_list(row) for row in plane[0].tolist()],
        "covariances": [_short_list(matrix.flatten().tolist()) for matrix in plane[1]],
        "targets": pack_pixels(data.test_images[shown]),
        "target_labels": data.test_labels[shown].tolist(),
        "target_means": mean.flatten().tolist(),
        "target_log_vars": log_var.flatten().tolist(),
    }


def _film(film: Film) -> dict:
    """Return the frames of a training, in half precision."""
    return {
        "latent_dim": film.latent_dim,
        "steps": film.steps,
        "codes": pack(film.codes.half().float().numpy()),
        "labels": film.labels.tolist(),
    }


def _phases(films: list[Film]) -> list[dict]:
    return [
        {
            "latent_dim": film.latent_dim,
            "rates": _short_list(film.rates),
            "phases": kl_step_phases(film.rates),
        }
        for film in films
    ]


def _walk(made: Walk) -> dict:
    return {
        "order": made.order.tolist(),
        "steps": STEPS,
        "length": _short(made.length),
        "pictures": pack_pixels(made.pictures),
        "probabilities": pack((255 * made.probabilities).round().to(torch.uint8).numpy()),
    }
