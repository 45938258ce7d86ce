"""What the trusted child measures of a run's weights."""

import json
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from autograder import ROOT

sys.path.insert(0, str(ROOT / "solution"))
sys.path.insert(0, str(ROOT / "autograder" / "sandbox" / "inside"))

from autograder.sandbox.inside.measure_beta_sweep import directions, measure
from rdlab.lab.errors import LabError
from rdlab.lab.models import build_model

CONFIG = {"model": "mlp", "hidden": [5], "latent_dim": 3}
IMAGES = torch.randint(0, 256, (1500, 1, 28, 28), dtype=torch.uint8)


@pytest.fixture
def run(tmp_path) -> Path:
    """A submission's run that encodes everything as the prior and decodes it as grey."""
    folder = tmp_path / "runs" / "beta-1"
    folder.mkdir(parents=True)
    weights = {name: value * 0 for name, value in build_model(CONFIG).state_dict().items()}
    save_file(weights, folder / "weights.safetensors")
    return folder


def measured(run: Path, config: dict = CONFIG, seed: int = 0) -> dict:
    return measure(str(run.parents[1]), run.name, config, IMAGES, seed)


def test_rate_and_distortion_in_closed_form(run):
    """A collapsed model: no rate, and the squared distance from ½."""
    found = measured(run)
    assert torch.equal(found["kl"], torch.zeros(1500, 3))
    distance = (IMAGES / 255 - 0.5).square().flatten(1).sum(1)
    torch.testing.assert_close(found["squared_error"], distance)


def test_the_noise_is_the_seeds(run):
    save_file(build_model(CONFIG).state_dict(), run / "weights.safetensors")
    first, again, other = measured(run), measured(run), measured(run, seed=1)
    assert torch.equal(first["squared_error"], again["squared_error"])
    assert not torch.equal(first["squared_error"], other["squared_error"])
    assert torch.equal(first["kl"], other["kl"])


def test_directions_are_those_of_the_weights_but_for_factors():
    model, other = build_model(CONFIG), build_model(CONFIG)
    own = directions(model)
    assert (own * directions(other)).sum(1).abs().max() < 0.9
    for weights in model.parameters():
        weights.data *= 3
    torch.testing.assert_close(directions(model), own)
    for weights in model.parameters():
        weights.data += 0.01 * weights.std() * torch.randn_like(weights)
    assert (directions(model) * own).sum(1).min() > 0.999


def test_weights_of_another_model_are_refused_by_name(run):
    with pytest.raises(
        LabError, match=r"does not fit .*config\.json .*expected \(7,\), found \(5,\)"
    ):
        measured(run, {**CONFIG, "hidden": [7]})


def test_weights_that_are_not_finite_are_refused(run):
    state = {name: value / 0 for name, value in build_model(CONFIG).state_dict().items()}
    save_file(state, run / "weights.safetensors")
    with pytest.raises(LabError, match="not finite"):
        measured(run)


@pytest.mark.parametrize("content", [b"", b"\x80\x04cos\nsystem\n.", b"\xff" * 100])
def test_files_that_are_no_safetensors_are_refused(run, content):
    (run / "weights.safetensors").write_bytes(content)
    with pytest.raises(LabError, match="not a readable safetensors file"):
        measured(run)


def test_a_config_of_no_model_is_refused(run):
    with pytest.raises(LabError, match='"model" is'):
        measured(run, json.loads('{"model": "__import__"}'))
