"""Public checks of tasks 3.1 to 3.7."""

import math

import pytest
import torch

from support import assert_gradient_matches, assert_matches


@pytest.mark.task("3.1")
@pytest.mark.drawn
def test_pairs_by_hand(student):
    """Four pairs drawn apart: x stays, z goes where the permutation says."""
    x = torch.tensor([[1.0], [2.0], [3.0], [4.0]])
    z = torch.tensor([[10.0, 11.0], [20.0, 21.0], [30.0, 31.0], [40.0, 41.0]])
    expected = torch.tensor([[30.0, 31.0], [10.0, 11.0], [20.0, 21.0], [40.0, 41.0]])
    returned = student.marginal_pairs(x, z, torch.tensor([2, 0, 1, 3]))
    assert_matches(returned, (x, expected))


@pytest.mark.task("3.2")
@pytest.mark.drawn
def test_dv_by_hand(student):
    """Two joint scores of mean 2, three marginal scores whose exponentials average to 3."""
    joint, marginal = torch.tensor([1.0, 3.0]), torch.tensor([1.0, 2.0, 6.0]).log()
    mistakes = {
        "the mean of the logarithms is not the logarithm of the mean": (2 - math.log(12) / 3),
        "e^T is summed, not averaged": 2 - math.log(9),
    }
    assert_matches(student.dv_bound(joint, marginal), 2 - math.log(3), mistakes=mistakes)


@pytest.mark.task("3.2")
def test_dv_of_large_scores(student):
    """Scores of several hundred: e^500 has no floating-point number, the bound has."""
    joint, marginal = torch.tensor([500.0, 502.0]), torch.tensor([500.0, 500.0])
    assert_matches(student.dv_bound(joint, marginal), 1.0, atol=1e-3)
    assert_matches(student.dv_bound(-joint, -marginal), -1.0, atol=1e-3)


@pytest.mark.task("3.3")
def test_mine_first_step_by_hand(student):
    """The first step starts the average from its batch, here 2, and divides by it."""
    joint, marginal = torch.tensor([0.0, 1.0]), torch.tensor([1.0, 3.0]).log()
    returned = student.mine_step(joint, marginal, None)
    assert_matches(returned, (0.0, 0.0), rtol=0, atol=1e9)
    assert_matches(returned[1], 2.0)
    expected = [torch.tensor([-0.5, -0.5]), torch.tensor([0.25, 0.75])]
    assert_gradient_matches(
        lambda *scores: student.mine_step(*scores, None)[0], [joint, marginal], expected
    )


@pytest.mark.task("3.3")
def test_mine_later_step_by_hand(student):
    """An average of 4 and a batch of 2, decay ¾: the gradient divides by their mix, 3.5."""
    joint, marginal = torch.tensor([0.0, 1.0]), torch.tensor([1.0, 3.0]).log()
    ema = torch.tensor(4.0)
    returned = student.mine_step(joint, marginal, ema, 0.75)
    mistakes = {
        "the batch has the weight of the old average, and the other way round": 2.5,
        "this is the average of before the step": 4.0,
        "this is the batch's own: the old average is forgotten": 2.0,
    }
    assert_matches(returned[1], 3.5, mistakes=mistakes)
    expected = [torch.tensor([-0.5, -0.5]), torch.tensor([0.5, 1.5]) / 3.5]
    assert_gradient_matches(
        lambda *scores: student.mine_step(*scores, ema, 0.75)[0], [joint, marginal], expected
    )


@pytest.mark.task("3.4")
@pytest.mark.drawn
def test_nwj_by_hand(student):
    """Joint scores of mean 1.5; the exponentials of the marginal ones, less 1, average to 2."""
    joint, marginal = torch.tensor([1.0, 2.0]), 1 + torch.tensor([1.0, 2.0, 3.0]).log()
    assert_matches(student.nwj_bound(joint, marginal), -0.5)


@pytest.mark.task("3.5")
@pytest.mark.drawn
def test_info_nce_by_hand(student):
    """Two pairs: the score of each is set against its row."""
    scores = torch.tensor([[3.0, 1.0], [4.0, 1.0]]).log()
    expected = math.log(2) + (math.log(3 / 4) + math.log(1 / 5)) / 2
    assert_matches(student.info_nce_bound(scores), expected)


@pytest.mark.task("3.6")
@pytest.mark.drawn
def test_smile_by_hand(student):
    """Marginal scores of 7, 0 and −9 count as 5, 0 and −5; a joint score of 6 counts as 6."""
    expected = 4 - math.log((math.exp(5) + 1 + math.exp(-5)) / 3)
    returned = student.smile_bound(torch.tensor([6.0, 2.0]), torch.tensor([7.0, 0.0, -9.0]))
    assert_matches(returned, expected)


@pytest.mark.task("3.7")
def test_estimate_of_one_nat(student, draw):
    """Two correlated Gaussians that share 1 nat are estimated to share about 1 nat."""
    rho = math.sqrt(1 - math.exp(-2))
    x = draw.normal(2000, 1)
    z = rho * x + math.sqrt(1 - rho**2) * draw.normal(2000, 1)
    options = {"steps": 600, "batch_size": 128, "hidden": 64, "seed": 0}
    returned = student.estimate_mutual_information(x, z, **options)
    assert_matches(returned, 0.93, rtol=0, atol=0.42)
