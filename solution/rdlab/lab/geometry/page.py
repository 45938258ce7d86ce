"""The geometry of a run as one page for the browser: no server, no network. Given code.

The page carries the small model with two dimensions and runs its decoder itself, as the explorer
does with those of the sweep. Its parts are the files of page_parts/ and some of explorer_page/.
"""

import json
import os
import re
from pathlib import Path

import torch
from torch import Tensor

from rdlab.lab.data import Dataset
from rdlab.lab.explorer import PARTS as EXPLORER_PARTS
from rdlab.lab.explorer import pack, pack_decoder, pack_pixels
from rdlab.lab.figures import encode, one_of_each_class
from rdlab.lab.geometry.films import Film
from rdlab.lab.geometry.phases import kl_step_phases
from rdlab.lab.geometry.walking import STEPS
from rdlab.lab.runs import Run

PARTS = Path(__file__).with_name("page_parts")
TARGETS = 20
MAP_BETA = 1.0


def write_page(
    path: Path, run: Run, beta: float, data: Dataset, films: dict[int, Film], drawn: dict
) -> None:
    """Write geometry.html.

    Args:
        run, beta: the run of the sweep that is explored.
        films: by latent dimension; the map needs the one with two.
        drawn: what `command` measured: "space", "samplers", "walk", "rows", "plane".
    """
    if 2 not in films:
        print("geometry.html is left out: it needs the model with two dimensions")
        return
    facts = {
        "about": _about(run, beta, data),
        "image_shape": list(data.test_images.shape[1:]),
        "classes": list(data.classes),
        "map": _map(films[2], drawn["plane"], data),
        "films": [_film(films[d]) for d in (2, 3) if d in films],
        "phases": _phases([films[d] for d in films if d != 3]),
        "walk": _walk(drawn["walk"]),
        "samplers": [
            {"name": sampled.name, **{key: _short(v) for key, v in sampled.scores.items()}}
            for sampled in drawn["samplers"]
        ],
        "acceptance": [
            {**row, "acceptance": _short(row["acceptance"]), "energy": _short(row["energy"])}
            for row in drawn["rows"]
        ],
        "distances": [
            [_short(value) for value in row] for row in drawn["space"].distances.tolist()
        ],
        "volumes": [_short(value) for value in drawn["space"].volumes.tolist()],
        "between": _short(drawn["space"].between),
        "active": drawn["space"].active,
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
    """Six digits; None for what is not finite, which JSON cannot hold."""
    return float(f"{value:.6g}") if -1e300 < value < 1e300 else None


def _about(run: Run, beta: float, data: Dataset) -> str:
    return (
        f"The run at β = {beta:g} ({run.config['latent_dim']} latent dimensions) and small models "
        f"with two and three dimensions at β = {MAP_BETA:g}, trained on {run.config['data']} "
        f"({len(data.train_images):,} images)."
    )


def _map(film: Film, plane: tuple[Tensor, Tensor], data: Dataset) -> dict:
    """The model with two dimensions, its classes, and images to start chains for."""
    shown = one_of_each_class(data, TARGETS)
    mean, log_var = encode(film.model, data.test_images[shown])
    return {
        "beta": MAP_BETA,
        "latent_dim": 2,
        "decoder": pack_decoder(film.model.decoder, 2),
        "codes": pack(film.codes[-1].half().float().numpy()),
        "labels": film.labels.tolist(),
        "means": [[_short(value) for value in row] for row in plane[0].tolist()],
        "covariances": [
            [_short(value) for value in matrix.flatten().tolist()] for matrix in plane[1]
        ],
        "targets": pack_pixels(data.test_images[shown]),
        "target_labels": data.test_labels[shown].tolist(),
        "target_means": mean.flatten().tolist(),
        "target_log_vars": log_var.flatten().tolist(),
    }


def _film(film: Film) -> dict:
    """The frames of a training, in half precision."""
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
            "rates": [_short(rate) for rate in film.rates],
            "phases": kl_step_phases(film.rates),
        }
        for film in films
    ]


def _walk(made) -> dict:
    return {
        "order": made.order.tolist(),
        "steps": STEPS,
        "length": _short(made.length),
        "pictures": pack_pixels(made.pictures),
        "probabilities": pack((255 * made.probabilities).round().to(torch.uint8).numpy()),
    }
