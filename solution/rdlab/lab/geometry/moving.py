"""Animations as GIF files: the latent space in training, and the walk. Given code."""

from collections.abc import Iterable
from io import BytesIO
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
from PIL import Image
from tqdm import tqdm

from rdlab.lab.geometry.drawing import scatter_classes, show_picture
from rdlab.lab.geometry.films import Film
from rdlab.lab.geometry.walking import Walk

MILLISECONDS = 160
DPI = 80


def write_training(film: Film, names: tuple[str, ...], path: Path, position: int | None = None):
    """Write the codes of the filmed images, frame by frame; in three dimensions they turn."""
    width = film.codes.abs().flatten(0, 1).quantile(0.995, dim=0).max().item()
    flat = film.latent_dim == 2

    def frames():
        for frame, step in enumerate(film.steps):
            figure = plt.figure(figsize=(6.4, 4.8), layout="constrained")
            axes = figure.add_subplot(projection=None if flat else "3d")
            scatter_classes(axes, film.codes[frame], film.labels, names)
            axes.set(xlim=(-width, width), ylim=(-width, width))
            if not flat:
                axes.set(zlim=(-width, width), zlabel="z2")
                axes.view_init(elev=20, azim=3 * frame)
            axes.set_title(f"step {step}")
            axes.legend(fontsize=7, loc="center left", bbox_to_anchor=(1.0, 0.5))
            yield figure

    write_gif(frames(), len(film.steps), path, position)


def write_walk_film(made: Walk, names: tuple[str, ...], path: Path, position: int | None = None):
    """Write the picture of every second place with the class that the classifier sees."""
    shown = range(0, len(made.places), 2)

    def frames():
        for place in shown:
            figure, axes = plt.subplots(figsize=(2.6, 3.0), layout="constrained")
            show_picture(axes, made.pictures[place])
            probability, label = made.probabilities[place].max(0)
            axes.set_title(f"{names[label]} ({probability:.0%})", fontsize=10)
            yield figure

    write_gif(frames(), len(shown), path, position, MILLISECONDS // 2)


def write_gif(
    figures: Iterable[plt.Figure],
    count: int,
    path: Path,
    position: int | None = None,
    milliseconds: int = MILLISECONDS,
) -> None:
    """Write figures as one animation that repeats, the last frame held."""
    images = []
    for figure in tqdm(figures, desc=path.name, total=count, unit="frame", position=position):
        buffer = BytesIO()
        figure.savefig(buffer, dpi=DPI)
        plt.close(figure)
        images.append(Image.open(buffer).convert("P", palette=Image.Palette.ADAPTIVE, colors=64))
    path.parent.mkdir(parents=True, exist_ok=True)
    durations = [milliseconds] * (len(images) - 1) + [12 * milliseconds]
    images[0].save(
        path, save_all=True, append_images=images[1:], duration=durations, loop=0, optimize=False
    )


def frame_count(path: Path) -> int:
    """Return how many frames an animation has."""
    with Image.open(path) as image:
        return getattr(image, "n_frames", 1)
