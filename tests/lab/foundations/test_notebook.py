"""The report's cells on part 4 run on finished runs, all four or one half of them."""

import json
import sys
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import pytest
import torch

from autograder import ROOT

sys.path.insert(0, str(ROOT / "solution"))

from rdlab.lab.data import Dataset
from rdlab.lab.foundations import folders, report, training

NOTEBOOK = ROOT / "solution" / "report_foundations.ipynb"
COMMON = {
    "image_shape": [1, 28, 28],
    "data": "sample",
    "batch_size": 20,
    "learning_rate": 0.001,
    "mc_samples": 1,
    "seed": 0,
    "epochs": 1,
}
CONFIGS = {
    "ae": {"hidden": 5, "latent_dim": 2},
    "vae": {"hidden": 5, "latent_dim": 2},
    "linear": {"latent_dim": 3, "sigma": 0.5},
    "deep": {"hidden": [5], "latent_dim": 3, "sigma": 0.5},
}


@pytest.mark.parametrize("types", [tuple(CONFIGS), ("ae", "vae"), ("linear", "deep")])
def test_the_cells_run_on_whatever_runs_there_are(types, tmp_path, monkeypatch):
    generator = torch.Generator().manual_seed(0)
    images, labels = torch.rand(60, 1, 28, 28, generator=generator), torch.arange(60) % 10
    data = Dataset(images[:40], labels[:40], images[40:], labels[40:])
    monkeypatch.setattr(report, "load", lambda name, folder: data)
    for kind in types:
        config = {"type": kind, **CONFIGS[kind], **COMMON}
        folder = tmp_path / "runs-foundations" / folders.run_name(config)
        training.train_run(folder, config, data, torch.device("cpu"))
    monkeypatch.chdir(tmp_path)
    names = {"Path": Path, "plt": plt}
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    for cell in cells:
        if cell["cell_type"] == "code":
            exec("".join(cell["source"]), names)
    figures = len(plt.get_fignums())
    plt.close("all")
    planes, gaussians = (len({*types} & {*pair}) for pair in (("ae", "vae"), ("linear", "deep")))
    assert figures == len(types) + 3 * planes + 2 * (gaussians > 0)


def test_the_questions_give_ten_points_and_each_has_a_mark_scheme():
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    marks = [cell["metadata"].get("nbgrader", {}) for cell in cells]
    assert sum(mark["points"] for mark in marks if mark.get("solution")) == 10
    for cell, mark in zip(cells, marks, strict=True):
        if mark.get("grade_id", "").startswith("question"):
            text = "".join(cell["source"])
            assert text.count("<!-- BEGIN MARK SCHEME -->") == 1
            assert text.count("<!-- END MARK SCHEME -->") == 1
