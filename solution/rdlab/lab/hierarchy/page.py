"""A whole grid as one page for the browser, which needs no server and no network. Given code.

Its parts are the files of page_parts/, and the style of the sweep's page.
"""

import base64
import json
import math
import os
import re
from pathlib import Path
from typing import cast

import numpy as np
import torch
from torch import Tensor

from rdlab.lab.data import Dataset
from rdlab.lab.errors import LabError
from rdlab.lab.explorer import PARTS as EXPLORER_PARTS
from rdlab.lab.figures import one_of_each_class
from rdlab.lab.hierarchy.data_sets import load_data
from rdlab.lab.hierarchy.evaluation import COLUMNS, WORDS, read_table, top_means
from rdlab.lab.hierarchy.figures import shown_metrics
from rdlab.lab.hierarchy.networks import Hierarchy
from rdlab.lab.hierarchy.objective import sample_prior
from rdlab.lab.hierarchy.training import load_grid
from rdlab.lab.runs import Run

PARTS = Path(__file__).with_name("page_parts")
FILE = "hierarchy.html"
LARGEST = 9_900_000  # bytes of the page
RECONSTRUCTED, SAMPLED = 10, 20


def write_page(runs: Path, out: Path, data_folder: Path | None = None) -> Path:
    """Write hierarchy.html into a folder and return its path.

    Args:
        runs: folder of the grid, with its evaluation.csv.
        out: folder to write to.
        data_folder: see `load_data`.

    Raises:
        LabError: runs or their table are missing or do not belong together, or the page would be
            larger than 10 MB.
    """
    rows, grid = read_table(runs), load_grid(runs)
    data = load_data(next(iter(grid.values())).config["data"], data_folder)
    page = render(collect(rows, grid, data))
    if len(page) > LARGEST:
        raise LabError(f"{FILE} would be larger than 10 MB: evaluate fewer runs at a time.")
    out.mkdir(parents=True, exist_ok=True)
    partial = out / f".{FILE}.partial"
    partial.write_bytes(page)
    os.replace(partial, out / FILE)
    print(f"wrote {out / FILE} ({len(page) / 1e6:.1f} MB): open it in a browser")
    return out / FILE


def collect(rows: list[dict], grid: dict[tuple[float, float], Run], data: Dataset) -> dict:
    """Return all that the page shows, ready for JSON."""
    shown = one_of_each_class(data, RECONSTRUCTED)
    images = data.test_images[shown]
    config = next(iter(grid.values())).config
    return {
        "about": f"{len(rows)} runs of the {config['model'].upper()} on {config['data']}, "
        f"{config['epochs']} epochs, z₂ with {config['top_dim']} and z₁ with "
        f"{config['bottom_dim']} dimensions; measured on {len(data.test_images):,} test images.",
        "classifier": rows[0]["classifier"],
        "shape": list(images.shape[1:]),
        "metrics": shown_metrics(rows),
        "labels": [data.classes[data.test_labels[i]] for i in shown],
        "originals": _pack(images),
        "runs": [_collect_run(row, grid[row["beta_2"], row["beta_1"]], images) for row in rows],
    }


@torch.no_grad()
def _collect_run(row: dict, run: Run, images: Tensor) -> dict:
    model = cast(Hierarchy, run.model)
    torch.manual_seed(0)  # the same noise for every run
    samples = model.decode(sample_prior(model, SAMPLED, run.config["top_dim"]))
    means = model.encode_bottom(images, top_means(model, images))[0]
    numbers = {key: _number(row[key]) for key in COLUMNS if key not in WORDS}
    return {
        **numbers,
        "name": row["run"],
        "reconstructions": _pack(model.decode(means)),
        "samples": _pack(samples),
    }


def _number(value: float) -> float | None:
    """Return the value to six digits, or None for what is not finite, which JSON cannot hold."""
    return float(f"{float(value):.6g}") if math.isfinite(value) else None


def _pack(images: Tensor) -> str:
    """Pack pixels as bytes in base64, image by image, channel by channel."""
    pixels = (255 * images.clamp(0, 1)).round().numpy().astype(np.uint8)
    return base64.b64encode(pixels.tobytes()).decode()


def render(facts: dict) -> bytes:
    """Return index.html with the other parts and the grid in their places."""
    grid = json.dumps(facts, allow_nan=False, ensure_ascii=False).replace("</", "<\\/")

    def part(match: re.Match) -> str:
        name = match[1]
        if name == "grid.json":
            return grid
        folder = EXPLORER_PARTS if name == "style.css" else PARTS
        return (folder / name).read_text(encoding="utf-8")

    page = (PARTS / "index.html").read_text(encoding="utf-8")
    return re.sub(r"\{\{ ([\w.-]+) \}\}", part, page).encode()
