"""The geometry part's given code: chains, classes, walks, films, figures and the command."""

import csv
import json
import math
import shutil
import sys
from functools import partial
from itertools import pairwise
from unittest.mock import MagicMock

import matplotlib.pyplot as plt
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from autograder import ROOT

SOLUTION = ROOT / "solution"

sys.path.insert(0, str(SOLUTION))

from rdlab import __main__ as cli  # noqa: E402
from rdlab.lab import classifier as judge  # noqa: E402
from rdlab.lab.data import load_images  # noqa: E402
from rdlab.lab.errors import LabError  # noqa: E402
from rdlab.lab.geometry import chains, command, drawing, films, walking  # noqa: E402
from rdlab.lab.geometry.classes import Codes, class_geometry, ellipse  # noqa: E402
from rdlab.lab.geometry.phases import kl_step_phases  # noqa: E402

FIGURES = (
    "samplers", "acceptance", "chain_energy", "class_means", "class_distances", "class_volumes",
    "class_covariances", "violins", "violins_two_runs", "violins_polar", "kl_phases", "walk",
    "latent_plane", "calibrated_beta",
)  # fmt: skip


@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_is_there_twice(made, name):
    assert (made / f"figures/{name}.png").read_bytes().startswith(b"\x89PNG")
    assert (made / f"figures/{name}.pdf").read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize(
    ("name", "frames"), [("training_2d", 10), ("training_3d", 7), ("walk", 91)]
)
def test_animations_move(made, name, frames):
    with Image.open(made / f"figures/{name}.gif") as image:
        assert image.n_frames == frames
        first = image.convert("RGB").tobytes()
        image.seek(frames - 1)
        assert image.convert("RGB").tobytes() != first


