"""python -m rdlab geometry: everything that the part measures, draws and hands in. Given code."""

import csv
import math
from collections.abc import Callable
from pathlib import Path

import matplotlib.pyplot as plt
import torch
from torch import nn

from rdlab.geometry import calibrated_beta, class_moments
from rdlab.lab.classifier import load_classifier
from rdlab.lab.data import Dataset, load_images
from rdlab.lab.errors import LabError
from rdlab.lab.figures import STYLE, encode, save
from rdlab.lab.geometry import GRADED_BETA, drawing, moving
from rdlab.lab.geometry import chains as chain_lab
from rdlab.lab.geometry.classes import ClassGeometry, class_geometry, write_classes
from rdlab.lab.geometry.films import Film, film, film_config
from rdlab.lab.geometry.page import write_page
from rdlab.lab.geometry.walking import Walk, surest_codes, walk_through, write_walk
from rdlab.lab.parallel import cores, side_by_side
from rdlab.lab.runs import BETAS, Run, load_run, run_folder

FILMS = {2: 1185, 3: 632, 8: 200, 32: 200}
"""Steps of training of each small model, by its number of latent dimensions."""
IMAGE_SHAPE = [1, 28, 28]


def geometry(
    runs: Path,
    out: Path,
    results: Path,
    *,
    beta: float = GRADED_BETA,
    other: float = 10.0,
    jobs: int | None = None,
    data_folder: Path | None = None,
    films: dict[int, int] | None = None,
) -> int:
    """Measure and draw the latent space of one run, and write what is handed in.

    Args:
        runs: folder of the sweep.
        out: folder of figures, tables, animations and the page.
        results: folder of walk.safetensors and pcn.csv; written where β is 2.
        beta, other: the run to explore, and the one beside it in the violin plots.
        films: steps of the small models by latent dimension (default: `FILMS`).

    Raises:
        LabError: a run is missing or is not for the grey images of 28 × 28 pixels.
    """
    run, beside = (_load(runs, price) for price in (beta, other))
    data = load_images(run.config["data"], data_folder)
    classifier = load_classifier()
    out.mkdir(parents=True, exist_ok=True)
    jobs = jobs or min(cores(), 4)
    steps = films or FILMS
    made = _films(steps, run.config["data"], data_folder, data, out / "films", jobs)
    rows = _acceptances(runs, beta, data_folder, data, jobs)
    drawn = _explore(run, beside, (beta, other), data, classifier, made, rows, out)
    _draw_films(made, data.classes, drawn["walk"], out, jobs)
    _calibrate(runs, out)
    if math.isclose(beta, GRADED_BETA):
        write_walk(drawn["walk"], results / "walk.safetensors", beta)
        chain_lab.write_acceptance(rows, results / "pcn.csv")
        print(f"wrote {results}: hand this folder in with {runs}")
    write_page(out / "geometry.html", run, beta, data, made, drawn)
    return 0


def _load(runs: Path, beta: float) -> Run:
    run = load_run(run_folder(runs, beta))
    if list(run.config.get("image_shape", IMAGE_SHAPE)) != IMAGE_SHAPE:
        raise LabError(
            f"{run_folder(runs, beta)} is not for grey images of 28 × 28 pixels, which the "
            "course's classifier needs: choose another sweep with --runs."
        )
    return run


def _films(steps, name, folder, data: Dataset, out: Path, jobs: int) -> dict[int, Film]:
    """Train the small models side by side and read their films."""
    configs = {d: film_config(d, count) for d, count in steps.items()}
    paths = {d: out / f"latent-{d}.safetensors" for d in steps}
    calls = [(configs[d], name, folder, paths[d], line) for line, d in enumerate(sorted(steps))]
    for _ in side_by_side(make_film, calls, jobs):
        pass
    return {d: film(configs[d], data, paths[d]) for d in steps}


def make_film(config: dict, name: str, folder: Path | None, path: Path, line: int) -> None:
    """Train and store one film, in a process of its own."""
    film(config, load_images(name, folder), path, line)


def _acceptances(runs: Path, beta: float, folder, data: Dataset, jobs: int) -> list[dict]:
    """Measure the acceptance for every set of images and step."""
    sets = list(chain_lab.image_sets(data))
    calls = [(runs, beta, folder, size) for size in sets]
    rows = []
    print("chains: ", end="", flush=True)
    for part in side_by_side(acceptance_of_set, calls, jobs):
        rows += part
        first = part[0]
        print(f"{first['images']} image(s) done; ", end="", flush=True)
    print()
    return rows


def acceptance_of_set(
    runs: Path, beta: float, folder: Path | None, size: tuple[int, str]
) -> list[dict]:
    """Measure the acceptance of all steps for one set of images, in a process of its own."""
    run = load_run(run_folder(runs, beta))
    data = load_images(run.config["data"], folder)
    images, sigma = chain_lab.image_sets(data)[size], math.sqrt(beta / 2)
    count, classes = size
    facts = {
        "images": len(images),
        "classes": classes,
        "chains": chain_lab.CHAINS,
        "burn_in": chain_lab.BURN_IN,
        "kept": chain_lab.KEPT,
    }
    return [
        {
            "step": step,
            **facts,
            **chain_lab.measure_acceptance(
                run.model.decode, images, run.config["latent_dim"], step, sigma, seed=count
            ),
        }
        for step in chain_lab.STEPS
    ]


