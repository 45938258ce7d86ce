"""A whole sweep as one page for the browser, which needs no server and no network. Given code.

The page carries the decoders and runs them itself. Its parts are the files of explorer_page/.
"""

import base64
import csv
import gzip
import json
import math
import os
import re
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from statistics import fmean, median
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from rdlab.evaluation import redundant_dimensions
from rdlab.gaussian import gaussian_kl
from rdlab.lab.data import Dataset, load_images
from rdlab.lab.errors import LabError, attempt
from rdlab.lab.figures import (
    THRESHOLD,
    encode,
    gaussian_references,
    one_of_each_class,
)
from rdlab.lab.information import label_entropy
from rdlab.lab.models import IMAGE_SHAPE
from rdlab.lab.runs import Run, load_sweep, round_to_half, run_folder
from rdlab.rate_distortion import covariance_spectrum, linear_vae_point

PARTS = Path(__file__).with_name("explorer_page")
LARGEST = 9_900_000  # bytes of the page
SHOWN, PAIRS = 20, 10  # test images to start from; those that the page draws beside their like
RANKS = (64, 48, 32, 24)  # that the last layer of a decoder too large for the page is cut to
SILENT, SETTLED = 0.1, 0.1  # nats; relative


class Measure(NamedTuple):
    """A table that another command writes: columns of it go to `name` of each run."""

    name: str
    file: str
    command: str
    about: str
    columns: tuple[str, ...]


MEASURES = (
    Measure(
        "analysis",
        "analysis.csv",
        "analyse",
        "The bits really used",
        ("kl_bits", "latent_bits", "bits_per_pixel"),
    ),
    Measure(
        "information",
        "mi.csv",
        "mi",
        "What the code knows about image and label",
        (
            "mine",
            "sandwich_lower",
            "sandwich_upper",
            "label_probe",
            "label_accuracy",
            "label_mine",
            "ratio",
            "doubts",
        ),
    ),
)


def explore(runs: Path, out: Path, data_folder: Path | None = None) -> int:
    """Write explorer.html.

    Args:
        runs: folder of a finished sweep.
        out: folder to write to. What `analyse` and `mi` wrote there is shown, and pages that other
            commands wrote into folders of their own there are linked.
        data_folder: see `load_images`.

    Raises:
        LabError: a run is missing, damaged or of other images than the rest, or a table in `out`
            cannot be read.
    """
    sweep = load_sweep(runs)
    tables = {measure: _read_table(out / measure.file, measure) for measure in MEASURES}
    data = load_images(_data_set(sweep, runs), data_folder)
    _refuse_other_images(sweep, runs, data)
    facts = {**collect(sweep, data, tables), "pages": _other_pages(out)}
    page = render(facts, {beta: run.model for beta, run in sweep.items()})
    out.mkdir(parents=True, exist_ok=True)
    partial = out / ".explorer.html.partial"
    partial.write_bytes(page)
    os.replace(partial, out / "explorer.html")
    print(f"wrote {out / 'explorer.html'} ({len(page) / 1e6:.1f} MB): open it in a browser")
    return 0


def _other_pages(out: Path) -> list[str]:
    """Return the pages one folder down, as seen from the explorer."""
    return [page.relative_to(out).as_posix() for page in sorted(out.glob("*/*.html"))]


def _data_set(sweep: dict[float, Run], runs: Path) -> str:
    """Return the data set that all runs were trained on."""
    names = {beta: str(run.config.get("data")) for beta, run in sweep.items()}
    first = next(iter(names.values()))
    for beta, name in names.items():
        if name != first:
            raise LabError(
                f"{run_folder(runs, beta)} was trained on {name}, not on {first} as the others "
                "are: train it again, or choose another folder with --runs."
            )
    return first


