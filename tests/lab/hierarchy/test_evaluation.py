"""Evaluation, figures and page of a grid."""

import csv
import json
import math
import sys

import pytest
import torch

from rdlab import __main__ as cli
from rdlab.lab.errors import LabError
from rdlab.lab.hierarchy import classifiers, evaluation, page, training
from rdlab.lab.hierarchy.figures import principal_components
from tests.lab.hierarchy.conftest import nearest_means, train

FIGURES = (
    "heat_maps", "rate_plane", "total_rate", "accuracy_bound", "three_dimensions",
    "linear_hierarchy", "bottom_pca", "reconstructions", "samples",
)  # fmt: skip


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