def _explore(run, beside, betas, data, classifier, films, rows, out: Path) -> dict:
    """Draw every still figure; returns what the page shows as well."""
    beta, other = betas
    encodings = encode(run.model, data.test_images)
    space = class_geometry(*encodings, data.test_labels, len(data.classes))
    sigma = math.sqrt(beta / 2)
    samplers, energies = chain_lab.three_samplers(run.model, encodings, data, classifier, sigma)
    candidates = torch.cat([encodings[0], encode(run.model, data.train_images)[0]])
    waypoints = surest_codes(run.model, candidates, classifier, len(data.classes))
    made = walk_through(run.model, waypoints, classifier)
    codes = drawing.drawn_codes(*encodings)
    beside_codes = drawing.drawn_codes(*encode(beside.model, data.test_images))
    plane = _plane(films[2].model, data) if 2 in films else None
    one, two = {f"β = {beta:g}": codes}, {f"β = {beta:g}": codes, f"β = {other:g}": beside_codes}
    expected = _energy_of_codes(run.model, encodings, data, sigma)
    figures: dict[str, Callable[[], plt.Figure]] = {
        "samplers": lambda: drawing.plot_samplers(samplers),
        "acceptance": lambda: drawing.plot_acceptance(rows),
        "chain_energy": lambda: drawing.plot_chain_energy(energies, expected),
        "class_distances": lambda: drawing.plot_distances(space, data.classes),
        "class_volumes": lambda: drawing.plot_volumes(space, data.classes),
        "class_covariances": lambda: drawing.plot_covariances(space, data.classes),
        "violins": lambda: drawing.plot_violins(one, space.active),
        "violins_two_runs": lambda: drawing.plot_violins(two, space.active),
        "violins_polar": lambda: drawing.plot_polar(two, space.active),
        "kl_phases": lambda: drawing.plot_phases([films[d] for d in films if d != 3]),
        "walk": lambda: drawing.plot_walk(made, data.classes),
    }
    if plane:
        figures["latent_plane"] = lambda: drawing.plot_plane(films[2], data.classes, *plane)
    with plt.rc_context(STYLE):
        for name, draw in figures.items():
            save(draw(), out / f"{name}.png")
    write_classes(space, data.classes, out)
    _write_scores(samplers, out / "samplers.csv")
    _report(space, made, data.classes)
    return {"space": space, "samplers": samplers, "walk": made, "rows": rows, "plane": plane,
            "classifier": classifier, "sigma": sigma}  # fmt: skip


@torch.no_grad()
def _plane(model: nn.Module, data: Dataset):
    """Class moments of the model with two dimensions, on all test images."""
    mean, log_var = encode(model, data.test_images)
    return class_moments(mean.double(), log_var.double(), data.test_labels, len(data.classes))


@torch.no_grad()
def _energy_of_codes(model, encodings, data: Dataset, sigma: float) -> float:
    """Mean −ℓ of codes drawn by the encoder, each for its own image."""
    codes = drawing.drawn_codes(*encodings, chain_lab.PICTURES)
    images = data.test_images[: chain_lab.PICTURES]
    return -chain_lab.image_log_likelihood(model.decode(codes), images, sigma).mean().item()


def _write_scores(samplers, path: Path) -> None:
    keys = ("inception_score", "confidence", "classes", "nearest", "acceptance")
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["sampler", *keys])
        for sampled in samplers:
            values = [sampled.scores.get(key) for key in keys]
            writer.writerow([sampled.name, *("" if v is None else f"{v:.6g}" for v in values)])


def _report(space: ClassGeometry, made: Walk, names: tuple[str, ...]) -> None:
    far = int(space.distances.flatten().argmax())
    near = space.distances.clone().fill_diagonal_(math.inf)
    pairs = [divmod(far, len(names)), divmod(int(near.flatten().argmin()), len(names))]
    words = [f"{names[a]} and {names[b]}" for a, b in pairs]
    print(
        f"{len(space.active)} active dimensions; {space.between:.0%} of their variance lies "
        f"between the class means; farthest: {words[0]}; nearest: {words[1]}"
    )
    print(f"the walk is {made.length:.2f} long and shows {made.classes_seen} classes")


def _draw_films(films: dict[int, Film], names, made: Walk, out: Path, jobs: int) -> None:
    """Write the animations, side by side."""
    calls = [
        (moving.write_training, films[d], names, out / f"training_{d}d.gif", line)
        for line, d in enumerate(d for d in (2, 3) if d in films)
    ]
    calls.append((moving.write_walk_film, made, names, out / "walk.gif", len(calls)))
    for _ in side_by_side(_apply, calls, jobs):
        pass
    print(f"wrote {', '.join(call[3].name for call in calls)} to {out}")


def _apply(function: Callable, *arguments) -> None:
    function(*arguments)


def _calibrate(runs: Path, out: Path) -> None:
    """Draw 2D/n against β for the runs of the sweep that are there."""
    folders = {beta: run_folder(runs, beta) for beta in BETAS}
    points = []
    for beta, folder in folders.items():
        if folder.is_dir():
            run = load_run(folder)
            pixels = math.prod(run.config.get("image_shape", IMAGE_SHAPE))
            distortion = run.metrics[-1]["test_distortion"]
            points.append((beta, float(calibrated_beta(distortion, pixels)), pixels))
    with plt.rc_context(STYLE):
        figure = drawing.plot_calibration(points, [beta for beta, _, _ in points])
        save(figure, out / "calibrated_beta.png")
