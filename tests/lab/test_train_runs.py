"""Several runs side by side: what is finished is kept, what is in use is left alone."""

import json
import sys
from functools import partial
from pathlib import Path

import pytest
import torch
from torch import nn

from autograder import ROOT

sys.path.insert(0, str(ROOT / "solution"))

from rdlab.lab import runs
from rdlab.lab.errors import LabError
from rdlab.lab.progress import advance
from rdlab.lab.train_runs import chosen_device, train_runs, unfinished

CPU = torch.device("cpu")
COLUMNS = ("epoch", "loss")


def fake(calls: list, config: dict, device: torch.device, *, folder: Path):
    """A training that takes no time."""
    calls.append((config["number"], folder.name))
    model = nn.Linear(1, 1)
    nn.init.constant_(model.weight, config["number"])
    return model, [{"epoch": 1, "loss": 0.5}]


def asked(out: Path, count: int) -> list[tuple[Path, dict]]:
    return [(out / f"run-{number}", {"number": number}) for number in range(count)]


def test_every_run_is_written_with_its_config_and_what_made_it(tmp_path):
    calls: list = []
    train_runs(unfinished(asked(tmp_path, 2)), COLUMNS, partial(fake, calls), CPU, jobs=1)
    assert calls == [(0, "run-0"), (1, "run-1")]
    config = json.loads((tmp_path / "run-1" / "config.json").read_text())
    assert config["number"] == 1
    assert config["versions"]["torch"] == torch.__version__
    found = runs.load_run(tmp_path / "run-1", COLUMNS, lambda config: nn.Linear(1, 1))
    assert found.model.weight.item() == 1


def test_what_is_finished_is_kept(tmp_path, capsys):
    calls: list = []
    train_runs(unfinished(asked(tmp_path, 1)), COLUMNS, partial(fake, calls), CPU, jobs=1)
    left = unfinished(asked(tmp_path, 2))
    assert [folder.name for folder, _ in left] == ["run-1"]
    assert "run-0 is finished and is kept" in capsys.readouterr().out


def test_a_folder_of_another_run_is_refused_before_anything_is_trained(tmp_path):
    calls: list = []
    train_runs(unfinished(asked(tmp_path, 1)), COLUMNS, partial(fake, calls), CPU, jobs=1)
    with pytest.raises(LabError, match="holds a run with number = 0, not 7"):
        unfinished([(tmp_path / "run-0", {"number": 7})])


def test_a_run_that_another_process_trains_is_left_alone(tmp_path):
    calls: list = []
    with runs.claimed(tmp_path / "run-0"), pytest.raises(LabError, match="another process"):
        train_runs(unfinished(asked(tmp_path, 1)), COLUMNS, partial(fake, calls), CPU, jobs=1)
    assert calls == []


def test_a_device_that_is_not_there_is_refused():
    assert chosen_device("cpu") == CPU
    with pytest.raises(LabError, match="there is no device 'abacus' here"):
        chosen_device("abacus")


def two_epochs(config: dict, device: torch.device, *, folder: Path):
    """A training of two epochs that take no time, in whatever process."""
    for epoch in (1, 2):
        advance(1, f"run {config['number']}, epoch {epoch}")
    return nn.Linear(1, 1), [{"epoch": 2, "loss": 0.5}]


@pytest.mark.parametrize("jobs", [1, 2])
def test_all_runs_move_one_bar_with_a_total(tmp_path, capsys, jobs):
    runs_asked = [(folder, {**config, "epochs": 2}) for folder, config in asked(tmp_path, 3)]
    train_runs(unfinished(runs_asked), COLUMNS, two_epochs, CPU, jobs=jobs)
    shown = capsys.readouterr().err.split("\r")
    assert all("training 3 runs" in bar for bar in shown if bar.strip())
    assert "6/6" in shown[-1]
