"""Evaluation, figures and page of a grid."""

import csv
import itertools
import json
import math
import sys

import matplotlib.pyplot as plt
import pytest
import torch

from rdlab import __main__ as cli
from rdlab.lab.errors import LabError
from rdlab.lab.hierarchy import classifiers, evaluation, page, training
from rdlab.lab.hierarchy.figures import label_points, principal_components
from tests.lab.hierarchy.conftest import nearest_means, train

FIGURES = (
    "heat_maps", "rate_plane", "total_rate", "accuracy_bound", "three_dimensions",
    "linear_hierarchy", "bottom_pca", "reconstructions", "samples",
)  # fmt: skip
RATES = ("rate_2", "rate_1", "distortion")


def test_the_table_has_a_row_per_run_and_its_numbers_belong_together(grid):
    rows = evaluation.read_table(grid)
    assert [(row["beta_2"], row["beta_1"]) for row in rows] == training.pairs_of([0.3, 3], [0.3, 3])
    for row in rows:
        metrics = training.load_grid(grid)[row["beta_2"], row["beta_1"]].metrics[-1]
        assert math.isclose(row["rate_2"], metrics["test_rate_2"], rel_tol=1e-4)
        assert math.isclose(row["distortion"], metrics["test_distortion"], rel_tol=0.05)
        assert math.isclose(row["rate"], row["rate_2"] + row["rate_1"], rel_tol=1e-4)
        assert math.isclose(
            row["inception_score"], row["diversity"] * row["sharpness"], rel_tol=1e-4
        )
        assert row["classifier"] == evaluation.CLASSIFIER
        assert 0 <= row["reconstruction_accuracy"] <= 1
        assert row["information_low"] >= 0
        expected = -row["distortion"] - 392 * math.log(math.pi)
        assert math.isclose(row["log_likelihood"], expected, rel_tol=0.01)


def test_scores_of_another_classifier_are_refused(grid, tmp_path):
    rows = evaluation.read_table(grid)
    rows[1]["classifier"] = "0123456789ab"
    with pytest.raises(LabError, match="two classifiers cannot be compared"):
        evaluation.refuse_other_classifiers(rows, tmp_path / "evaluation.csv")


def test_a_table_of_other_runs_is_refused(grid, tmp_path):
    rows = evaluation.read_table(grid)
    copied = tmp_path / "runs"
    for folder in list(grid.glob("beta2-*"))[:3]:
        (copied / folder.name).mkdir(parents=True)
        (copied / folder.name / "config.json").write_text("{}")
    evaluation.write_table(copied / "evaluation.csv", rows)
    with pytest.raises(LabError, match="not of the runs beside it"):
        evaluation.read_table(copied)
    (copied / "evaluation.csv").write_text("run,model\n")
    with pytest.raises(LabError, match="evaluate"):
        evaluation.read_table(copied)


def test_without_scikit_learn_a_sentence_says_what_to_install(grid, images, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "sklearn", None)
    monkeypatch.setitem(sys.modules, "sklearn.linear_model", None)
    words = ["hierarchy", "evaluate", "--runs", str(grid), "--folder", str(images), "--jobs", "1"]
    assert cli.main(words) == 2
    assert "need scikit-learn: python -m rdlab setup" in capsys.readouterr().err


def test_the_four_classifiers_tell_separate_clouds_apart_and_noise_not():
    labels = torch.arange(300) % 3
    noise = torch.randn(300, 2, generator=torch.Generator().manual_seed(0))
    accuracies, logits, kept = classifiers.held_out_accuracies(
        noise + 10 * torch.nn.functional.one_hot(labels, 3)[:, :2], labels
    )
    assert accuracies == dict.fromkeys(classifiers.NAMES, 1.0)
    assert torch.equal(logits.argmax(1), kept)
    assert torch.allclose(logits.exp().sum(1), torch.ones(60, dtype=torch.float64))
    accuracies, _, _ = classifiers.held_out_accuracies(noise, labels)
    assert max(accuracies.values()) < 0.6


def test_classifiers_are_tested_on_what_they_were_not_trained_on(monkeypatch):
    monkeypatch.setattr(classifiers, "_models", nearest_means)
    labels = torch.arange(100) % 4
    codes = torch.nn.functional.one_hot(labels, 4).float()
    accuracies, logits, kept = classifiers.held_out_accuracies(codes, labels)
    assert accuracies == dict.fromkeys(classifiers.NAMES, 1.0)
    assert logits.shape == (20, 4)
    assert kept.shape == (20,)
    noise = torch.randn(2000, 4, generator=torch.Generator().manual_seed(0))
    accuracies, _, _ = classifiers.held_out_accuracies(noise, torch.arange(2000) % 4)
    assert accuracies["knn"] < 0.35


def test_information_of_a_categorical_code():
    certain = torch.nn.functional.one_hot(torch.arange(8) % 4, 4).float()
    assert math.isclose(
        evaluation.categorical_information(certain, torch.arange(8) % 4), math.log(4), rel_tol=1e-6
    )
    assert math.isclose(
        evaluation.categorical_information(certain, torch.zeros(8, dtype=torch.int64)),
        0.0,
        abs_tol=1e-9,
    )


