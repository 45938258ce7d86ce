"""Checks of task 1.6 on the verified sweep: R and D measured again from the submitted weights.

What any honestly trained sweep satisfies, whatever its width, seed or length (the tolerances are
calibrated on such sweeps; the README says how), and what mis-scaled losses and made-up numbers
do not. Nothing compares with the reference's own sweep.
"""

import math
from itertools import pairwise

import pytest

from support import CheckFailed

REPORT_TOLERANCE = 0.02
SLOPE_TOLERANCE = 0.2
EXCHANGE_TOLERANCE = 0.02


def runs_of(beta_sweep):
    """The verified runs of all six β, ascending; fails where one is missing or a copy."""
    betas = tuple(run.beta for run in beta_sweep.runs)
    if betas != beta_sweep.betas:
        message = "the sweep is not complete: " + "; ".join(beta_sweep.problems)
        raise CheckFailed(message, betas, beta_sweep.betas)
    points = [(run.rate, run.distortion) for run in beta_sweep.runs]
    if len(set(points)) < len(points):
        raise CheckFailed("two runs hold the same weights", points)
    return beta_sweep.runs


@pytest.mark.task("1.6")
def test_sweep_is_complete(beta_sweep):
    """There is one run for each of the six β, and its weights can be used."""
    runs_of(beta_sweep)


@pytest.mark.task("1.6")
def test_sweep_reports_what_its_weights_give(beta_sweep):
    """Reported R and D agree with what your weights give on images of the grader's choice."""
    for run in runs_of(beta_sweep):
        reported, found = (run.reported_rate, run.reported_distortion), (run.rate, run.distortion)
        for ours, theirs in zip(found, reported, strict=True):
            if not math.isclose(ours, theirs, rel_tol=REPORT_TOLERANCE, abs_tol=0.01):
                raise CheckFailed(f"{run.name}: (R, D) are not what was reported", found, reported)


@pytest.mark.task("1.6")
def test_sweep_beats_the_linear_vae(beta_sweep):
    """D + β·R lies below that of the best linear β-VAE, at every β."""
    for run in runs_of(beta_sweep):
        found = run.distortion + run.beta * run.rate
        linear = linear_cost(beta_sweep.variances, run.beta)
        if found >= linear:
            raise CheckFailed(f"{run.name}: D + β·R is not below the linear β-VAE's", found, linear)


def linear_cost(variances, beta: float, latent_dim: int = 32) -> float:
    """D + β·R of the best linear β-VAE: reverse water-filling at level β/2, closed form."""
    level = beta / 2
    coded, dropped = variances[:latent_dim], variances[latent_dim:]
    rate = 0.5 * (coded / level).clamp(min=1).log().sum()
    return (coded.clamp(max=level).sum() + dropped.sum() + beta * rate).item()


@pytest.mark.task("1.6")
def test_sweep_pays_its_price(beta_sweep):
    """Between neighbouring β the slope −ΔD/ΔR lies between the two β."""
    for low, high in pairwise(runs_of(beta_sweep)):
        saved = low.rate - high.rate
        slope = (high.distortion - low.distortion) / saved if saved > 0 else math.nan
        tolerance = 1 + SLOPE_TOLERANCE
        if not low.beta / tolerance <= slope <= high.beta * tolerance:
            message = f"the slope from {low.name} to {high.name} is not between the two β"
            raise CheckFailed(message, slope, (low.beta, high.beta))


@pytest.mark.task("1.6")
def test_sweep_no_run_beats_another_at_its_price(beta_sweep):
    """At its own β no run's D + β·R is above another run's."""
    runs = runs_of(beta_sweep)
    for own in runs:
        best = min(other.distortion + own.beta * other.rate for other in runs)
        found = own.distortion + own.beta * own.rate
        if found > best * (1 + EXCHANGE_TOLERANCE):
            raise CheckFailed(f"another run is cheaper at the β of {own.name}", found, best)