def test_what_is_handed_in(made):
    walk = load_file(made / "runs-geometry/walk.safetensors")
    assert sorted(walk["order"].tolist()) == list(range(10))
    visits = walk["waypoints"][walk["order"]]
    torch.testing.assert_close(walk["places"][:: walking.STEPS], visits)
    with open(made / "runs-geometry/pcn.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {float(row["step"]) for row in rows} == set(chains.STEPS)
    assert {0.1, 0.3} <= {float(row["step"]) for row in rows if row["images"] == "1"}
    assert all(0 <= float(row["acceptance"]) <= 1 for row in rows)
    assert all(float(row["energy"]) > 0 for row in rows)


def test_tables(made):
    with open(made / "figures/classes.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 10
    assert all(math.isfinite(float(row["volume"])) for row in rows)
    with open(made / "figures/class_distances.csv", newline="") as file:
        table = [[float(value) for value in row[1:]] for row in list(csv.reader(file))[1:]]
    with open(made / "figures/class_means.csv", newline="") as file:
        means = [[float(value) for value in row[1:]] for row in list(csv.reader(file))[1:]]
    assert table[2][5] == pytest.approx(math.dist(means[2], means[5]), rel=1e-4)
    assert all(table[i][i] == 0 for i in range(10))
    assert all(table[i][j] == table[j][i] for i in range(10) for j in range(10))
    with open(made / "figures/samplers.csv", newline="") as file:
        scores = {row["sampler"]: float(row["inception_score"]) for row in csv.DictReader(file)}
    assert len(scores) == 4
    assert all(1 <= score <= 10 for score in scores.values())


def test_films_are_kept(made, monkeypatch):
    path = made / "figures/films/latent-2.safetensors"
    data = load_images("fashion-mnist", made / "data")
    before = path.stat().st_mtime_ns
    kept = films.film(films.film_config(2, 24), data, path)
    assert path.stat().st_mtime_ns == before
    assert kept.steps[0] == 0
    assert kept.steps[-1] == 24
    assert kept.codes.shape == (len(kept.steps), len(kept.labels), 2)
    assert len(kept.rates) == 24
    images, labels = films.filmed_images(data)
    torch.testing.assert_close(labels, kept.labels)
    torch.testing.assert_close(kept.model.encode(images)[0], kept.codes[-1], atol=1e-2, rtol=1e-2)
    assert films.read_film(path, films.film_config(2, 25)) is None


def test_damaged_film_is_named(made, tmp_path):
    path = tmp_path / "film.safetensors"
    path.write_bytes((made / "figures/films/latent-2.safetensors").read_bytes()[:-100])
    with pytest.raises(LabError, match=r"film\.safetensors is damaged"):
        films.read_film(path, films.film_config(2, 24))


def test_other_price_hands_nothing_in(place, monkeypatch):
    names = ("make_films", "measure", "_space", "_draw", "_draw_films", "_calibrate",
             "_write_tables", "write_page")  # fmt: skip
    for name in names:
        monkeypatch.setattr(command, name, MagicMock())
    out = place / "other"
    geometry = partial(command.geometry, place / "runs", out, out / "results", jobs=1)
    assert geometry(beta=10.0, other=2.0, data_folder=place / "data") == 0
    assert not (out / "results").exists()


def undone(*_):
    raise NotImplementedError("Task 5.8: calibrated_beta")


def test_what_is_handed_in_needs_no_other_task(place, monkeypatch):
    """Walk and chains are written before task 5.1 is asked for."""
    for name in ("make_films", "measure", "write_walk", "write_acceptance"):
        monkeypatch.setattr(command, name, MagicMock())
    monkeypatch.setattr(command, "_space", undone)
    out = place / "unfinished"
    with pytest.raises(NotImplementedError):
        command.geometry(place / "runs", out, out, jobs=1, data_folder=place / "data")
    command.write_walk.assert_called_once()
    command.write_acceptance.assert_called_once()


def test_undone_calibration_leaves_the_rest(place, monkeypatch, capsys):
    names = ("make_films", "measure", "write_walk", "write_acceptance", "_space", "_draw",
             "_draw_films", "_write_tables", "write_page")  # fmt: skip
    for name in names:
        monkeypatch.setattr(command, name, MagicMock())
    monkeypatch.setattr(command, "calibrated_beta", undone)
    out = place / "uncalibrated"
    assert command.geometry(place / "runs", out, out, jobs=1, data_folder=place / "data") == 0
    assert "Task 5.8" in capsys.readouterr().out
    command.write_page.assert_called_once()


def test_missing_run_is_named(tmp_path, capsys):
    assert cli.main(["geometry", "--runs", str(tmp_path)]) == 2
    assert "beta-2" in capsys.readouterr().err


def test_run_of_other_images_is_refused(place, tmp_path, capsys):
    shutil.copytree(place / "runs", tmp_path / "runs")
    config = tmp_path / "runs/beta-2/config.json"
    facts = json.loads(config.read_text()) | {"model": "conv", "width": 2, "image_shape": [3, 8, 8]}
    config.write_text(json.dumps(facts))
    assert cli.main(["geometry", "--runs", str(tmp_path / "runs")]) == 2
    assert capsys.readouterr().err.startswith("error: ")


# Chains


def test_chain_per_image_finds_the_posterior():
    """With the identity for a decoder and σ = 1 the posterior of an image is N(x/2, 1/2)."""
    torch.manual_seed(0)
    images = torch.tensor([2.0, -1.0]).repeat(4000).unsqueeze(1)
    start = torch.randn(len(images), 1)
    generator = torch.Generator().manual_seed(1)
    z, acceptance, energies = chains.chain_per_image(lambda z: z, images, start, 1.0, generator)
    for x, own in ((2.0, z[::2]), (-1.0, z[1::2])):
        assert own.mean().item() == pytest.approx(x / 2, abs=6 * (0.5 / 4000) ** 0.5)
        assert own.var().item() == pytest.approx(0.5, abs=6 * 0.5 * (2 / 4000) ** 0.5)
    assert 0.5 < acceptance < 1
    assert energies[-1] < energies[0]


def test_acceptance_without_information_is_one():
    found = chains.measure_acceptance(
        lambda z: torch.zeros(len(z), 4), torch.ones(3, 4), 2, 0.5, 1.0
    )
    assert found == {"acceptance": 1.0, "energy": pytest.approx(2.0)}


def test_scores_of_real_images_are_high():
    data = load_images("sample", ROOT / "data")
    found = chains.score_pictures(
        data.test_images[:200], judge.load_classifier(ROOT / "data/classifier.safetensors"),
        data.test_images[:200],
    )  # fmt: skip
    assert 5 < found["inception_score"] < 10
    assert found["nearest"] == pytest.approx(0, abs=0.1)
    assert found["classes"] > 8


# Classes


def test_classes_in_active_dimensions_only():
    torch.manual_seed(0)
    labels = torch.arange(3).repeat(100)
    mean = torch.zeros(300, 4)
    mean[:, 2] = 3 * (labels - 1).float()
    log_var = torch.tensor([0.0, 0.0, -4.0, 0.0]).expand(300, 4)
    space = class_geometry(mean, log_var, labels, 3)
    assert space.active == [2]
    torch.testing.assert_close(space.means, torch.tensor([[-3.0], [0.0], [3.0]]).double())
    torch.testing.assert_close(space.volumes, torch.full((3,), -2.0).double())
    assert space.distances[0, 2] == 6
    assert space.between == pytest.approx(6 / (6 + math.exp(-4)))


def test_ellipse_lies_on_its_contour():
    mean = torch.tensor([1.0, -2.0]).double()
    covariance = torch.tensor([[2.0, 0.6], [0.6, 0.5]]).double()
    gaps = ellipse(mean, covariance, 2.0) - mean
    squared = (gaps @ covariance.inverse() * gaps).sum(1)
    torch.testing.assert_close(squared, torch.full_like(squared, 4.0))


def test_two_runs_show_their_own_dimensions():
    """The second run's only active dimension is z0: beside it is the first run's most expensive."""
    first = torch.linspace(-1, 1, 50).unsqueeze(1).expand(50, 4)
    second = first.clone()
    second[:, 0] += 2.5
    samples = {"β = 2": Codes(first, [3, 1]), "β = 10": Codes(second, [0])}
    axes = drawing.plot_violins(samples).axes[0]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["z3 | z0", "z1 | –"]
    paths = [path for violin in axes.collections for path in violin.get_paths()]
    assert max(path.vertices[:, 1].max() for path in paths) > 3
    flowers = drawing.plot_polar(samples).axes
    named = [[label.get_text() for label in axes.get_xticklabels()] for axes in flowers]
    assert named == [["z3", "z1"], ["z0"]]
    plt.close("all")


# Phases


def test_phases_of_the_measured_course():
    """The values of a training with d = 8, between which R is a straight line."""
    marks = {1: 0.04, 3: 0.04, 5: 0.32, 8: 1.9, 12: 0.21, 20: 0.036, 30: 0.95, 50: 3.6, 200: 5.4}
    steps = sorted(marks)
    rates = [
        marks[a] + (step - a) / (b - a) * (marks[b] - marks[a])
        for a, b in pairwise(steps)
        for step in range(a, b)
    ]
    found = {phase["name"]: (phase["first"], phase["last"]) for phase in kl_step_phases(rates)}
    assert list(found) == ["silent", "burst", "collapse", "sharp rise", "slow rise"]
    assert found["burst"][1] in (7, 8, 9)
    assert 18 <= found["collapse"][1] <= 22
    assert found["slow rise"][1] == len(rates)


def test_phases_without_a_burst():
    names = [phase["name"] for phase in kl_step_phases([0.02 * step for step in range(200)])]
    assert names == ["silent", "sharp rise", "slow rise"]


# The classifier


def test_classifier_is_the_course_s():
    model = judge.load_classifier(ROOT / "data/classifier.safetensors")
    data = load_images("sample", ROOT / "data")
    assert sum(value.numel() for value in model.parameters()) == 105_866
    found = judge.class_probabilities(model, data.test_images[:1000])
    hits = (found.argmax(1) == data.test_labels[:1000]).double().mean()
    assert 0.84 < hits < 0.91
    flat = judge.class_probabilities(model, data.test_images[:10].flatten(1))
    torch.testing.assert_close(flat, found[:10])


def test_other_classifier_is_refused(tmp_path):
    path = tmp_path / "classifier.safetensors"
    content = bytearray((ROOT / "data/classifier.safetensors").read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(LabError, match="not the course's classifier"):
        judge.load_classifier(path)
    with pytest.raises(LabError, match="cannot be read"):
        judge.load_classifier(tmp_path / "none")
    with pytest.raises(LabError, match="not those of the course's"):
        judge.classifier_from({"0.weight": torch.zeros(1)})