def _refuse_other_images(sweep: dict[float, Run], runs: Path, data: Dataset) -> None:
    shape = list(data.test_images.shape[1:])
    for beta, run in sweep.items():
        if list(own := run.config.get("image_shape", IMAGE_SHAPE)) != shape:
            raise LabError(
                f"{run_folder(runs, beta)} is for images of shape {own}, not {shape}: train it "
                "again."
            )


def collect(sweep: dict[float, Run], data: Dataset, tables: dict[Measure, list[dict]]) -> dict:
    """Collect all that the page shows, ready for JSON, but for the decoders.

    Args:
        tables: the rows of each measure, none where it is not measured yet.
    """
    shown = one_of_each_class(data, SHOWN)
    variances, missing = _if_written(lambda: covariance_spectrum(data.test_images))
    references = _references(sweep, data.test_images, variances) if not missing else ([], missing)
    runs = [
        _collect_run(beta, run, data.test_images, shown, variances) for beta, run in sweep.items()
    ]
    notes = [add_measure(runs, measure, rows) for measure, rows in tables.items()]
    entropy, _ = _if_written(lambda: label_entropy(data.test_labels, len(data.classes)))
    return {
        "about": _about(sweep, data),
        "made": "Made by rdlab explore. Information in nats unless bits are named; "
        "distortion is squared error summed over pixels, averaged over the test images.",
        "image_shape": list(data.test_images.shape[1:]),
        "classes": list(data.classes),
        "labels": data.test_labels[shown].tolist(),
        "label_entropy": None if entropy is None else _number(entropy),
        "variance": _number(float(data.test_images.flatten(1).var(0, correction=0).sum())),
        "threshold": THRESHOLD,
        "originals": pack_pixels(data.test_images[shown]),
        "references": references[0],
        "runs": runs,
        "notes": {"references": references[1], "measures": [note for note in notes if note]},
    }


def _if_written(work: Callable):
    """Return what `work` gives, and no sentence; or None and a sentence that names its stub."""
    value, missing = attempt(work)
    return value, [f"Not shown yet: {missing}"] if missing else []


def _about(sweep: dict[float, Run], data: Dataset) -> str:
    config = next(iter(sweep.values())).config
    size = config.get("hidden") or config.get("width")
    widths = "–".join(map(str, size)) if isinstance(size, list) else f"{size} channels"
    name = {"mlp": "fully connected", "conv": "convolutional"}[config["model"]]
    return (
        f"{len(sweep)} runs, β = {', '.join(f'{beta:g}' for beta in sweep)}: {name} ({widths}), "
        f"{config['latent_dim']} latent dimensions, {config.get('epochs', '?')} epochs on "
        f"{config['data']} ({len(data.train_images):,} images), measured on its "
        f"{len(data.test_images):,} test images."
    )


def _references(
    sweep: dict[float, Run], images: Tensor, variances: Tensor
) -> tuple[list[dict], list[str]]:
    """Return Gaussian reference curves, and a sentence for each that needs a task not done yet."""
    lowest = min(run.metrics[-1]["test_distortion"] for run in sweep.values())
    grid = np.linspace(0.6 * lowest, 0.97 * variances.sum().item(), 100).tolist()
    curves, missing = [], []
    for name, rate in gaussian_references(images, variances).items():
        rates, notes = _if_written(lambda rate=rate: [_number(rate(d)) for d in grid])
        missing += notes
        if rates:
            curves.append({"name": name, "distortion": _numbers(grid), "rate": rates})
    return curves, list(dict.fromkeys(missing))


