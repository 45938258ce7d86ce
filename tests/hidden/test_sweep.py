"""Checks of task 1.6 on the verified sweep: R and D measured again from the submitted weights.

What any honestly trained sweep satisfies, whatever its width, seed or length (the tolerances are
calibrated on such sweeps; docs/fairness.md says how), and what mis-scaled losses and made-up
numbers do not. Nothing compares with the reference's own sweep.
"""

import math
import statistics
from itertools import combinations, pairwise

import pytest

from support import CheckFailed

REPORT_TOLERANCE = 0.02
SLOPE_TOLERANCE = 0.2
EXCHANGE_TOLERANCE = 0.02


def runs_of(beta_sweep):
    """The verified runs of all six β, ascending; fails where one is missing or a copy.

    Runs of one seed that have collapsed, as where the loss is averaged over pixels, end with nearly
    the same weights without being copies: of two that have learned nothing, only equal ones are.
    """
    betas = tuple(run.beta for run in beta_sweep.runs)
    if betas != beta_sweep.betas:
        message = "the sweep is not complete: " + "; ".join(beta_sweep.problems)
        raise CheckFailed(message, betas, beta_sweep.betas)
    for one, other in combinations(beta_sweep.runs, 2):
        points = [(run.rate, run.distortion) for run in (one, other)]
        learned = not (_is_untrained(one, beta_sweep) and _is_untrained(other, beta_sweep))
        if points[0] == points[1] or (learned and one.is_copy_of(other)):
            raise CheckFailed(f"{one.name} and {other.name} hold the same weights", *points)
    return beta_sweep.runs


def trained_runs_of(beta_sweep):
    """The verified runs; fails where one has learned nothing."""
    for run in runs_of(beta_sweep):
        if _is_untrained(run, beta_sweep):
            message = f"{run.name}: D + β·R is not below what sending nothing costs: trained?"
            raise CheckFailed(message, _cost(run), beta_sweep.variances.sum().item())
    return beta_sweep.runs


def _cost(run) -> float:
    return run.distortion + run.beta * run.rate


def _is_untrained(run, beta_sweep) -> bool:
    """Whether it costs no less than to send nothing and to show the mean image."""
    return _cost(run) >= beta_sweep.variances.sum().item()


@pytest.mark.task("1.6")
def test_sweep_is_complete(beta_sweep):
    """There is one run for each of the six β, and its weights can be used."""
    runs_of(beta_sweep)


@pytest.mark.task("1.6")
def test_sweep_reports_what_its_weights_give(beta_sweep):
    """Reported R and D agree with what your weights give on images of the autograder's choice.

    One factor that all runs have in common, such as bits or the error of one pixel, is the mistake
    of task 1.4, which reports with it, and costs there.
    """
    runs = trained_runs_of(beta_sweep)
    units = [
        _common_factor([run.reported_rate for run in runs], [run.rate for run in runs]),
        _common_factor([run.reported_distortion for run in runs], [run.distortion for run in runs]),
    ]
    for run in runs:
        reported, found = (run.reported_rate, run.reported_distortion), (run.rate, run.distortion)
        for ours, theirs, unit in zip(found, reported, units, strict=True):
            margin = {"rel_tol": REPORT_TOLERANCE, "abs_tol": 0.01 * unit}
            if not math.isclose(unit * ours, theirs, **margin):
                raise CheckFailed(f"{run.name}: (R, D) are not what was reported", found, reported)


def _common_factor(reported, found) -> float:
    """By what reports differ from what was found: the median of all runs, 1 if it is no unit."""
    factor = statistics.median(
        told / seen if seen else 1.0 for told, seen in zip(reported, found, strict=True)
    )
    is_unit = math.isfinite(factor) and factor > 0 and abs(factor - 1) > REPORT_TOLERANCE
    return factor if is_unit else 1.0


@pytest.mark.task("1.6")
def test_sweep_beats_the_linear_vae(beta_sweep):
    """D + β·R lies below that of the best linear β-VAE, at every β."""
    for run in trained_runs_of(beta_sweep):
        found = _cost(run)
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
    for low, high in pairwise(trained_runs_of(beta_sweep)):
        saved = low.rate - high.rate
        slope = (high.distortion - low.distortion) / saved if saved > 0 else math.nan
        tolerance = 1 + SLOPE_TOLERANCE
        if not low.beta / tolerance <= slope <= high.beta * tolerance:
            message = f"the slope from {low.name} to {high.name} is not between the two β"
            raise CheckFailed(message, slope, (low.beta, high.beta))


@pytest.mark.task("1.6")
def test_sweep_no_run_beats_another_at_its_price(beta_sweep):
    """At its own β no run's D + β·R is above another run's."""
    runs = trained_runs_of(beta_sweep)
    for own in runs:
        best = min(other.distortion + own.beta * other.rate for other in runs)
        found = own.distortion + own.beta * own.rate
        if found > best * (1 + EXCHANGE_TOLERANCE):
            raise CheckFailed(f"another run is cheaper at the β of {own.name}", found, best)
