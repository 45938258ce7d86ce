"""Facts that stand in two places on purpose are the same in both."""

import sys
import warnings

import pytest
import torch

from autograder import ROOT
from autograder.experiments import RUN_FILES
from autograder.judging.experiments.beta_sweep import BETAS, run_name
from autograder.judging.run_folders import held_back_images, held_back_variances

sys.path.insert(0, str(ROOT / "solution"))
sys.path.insert(0, str(ROOT / "tests" / "hidden"))

with warnings.catch_warnings():  # pytest knows the marks of checks only where it runs checks
    warnings.simplefilter("ignore", pytest.PytestUnknownMarkWarning)
    import test_sweep as graded

from rdlab.lab import conditions, runs
from rdlab.lab.data import load_images
from rdlab.rate_distortion import covariance_spectrum

# The sweep: students check their runs with the lab's conditions, the judge with its own, since
# what a submission brings along cannot be believed.


def test_the_betas_of_the_lab_are_those_that_are_graded():
    assert runs.BETAS == BETAS
    assert [runs.run_folder(ROOT, beta).name for beta in BETAS] == [*map(run_name, BETAS)]


def test_the_handout_names_the_betas():
    text = (ROOT / "solution" / "HANDOUT_beta_vae.md").read_text(encoding="utf-8")
    assert f"β = {', '.join(f'{beta:g}' for beta in BETAS)} on" in text


def test_run_folders_are_written_as_they_are_taken_in():
    assert runs.RUN_FILES == RUN_FILES
    assert {"test_rate", "test_distortion"} <= set(runs.COLUMNS)


def test_the_lab_tells_what_the_judge_asks_of_a_sweep():
    for name in ("SLOPE_TOLERANCE", "EXCHANGE_TOLERANCE"):
        assert getattr(conditions, name) == getattr(graded, name)


@pytest.mark.parametrize("beta", BETAS)
@pytest.mark.parametrize("latent_dim", [2, 32, 784])
def test_the_linear_cost_is_the_same(beta, latent_dim):
    variances = held_back_variances()
    ours = graded.linear_cost(variances, beta, latent_dim)
    assert conditions.linear_cost(variances, beta, latent_dim) == pytest.approx(ours, rel=1e-12)


def test_the_images_and_their_spectrum_are_the_same():
    """Of the judge, of the lab, and of task 2.3 as the reference solves it."""
    images = load_images("sample").test_images
    assert torch.equal((images * 255).round().to(torch.uint8), held_back_images())
    for theirs in (covariance_spectrum(images.double()), conditions.spectrum(images)):
        torch.testing.assert_close(theirs, held_back_variances(), rtol=1e-6, atol=1e-9)
