"""What `python -m rdlab geometry` measures, in several processes side by side. Given code."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, cast

import torch
from tqdm import tqdm

from rdlab.lab.classifier import load_classifier
from rdlab.lab.data import Dataset, load_images
from rdlab.lab.errors import LabError
from rdlab.lab.figures import encode
from rdlab.lab.geometry import chains
from rdlab.lab.geometry.films import Film, film, film_config
from rdlab.lab.geometry.walking import Walk, surest_codes, walk_through
from rdlab.lab.parallel import side_by_side
from rdlab.lab.runs import Run, load_run, run_folder

IMAGE_SHAPE = [1, 28, 28]


class Source(NamedTuple):
    """A run of a sweep and the folder of its data, as every process loads them."""

    runs: Path
    beta: float
    data_folder: Path | None

    @property
    def sigma(self) -> float:
        """Standard deviation of a pixel: β = 2σ²."""
        return math.sqrt(self.beta / 2)

    def run(self) -> Run:
        """Load the run.

        Raises:
            LabError: it is missing, or is not for the grey images of 28 × 28 pixels.
        """
        folder = run_folder(self.runs, self.beta)
        run = load_run(folder)
        if list(run.config.get("image_shape", IMAGE_SHAPE)) != IMAGE_SHAPE:
            raise LabError(
                f"{folder} is not for grey images of 28 × 28 pixels, which the course's "
                "classifier needs: choose another sweep with --runs."
            )
        return run

    def data(self) -> Dataset:
        """Load what the run was trained on."""
        return load_images(self.run().config["data"], self.data_folder)


Part = tuple[str, tuple[int, str] | None]
"""What to measure, and for acceptances the set of images: how many, of which classes."""


class Measured(NamedTuple):
    """Acceptances, one row per set of images and step; the samplers; the walk.

    `energies` are the mean −ℓ along the chains of the third sampler, and `expected` that of codes
    of the encoder, in nats per image.
    """

    rows: list[dict]
    samplers: list[chains.Sampled]
    energies: list[float]
    expected: float
    walk: Walk


def measure(source: Source, jobs: int) -> Measured:
    """Measure everything that needs no training."""
    calls: list[tuple[Source, Part]] = [
        (source, ("acceptance", size)) for size in chains.image_sets(source.data())
    ]
    calls += [(source, ("samplers", None)), (source, ("walk", None))]
    calls.sort(key=lambda call: call[1][0] == "acceptance")  # the longest first
    found: dict[str, list] = {"acceptance": [], "samplers": [], "walk": []}
    results = side_by_side(measure_part, calls, jobs)
    for kind, value in tqdm(results, desc="chains and walk", total=len(calls), unit="part"):
        found[kind].append(value)
    rows = [row for part in found["acceptance"] for row in part]
    samplers, energies, expected = found["samplers"][0]
    return Measured(rows, samplers, energies, expected, found["walk"][0])


def measure_part(source: Source, part: Part) -> tuple[str, object]:
    """Measure one part, in a process of its own."""
    kind, size = part
    if size is not None:
        return kind, _acceptances(source, size)
    return kind, _samplers(source) if kind == "samplers" else _walk(source)


def _acceptances(source: Source, size: tuple[int, str]) -> list[dict]:
    """Measure the acceptance of every step for one set of images."""
    run, (count, classes) = source.run(), size
    images = chains.image_sets(source.data())[size]
    facts = {
        "images": len(images),
        "classes": classes,
        "chains": chains.CHAINS,
        "burn_in": chains.BURN_IN,
        "kept": chains.KEPT,
    }
    latent_dim, decode = run.config["latent_dim"], cast(Callable, run.model.decode)
    return [
        {
            "step": step,
            **facts,
            **chains.measure_acceptance(decode, images, latent_dim, step, source.sigma, seed=count),
        }
        for step in chains.STEPS
    ]


def _samplers(source: Source) -> tuple[list[chains.Sampled], list[float], float]:
    model, data = source.run().model, source.data()
    images = data.test_images[: chains.PICTURES]
    encodings = encode(model, images)
    samplers, energies = chains.three_samplers(
        model, encodings, data, load_classifier(), source.sigma
    )
    codes = chains.drawn_codes(*encodings)
    with torch.no_grad():
        fits = chains.image_log_likelihood(model.decode(codes), images, source.sigma)
    return samplers, energies, -fits.mean().item()


def _walk(source: Source) -> Walk:
    model, data, classifier = source.run().model, source.data(), load_classifier()
    codes = torch.cat([encode(model, x)[0] for x in (data.test_images, data.train_images)])
    waypoints = surest_codes(model, codes, classifier, len(data.classes))
    return walk_through(model, waypoints, classifier)


def make_films(source: Source, steps: dict[int, int], out: Path, jobs: int) -> dict[int, Film]:
    """Train the small models side by side, or read what is there.

    Args:
        steps: of training, by latent dimension.
        out: folder of the films.
    """
    configs = {d: film_config(d, count) for d, count in steps.items()}
    paths = {d: out / f"latent-{d}.safetensors" for d in steps}
    calls = [(source, configs[d], paths[d], line) for line, d in enumerate(sorted(steps))]
    for _ in side_by_side(make_film, calls, jobs):
        pass
    data = source.data()
    return {d: film(configs[d], data, paths[d]) for d in steps}


def make_film(source: Source, config: dict, path: Path, line: int) -> None:
    """Train and store one film, in a process of its own."""
    film(config, source.data(), path, line)
