"""Public checks of tasks 5.1 to 5.8."""

import itertools
import math

import numpy as np
import pytest
import torch
from toy_models_geometry import LinearDecoder

from support import CheckFailed, assert_matches


@pytest.mark.task("5.1")
@pytest.mark.drawn
def test_class_moments_by_hand(student):
    """Two classes of two images each: the spread of the means and the posteriors' own variance."""
    mean = torch.tensor([[1.0, 0.0], [5.0, 5.0], [3.0, 4.0], [5.0, 7.0]])
    log_var = torch.tensor([[1.0, 4.0], [1.0, 2.0], [3.0, 2.0], [0.5, 2.0]]).log()
    expected = (
        torch.tensor([[2.0, 2.0], [5.0, 6.0]]),
        torch.tensor([[[3.0, 2.0], [2.0, 7.0]], [[0.75, 0.0], [0.0, 3.0]]]),
    )
    assert_matches(student.class_moments(mean, log_var, torch.tensor([0, 1, 0, 1]), 2), expected)


@pytest.mark.task("5.2")
@pytest.mark.drawn
def test_pcn_proposal_by_hand(student):
    """A step of 0.6 keeps 0.8 of the state and adds 0.6 of the noise."""
    z = torch.tensor([[1.0, -2.0], [0.0, 5.0]])
    noise = torch.tensor([[1.0, 1.0], [-2.0, 0.0]])
    expected = torch.tensor([[1.4, -1.0], [-1.2, 4.0]])
    assert_matches(student.pcn_proposal(z, 0.6, noise), expected)


@pytest.mark.task("5.3")
@pytest.mark.drawn
def test_log_likelihood_by_hand(student):
    """Two decoded images against three: squared errors over all pixels of all images."""
    x_hat = torch.tensor([[[0.0, 0.0]], [[1.0, 1.0]]])
    images = torch.tensor([[[1.0, 0.0]], [[1.0, 1.0]], [[0.0, 0.0]]])
    expected = torch.tensor([-6.0, -6.0])  # errors 1 + 2 + 0 and 1 + 0 + 2, over 2 · 0.5²
    assert_matches(student.data_log_likelihood(x_hat, images, 0.5), expected)


@pytest.mark.task("5.4")
@pytest.mark.drawn
def test_accept_by_hand(student):
    """Of three chains the first climbs, the second falls a little, the third falls too far."""
    z = torch.tensor([[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]])
    proposal = torch.tensor([[5.0, 6.0], [7.0, 8.0], [0.0, 0.0]])
    before, after = torch.tensor([-9.0, -3.0, -4.0]), torch.tensor([-8.0, -3.5, -6.0])
    log_uniform = torch.tensor([-0.1, -0.7, -1.0])
    expected = (
        torch.tensor([[5.0, 6.0], [7.0, 8.0], [2.0, 2.0]]),
        torch.tensor([-8.0, -3.5, -4.0]),
        torch.tensor([True, True, False]),
    )
    returned = student.pcn_accept(z, proposal, before, after, log_uniform)
    assert_matches(returned, expected)


@pytest.mark.task("5.5")
def test_chain_by_hand(student):
    """One chain in one dimension takes a step, stays where it is, and takes another."""
    decode = LinearDecoder(to_image=torch.tensor([[1.0]]), shift=torch.tensor([0.0]))
    noises = torch.tensor([[[1.0]], [[-5.0]], [[0.5]]])
    log_uniforms = torch.tensor([[-0.5], [-0.5], [-0.5]])
    images, z = torch.tensor([[1.0]]), torch.zeros(1, 1)
    samples = torch.tensor([[[0.6]], [[0.6]], [[0.78]]])
    trace = torch.tensor([[0.08], [0.08], [0.0242]])
    returned = student.pcn_chain(decode, images, z, 0.6, noises, log_uniforms, 1.0)
    assert_matches(returned, (samples, 2 / 3, trace))


@pytest.mark.task("5.6")
def test_tour_by_hand(student):
    """Six points on a line, where always going to the nearest one next is a detour."""
    line = torch.tensor([0.0, 1.0, -1.5, 3.0, -4.0, 6.0])
    points = torch.stack([line, torch.zeros(6)], 1)
    order = student.tour(points)
    if not isinstance(order, torch.Tensor | np.ndarray | list | tuple) or len(order) != 6:
        raise CheckFailed("expected the indices of the 6 points", order)
    order = list(order) if isinstance(order, list | tuple) else order.tolist()
    if not all(index in order for index in range(6)):
        raise CheckFailed("the order does not name each of the 6 points", order)
    length = sum(math.dist(points[int(a)], points[int(b)]) for a, b in itertools.pairwise(order))
    assert_matches(length, 10.0)


@pytest.mark.task("5.7")
@pytest.mark.drawn
def test_walk_by_hand(student):
    """Two steps on each of two pieces: five places, the middle point once."""
    points = torch.tensor([[0.0, 0.0], [4.0, 2.0], [1.0, 0.0]])
    expected = torch.tensor([[4.0, 2.0], [2.0, 1.0], [0.0, 0.0], [0.5, 0.0], [1.0, 0.0]])
    assert_matches(student.walk(points, torch.tensor([1, 0, 2]), 2), expected)


@pytest.mark.task("5.8")
@pytest.mark.drawn
def test_calibrated_beta_by_hand(student):
    """A distortion of 98 on 784 pixels is a variance of 1/8 each."""
    assert_matches(student.calibrated_beta(98.0, 784), 0.25)