def _collect_run(
    beta: float, run: Run, images: Tensor, shown: list[int], variances: Tensor | None
) -> dict:
    means, log_vars = encode(run.model, images)
    last, latent_dim = run.metrics[-1], run.config["latent_dim"]
    columns = {
        key: _numbers([row[key] for row in run.metrics])
        for key in ("loss", "test_rate", "test_distortion")
    }
    with torch.no_grad():
        reconstructions = run.model.decode(means[shown[:PAIRS]])
    return {
        "beta": beta,
        "latent_dim": latent_dim,
        "rate": _number(last["test_rate"]),
        "distortion": _number(last["test_distortion"]),
        "metrics": columns,
        "phases": kl_phases([row["test_rate"] for row in run.metrics]),
        "kl": _numbers(gaussian_kl(means, log_vars).mean(0)),
        "redundant": redundant_dimensions(means, log_vars, THRESHOLD).tolist(),
        "linear": variances is not None and _linear(variances, beta, latent_dim),
        "means": pack(means[shown].numpy()),
        "log_vars": pack(log_vars[shown].numpy()),
        "reconstructions": pack_pixels(reconstructions),
        "decoder": None,
    }


def _linear(variances: Tensor, beta: float, latent_dim: int) -> dict | None:
    point, _ = _if_written(lambda: linear_vae_point(variances, beta, latent_dim=latent_dim))
    return point and {"rate": _number(point[0]), "distortion": _number(point[1])}


