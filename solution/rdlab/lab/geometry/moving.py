"""Animations as GIF files: the latent space in training, and the walk. Given code."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, cast

import matplotlib.pyplot as plt
import numpy as np
from PIL import Image
from tqdm import tqdm

from rdlab.lab.geometry.drawing import scatter_classes, show_picture
from rdlab.lab.geometry.films import Film
from rdlab.lab.geometry.walking import Walk

MILLISECONDS = 160
DPI = 80


def write_training(film: Film, names: tuple[str, ...], path: Path, position: int | None = None):
    """Write the codes of the filmed images, frame by frame; in three dimensions they turn."""
    write_gif(_training_frames(film, names), len(film.steps), path, position)


def _training_frames(film: Film, names: tuple[str, ...]) -> Iterator[Image.Image]:
    width = film.codes.abs().flatten(0, 1).quantile(0.995, dim=0).max().item()
    flat = film.latent_dim == 2
    figure = plt.figure(figsize=(6.4, 4.8), dpi=DPI)
    axes = figure.add_subplot(projection=None if flat else "3d", position=(0.1, 0.1, 0.64, 0.8))
    for frame, step in enumerate(film.steps):
        for collection in list(axes.collections):
            collection.remove()
        scatter_classes(axes, film.codes[frame], film.labels, names)
        axes.set(xlim=(-width, width), ylim=(-width, width), title=f"step {step}")
        if not flat:
            axes.set(zlim=(-width, width), zlabel="z2")
            cast(Any, axes).view_init(elev=20, azim=3 * frame)
        if frame == 0:
            handles, labels = axes.get_legend_handles_labels()
            figure.legend(handles, labels, fontsize=7, loc="center right")
        yield _image(figure)
    plt.close(figure)


def write_walk_film(made: Walk, names: tuple[str, ...], path: Path, position: int | None = None):
    """Write the picture of every second place with the class that the classifier sees."""
    shown = range(0, len(made.places), 2)
    frames = _walk_frames(made, names, shown)
    write_gif(frames, len(shown), path, position, MILLISECONDS // 2)


def _walk_frames(made: Walk, names: tuple[str, ...], shown: range) -> Iterator[Image.Image]:
    figure = plt.figure(figsize=(2.6, 3.0), dpi=DPI)
    axes = figure.add_axes((0.05, 0.02, 0.9, 0.84))
    for place in shown:
        axes.clear()
        show_picture(axes, made.pictures[place])
        probability, label = made.probabilities[place].max(0)
        axes.set_title(f"{names[label]} ({probability:.0%})", fontsize=10)
        yield _image(figure)
    plt.close(figure)


def _image(figure: plt.Figure) -> Image.Image:
    """Draw a figure into an image of few colours."""
    figure.canvas.draw()
    pixels = Image.fromarray(np.asarray(cast(Any, figure.canvas).buffer_rgba())[..., :3].copy())
    return pixels.convert("P", palette=Image.Palette.ADAPTIVE, colors=64)


def write_gif(
    frames: Iterable[Image.Image],
    count: int,
    path: Path,
    position: int | None = None,
    milliseconds: int = MILLISECONDS,
) -> None:
    """Write frames as one animation that repeats, the last frame held."""
    bar = tqdm(frames, desc=path.name, total=count, unit="frame", position=position, mininterval=1)
    images = list(bar)
    path.parent.mkdir(parents=True, exist_ok=True)
    durations = [milliseconds] * (len(images) - 1) + [12 * milliseconds]
    images[0].save(path, save_all=True, append_images=images[1:], duration=durations, loop=0)
