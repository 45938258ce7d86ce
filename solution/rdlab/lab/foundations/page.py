"""Both planes of codes as one page for the browser, which needs no server and no network.

Given code. The page carries both decoders and runs them itself. Its parts are the files of
codes_page/ and two of the explorer's.
"""

import json
import os
import re
from pathlib import Path
from typing import Any, cast

from torch import Tensor, nn

from rdlab.lab import explorer
from rdlab.lab.data import Dataset
from rdlab.lab.errors import LabError
from rdlab.lab.foundations import folders
from rdlab.lab.foundations.figures import CLASS_COLOURS
from rdlab.lab.foundations.folders import Run
from rdlab.lab.foundations.measure import encode
from rdlab.lab.foundations.networks import BERNOULLI
from rdlab.lab.foundations.report import load_of

PARTS = (Path(__file__).with_name("codes_page"), explorer.PARTS)
PAGE = "codes.html"
SHOWN = 2000
LABELS = {"ae": "autoencoder", "vae": "VAE"}
DARK_COLOURS = (
    "#8f86ff",
    "#88CCEE",
    "#44AA99",
    "#4fc26b",
    "#b8b84a",
    "#DDCC77",
    "#e58b97",
    "#d1609c",
    "#cc7fc4",
    "#b0b0b0",
)


def write_page(out: Path, target: Path, data_folder: Path | None = None) -> None:
    """Write codes.html.

    Args:
        out: folder of the runs.
        target: folder to write to.
        data_folder: see `data.load`.

    Raises:
        LabError: there is no autoencoder or no VAE with two latents.
    """
    runs = _chosen(folders.read_all(out), out)
    page = render(collect(runs, load_of(runs, data_folder)))
    target.mkdir(parents=True, exist_ok=True)
    partial = target / f".{PAGE}.partial"
    partial.write_bytes(page)
    os.replace(partial, target / PAGE)
    print(f"wrote {target / PAGE} ({len(page) / 1e6:.1f} MB): open it in a browser")


def _chosen(runs: list[Run], out: Path) -> list[Run]:
    """Return the autoencoder and the VAE with the lowest test loss."""
    chosen = []
    for kind in BERNOULLI:
        plane = [run for run in runs if (run.config["type"], run.config["latent_dim"]) == (kind, 2)]
        if not plane:
            raise LabError(
                f"{out} has no {LABELS[kind]} with two latents: train it with `python -m rdlab "
                f"foundations train --type {kind}`."
            )
        chosen.append(min(plane, key=lambda run: run.metrics[-1]["test_loss"]))
    return chosen


def collect(runs: list[Run], data: Dataset) -> dict:
    """Return all that the page shows, ready for JSON.

    Args:
        runs: the autoencoder and the VAE.
        data: what they were trained on.
    """
    labels = data.test_labels[:SHOWN]
    codes = [encode(run.model, run.config, data.test_images)[0] for run in runs]
    return {
        "about": _about(runs, data),
        "made": "Made by rdlab foundations. Codes are posterior means of test images; losses are "
        "in nats per image, summed over pixels.",
        "image_shape": list(data.test_images.shape[1:]),
        "classes": list(data.classes),
        "colours": list(CLASS_COLOURS),
        "dark_colours": list(DARK_COLOURS),
        "labels": labels.tolist(),
        "models": [
            _model(run, own, data.test_labels) for run, own in zip(runs, codes, strict=True)
        ],
        "numbers": _numbers(runs, codes),
    }


def _about(runs: list[Run], data: Dataset) -> str:
    first = runs[0].config
    return (
        f"{' and '.join(run.folder.name for run in runs)}, trained on {first['data']} "
        f"({len(data.train_images):,} images rounded to black and white); shown are the codes of "
        f"{min(SHOWN, len(data.test_images)):,} of {len(data.test_images):,} test images."
    )


def _model(run: Run, codes: Tensor, labels: Tensor) -> dict:
    kind, model = run.config["type"], cast(Any, run.model)
    layers = nn.Sequential(model.up, nn.ReLU(), model.out, nn.Sigmoid())
    count = int(labels.max()) + 1
    of_class = [codes[labels == label] for label in range(count)]
    centres = [_rounded(own.median(0).values) if len(own) else None for own in of_class]
    return {
        "kind": kind,
        "label": LABELS[kind],
        "told": f"{_inside(codes):.0%} of the codes lie in [−2, 2]²; they reach to "
        f"{codes.abs().max().item():.1f}.",
        "reach": float(f"{1.02 * codes.abs().max().item():.3g}"),
        "codes": [_rounded(code) for code in codes[:SHOWN]],
        "centres": centres,
        "decoder": explorer.pack_decoder(layers, 2),
    }


def _rounded(values: Tensor) -> list[float]:
    return [round(value, 3) for value in values.tolist()]


def _inside(codes: Tensor) -> float:
    return (codes.abs() <= 2).all(1).float().mean().item()


def _numbers(runs: list[Run], codes: list[Tensor]) -> list[tuple[str, list[str]]]:
    """Name and the two values of each row of the table."""
    spread = [own.std(0).tolist() for own in codes]
    kl = [
        "–" if run.summary["kl"] is None else f"{sum(run.summary['kl']):.2f} nats" for run in runs
    ]
    losses = [
        [f"{run.metrics[-1][key]:.2f} nats" for run in runs] for key in ("train_loss", "test_loss")
    ]
    return [
        ("trainable parameters", [f"{run.summary['parameters']:,}" for run in runs]),
        ("loss, training images", losses[0]),
        ("loss, test images", losses[1]),
        ("KL to N(0, I)", kl),
        ("standard deviation of the codes", [", ".join(f"{s:.2f}" for s in own) for own in spread]),
        ("share of the codes in [−2, 2]²", [f"{_inside(own):.0%}" for own in codes]),
    ]


def render(facts: dict) -> bytes:
    """Return index.html with the other parts and the facts in their places."""
    content = json.dumps(facts, allow_nan=False, ensure_ascii=False).replace("</", "<\\/")

    def part(match: re.Match) -> str:
        if match[1] == "facts.json":
            return content
        found = next(place / match[1] for place in PARTS if (place / match[1]).is_file())
        return found.read_text(encoding="utf-8")

    page = (PARTS[0] / "index.html").read_text(encoding="utf-8")
    return re.sub(r"\{\{ ([\w.-]+) \}\}", part, page).encode()