@pytest.mark.parametrize(
    "options", [["--top-family", "categorical"], ["--model", "lvae", "--likelihood", "logistics"]]
)
def test_other_kinds_of_models_are_evaluated_as_well(tmp_path, images, monkeypatch, options):
    monkeypatch.setattr(classifiers, "_models", nearest_means)
    assert train(tmp_path, images, "--beta2", "1", "--beta1", "1", *options) == 0
    [row] = evaluation.evaluate_grid(tmp_path, images, jobs=1)
    numbers = [value for key, value in row.items() if key not in evaluation.WORDS]
    assert all(math.isfinite(value) for value in numbers)


def test_linear_runs_are_put_beside_the_closed_form(tmp_path, images, monkeypatch, capsys):
    monkeypatch.setattr(classifiers, "_models", nearest_means)
    options = ["--beta2", "1", "3", "--beta1", "3", "--network", "linear"]
    assert train(tmp_path, images, *options) == 0
    rows = evaluation.evaluate_grid(tmp_path, images, jobs=1)
    title, names, *lines = capsys.readouterr().out.split("trained |")[1].splitlines()
    assert "closed form" in title
    assert names.split() == ["β₂", "β₁", *2 * ["R₂", "R₁", "D", "cost"]]
    for row, line in zip(rows, lines, strict=True):
        numbers = [float(word) for word in line.split()[:10]]
        assert numbers[2:5] == pytest.approx([row[k] for k in RATES], abs=0.006)
        paid = row["distortion"] + row["beta_2"] * row["rate_2"] + row["beta_1"] * row["rate_1"]
        assert numbers[5] == pytest.approx(paid, abs=0.01)
        assert numbers[9] < numbers[5]
    assert ["any split" in line for line in lines] == [False, True]


def test_another_variance_is_another_price_in_squared_error():
    config = {"beta_2": 1.0, "beta_1": 2.0, "top_dim": 1, "bottom_dim": 2, "variance": 2.0}
    variances = torch.tensor([40.0, 16.0, 1.0])
    rate_2, rate_1, distortion = evaluation.linear_point(config, variances)
    assert (rate_2, rate_1) == pytest.approx((math.log(20) / 2, math.log(4) / 2))
    assert distortion == pytest.approx(2 + 4 + 1)
    paid = evaluation.cost(config, rate_2, rate_1, distortion)
    assert paid == pytest.approx(distortion + 4 * (rate_2 + 2 * rate_1))


def test_one_run_is_evaluated_by_itself_and_nothing_is_written(grid, images, monkeypatch, capsys):
    monkeypatch.setattr(classifiers, "_models", nearest_means)
    folder = grid / "beta2-3_beta1-0.3"
    files = sorted(grid.rglob("*"))
    words = ["hierarchy", "evaluate", "--runs", str(folder), "--folder", str(images)]
    assert cli.main(words) == 0
    assert sorted(grid.rglob("*")) == files
    told = dict(line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines())
    assert tuple(told) == evaluation.COLUMNS
    [row] = [row for row in evaluation.read_table(grid) if row["run"] == folder.name]
    assert float(told["rate_2"]) == pytest.approx(row["rate_2"], rel=1e-4)


def test_names_beside_points_cover_nothing():
    points = [(0.0, 10.0), (0.0, 9.8), (0.1, 9.9), (5.0, 0.0), (5.1, 0.1), (5.0, 0.1)]
    figure, axes = plt.subplots(figsize=(6, 4.4))
    axes.plot(*zip(*points, strict=True), "o")
    boxes = label_points(axes, points, [f"0.3, {i}" for i in range(len(points))])
    assert len(boxes) == len(points)
    for box, other in itertools.combinations(boxes, 2):
        assert not box.overlaps(other)
    for box, point in itertools.product(boxes, axes.transData.transform(points)):
        assert not box.contains(*point)
    plt.close(figure)


def test_figures_are_written_as_png_and_pdf(grid, images, tmp_path):
    words = ["hierarchy", "figures", "--runs", str(grid), "--folder", str(images)]
    assert cli.main([*words, "--out", str(tmp_path)]) == 0
    for name in FIGURES:
        assert (tmp_path / f"{name}.png").read_bytes().startswith(b"\x89PNG")
        assert (tmp_path / f"{name}.pdf").read_bytes().startswith(b"%PDF")
    assert (tmp_path / page.FILE).is_file()


def test_principal_components_are_uncorrelated_and_sorted():
    codes = torch.randn(200, 5, generator=torch.Generator().manual_seed(1)) * torch.tensor(
        [1.0, 4, 2, 0.5, 3]
    )
    points = principal_components(codes.double(), 3)
    covariance = points.T @ points / 200
    assert torch.allclose(covariance, covariance.diag().diag(), atol=1e-9)
    assert covariance.diag().tolist() == sorted(covariance.diag().tolist(), reverse=True)


def test_the_page_holds_every_run_and_nothing_of_the_network(grid, images, tmp_path):
    path = page.write_page(grid, tmp_path, images)
    text = path.read_text(encoding="utf-8")
    facts = json.loads(text.split('id="grid">')[1].split("</script>")[0].replace("<\\/", "</"))
    assert [run["name"] for run in facts["runs"]] == sorted(
        folder.name for folder in grid.glob("beta2-*")
    )
    assert "http://" not in text.replace("http://www.w3.org/2000/svg", "")
    assert "{{" not in text


def test_the_table_is_a_csv_that_others_can_read(grid):
    with open(grid / "evaluation.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == evaluation.COLUMNS