def kl_phases(rates: list[float]) -> list[dict]:
    """Return the phases of the KL term during training.

    Args:
        rates: R after each epoch, in nats.

    Returns:
        Name, first and last epoch of each, in order: "silent" (R below 0.1 nats), "opening"
        (R rises), "compressing" (R falls from its peak), "settled" (R stays within 10 % of where
        it ends, the mean of the last quarter).
    """
    smooth = [median(rates[max(0, i - 1) : i + 2]) for i in range(len(rates))]
    end = fmean(rates[-max(1, len(rates) // 4) :])
    off = [abs(rate - end) > SETTLED * max(end, SILENT) for rate in smooth]
    settled = len(rates) - off[::-1].index(True) if any(off) else 0
    silent = next((i for i, rate in enumerate(rates) if rate >= SILENT), len(rates))
    silent = min(silent, settled)
    moving = smooth[silent:settled]
    falls = bool(moving) and max(moving) > (1 + SETTLED) * end
    peak = silent + moving.index(max(moving)) + 1 if falls else settled
    edges = {
        "silent": (0, silent),
        "opening": (silent, peak),
        "compressing": (peak, settled),
        "settled": (settled, len(rates)),
    }
    return [
        {"name": name, "first": first + 1, "last": last}
        for name, (first, last) in edges.items()
        if first < last
    ]


# What analyse and mi have measured


def add_measure(runs: list[dict], measure: Measure, rows: list[dict]) -> str | None:
    """Give each run its row of a table, or None; return a sentence if some have none.

    There is none about a command that is not part of this assignment.
    """
    for run in runs:
        own = [
            row
            for row in rows
            if row["beta"] == run["beta"] and math.isclose(row["rate"], run["rate"], rel_tol=1e-5)
        ]
        values = own[-1] if own else None
        run[measure.name] = values and {key: values[key] for key in measure.columns}
    absent = [run["beta"] for run in runs if not run[measure.name]]
    if not absent or not find_spec(f"rdlab.lab.commands.{measure.command}"):
        return None
    betas = ", ".join(f"{beta:g}" for beta in absent)
    advice = f"{measure.about}: run python -m rdlab {measure.command}, then explore again"
    if {row["beta"] for row in rows}.issuperset(absent):
        return f"{advice}. For β = {betas} {measure.file} is of another sweep."
    return f"{advice}. Not measured yet for β = {betas}."


def _read_table(path: Path, measure: Measure) -> list[dict]:
    """Return the table's rows as JSON can hold them; none where there is no such file."""
    if not path.is_file():
        return []
    try:
        with open(path, newline="", encoding="utf-8") as file:
            return [
                {
                    key: row[key] if key == "doubts" else _number(float(row[key]))
                    for key in ("beta", "rate", *measure.columns)
                }
                for row in csv.DictReader(file)
            ]
    except (ValueError, KeyError, TypeError, csv.Error) as error:
        raise LabError(
            f"{path} cannot be read ({error!r}): delete it, then run "
            f"`python -m rdlab {measure.command}`."
        ) from error


# Numbers, pixels and weights in a text file


def _number(value: float) -> float | None:
    """Return the value to six digits, or None for what is not finite, which JSON cannot hold."""
    return float(f"{float(value):.6g}") if math.isfinite(value) else None


def _numbers(values) -> list[float | None]:
    return [_number(value) for value in values]


def pack(array: np.ndarray) -> dict:
    """Pack an array, compressed and in base64, as decoder.js unpacks it.

    Floats that half precision holds exactly, as stored weights are, take two bytes: all the low
    ones first, then all the high ones, whose exponents compress.
    """
    if array.dtype != np.uint8:
        array = array.astype("<f4")
        half = array.astype("<f2")
        if np.array_equal(half, array):
            array = half.reshape(-1, 1).view(np.uint8).T.copy()
            return {"dtype": "float16", "data": _base64(array)}
    return {"dtype": str(array.dtype), "data": _base64(array)}


def _base64(array: np.ndarray) -> str:
    return base64.b64encode(gzip.compress(array.tobytes(), 9, mtime=0)).decode()


def pack_pixels(images: Tensor) -> dict:
    return pack((255 * images).round().numpy().astype(np.uint8))


def pack_decoder(decoder: nn.Sequential, latent_dim: int) -> list[dict]:
    """Pack the layers of a decoder, as decoder.js runs them; reshaping needs none."""
    layers, x = [], torch.zeros(1, latent_dim)
    for layer in decoder:
        y = layer(x)
        if isinstance(layer, nn.Linear):
            layers.append({"kind": "linear", **_pack_weights(layer)})
        elif isinstance(layer, nn.ConvTranspose2d):
            layers.append(
                {
                    "kind": "conv_transpose",
                    **_pack_weights(layer),
                    "stride": layer.stride[0],
                    "padding": layer.padding[0],
                    "kernel": layer.kernel_size[0],
                    "input": list(x.shape[1:]),
                    "output": list(y.shape[1:]),
                }
            )
        elif isinstance(layer, nn.ReLU | nn.Sigmoid):
            layers.append({"kind": type(layer).__name__.lower()})
        x = y
    return layers


def _pack_weights(layer: nn.Module) -> dict:
    return {name: pack(getattr(layer, name).numpy()) for name in ("weight", "bias")}


# The page


def render(facts: dict, models: dict[float, nn.Module]) -> bytes:
    """Return the page, with as many decoders as fit, from the outermost β inwards.

    Where not all fit as they are, they are approximated, if that makes them small enough.
    """
    room = LARGEST - len(_fill(facts))
    middle = fmean(math.log(beta) for beta in models)
    inwards = sorted(facts["runs"], key=lambda run: -abs(math.log(run["beta"]) - middle))
    decoders, approximated = _decoders(models, facts["runs"], room)
    left_out = []
    for run in inwards:
        decoder = decoders[run["beta"]]
        size = len(json.dumps(decoder))
        if size <= room:
            room -= size
            run |= {"decoder": decoder, "reconstructions": None}
        else:
            left_out.append(run["beta"])
    if left_out:
        facts["notes"]["left_out"] = (
            f"For β = {', '.join(f'{beta:g}' for beta in sorted(left_out))} the decoder is not in "
            "this page, which would have more than 10 MB with it: its knobs need a smaller network "
            "(--hidden or --width of rdlab sweep)."
        )
    if approximated:
        facts["about"] += f" {approximated}"
    for note in filter(None, (approximated, facts["notes"].get("left_out"))):
        print(note)
    return _fill(facts)


def _decoders(
    models: dict[float, Any], runs: list[dict], room: int
) -> tuple[dict[float, list[dict]], str]:
    """Return the packed decoder of each β, and a sentence where they are approximated to fit."""
    dims = {run["beta"]: run["latent_dim"] for run in runs}
    decoders = {beta: model.decoder for beta, model in models.items()}
    whole = {beta: pack_decoder(decoder, dims[beta]) for beta, decoder in decoders.items()}
    if _size(whole) <= room:
        return whole, ""
    for rank in RANKS:
        if not all(_can_be_slimmed(decoder, rank) for decoder in decoders.values()):
            continue
        slimmed = {beta: slim(decoder, dims[beta], rank) for beta, decoder in decoders.items()}
        packed = {beta: pack_decoder(made, dims[beta]) for beta, (made, _) in slimmed.items()}
        if _size(packed) <= room:
            off = max(each for _, each in slimmed.values())
            return packed, (
                f"So that all decoders fit, the last layer of each has rank {rank} in this page: "
                f"pictures differ from the run's own by {off:.3f} per pixel (root mean square)."
            )
    return whole, ""


def _size(decoders: dict[float, list[dict]]) -> int:
    """Return how many bytes of the page packed decoders take."""
    return sum(len(json.dumps(decoder)) for decoder in decoders.values())


def _can_be_slimmed(decoder: nn.Sequential, rank: int) -> bool:
    """Return whether a last layer of this rank has fewer weights than the decoder's own."""
    place = _last_linear(decoder)
    last: Any = None if place is None else decoder[place]
    return last is not None and 2 * rank < min(last.in_features, last.out_features)


def _last_linear(decoder: nn.Sequential) -> int | None:
    """Return the index of the layer that gives the pixels; None in a convolutional decoder."""
    if any(isinstance(layer, nn.ConvTranspose2d) for layer in decoder):
        return None
    return max(i for i, layer in enumerate(decoder) if isinstance(layer, nn.Linear))


@torch.no_grad()
def slim(decoder: nn.Sequential, latent_dim: int, rank: int) -> tuple[nn.Sequential, float]:
    """Return a decoder whose last linear layer, the largest, is replaced by two of low rank.

    What arrives there lies near a plane: that of the largest principal components, taken from codes
    of the prior and others with one dimension drawn out, as the knobs do.

    Returns:
        (decoder, root mean square difference per pixel on other such codes)
    """
    place: Any = _last_linear(decoder)
    last: Any = decoder[place]
    arriving = decoder[:place](_codes(latent_dim, 0))
    mean = arriving.mean(0)
    _, _, directions = torch.linalg.svd(arriving - mean, full_matrices=False)
    first, second = nn.Linear(last.in_features, rank), nn.Linear(rank, last.out_features)
    first.weight.copy_(directions[:rank])
    first.bias.copy_(-directions[:rank] @ mean)
    second.weight.copy_(last.weight @ directions[:rank].T)
    second.bias.copy_(last.weight @ mean + last.bias)
    for layer in (first, second):
        round_to_half(layer)
    layers = list(decoder)
    made = nn.Sequential(*layers[:place], first, second, *layers[place + 1 :])
    made.requires_grad_(False)
    codes = _codes(latent_dim, 1)[::10]
    return made, (made(codes) - decoder(codes)).square().mean().sqrt().item()


def _codes(latent_dim: int, seed: int) -> Tensor:
    """Return codes to compare decoders on: of the prior, half with one dimension drawn out."""
    generator = torch.Generator().manual_seed(seed)
    z = torch.randn(2000, latent_dim, generator=generator)
    place = torch.randint(latent_dim, (1000, 1), generator=generator)
    z[:1000].scatter_(1, place, 6 * torch.rand(1000, 1, generator=generator) - 3)
    return z


def _fill(facts: dict) -> bytes:
    """Fill index.html with the other parts and the sweep."""
    sweep = json.dumps(facts, allow_nan=False, ensure_ascii=False).replace("</", "<\\/")

    def part(match: re.Match) -> str:
        name = match[1]
        return sweep if name == "sweep.json" else (PARTS / name).read_text(encoding="utf-8")

    page = (PARTS / "index.html").read_text(encoding="utf-8")
    return re.sub(r"\{\{ ([\w.-]+) \}\}", part, page).encode()
