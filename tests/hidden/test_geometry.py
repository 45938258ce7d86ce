"""Hidden checks of tasks 5.1 to 5.9.

Where samples are compared with closed forms they lie within 6 standard errors: a false alarm in
fewer than 1 of 10⁶ courses of any check (docs/fairness.md), and in none of the same salt.
"""

import itertools
import math
from numbers import Real

import numpy as np
import pytest
import torch
from toy_models_geometry import GraphDecoder, LinearDecoder

from support import CheckFailed, assert_matches, assert_number, assert_same_form

F64 = torch.float64
MIXED = torch.tensor([0, 1, 2, 0, 1, 2, 0, 0, 2, 1, 1, 0])


def _moments(mean, log_var, labels, classes):
    """Image by image, centred, in float64; NaN for a class without images."""
    d, dtype, mean, log_var = mean.shape[1], mean.dtype, mean.double(), log_var.double()
    means = torch.full((classes, d), math.nan, dtype=F64)
    covariances = torch.full((classes, d, d), math.nan, dtype=F64)
    for label in range(classes):
        chosen = [i for i in range(len(labels)) if labels[i] == label]
        if chosen:
            means[label] = sum(mean[i] for i in chosen) / len(chosen)
            parts = [torch.outer(*[mean[i] - means[label]] * 2) for i in chosen]
            spread = [torch.diag(log_var[i].exp()) for i in chosen]
            covariances[label] = sum([*parts, *spread]) / len(chosen)
    return means.to(dtype), covariances.to(dtype)


def _parts(returned, *shapes):
    """The float64 tensors of a returned tuple; fails unless it has one of each shape."""
    if not isinstance(returned, tuple | list) or len(returned) != len(shapes):
        raise CheckFailed(f"expected {len(shapes)} values", returned)
    for part, shape in zip(returned, shapes, strict=True):
        assert_same_form(part, torch.empty(shape, dtype=F64))
    return returned


@pytest.mark.task("5.1")
def test_class_moments_values(student, draw):
    """Mean and covariance are those of the mixture, for classes of any size."""
    for d, offset in ((2, 0.0), (3, 5.0), (1, -2.0), (4, 0.5), (12, 0.0)):
        mean, log_var = offset + draw.normal(12, d, dtype=F64), draw.normal(12, d, dtype=F64)
        expected = _moments(mean, log_var, MIXED, 3)
        assert_matches(student.class_moments(mean, log_var, MIXED, 3), expected)
    labels = draw.integers(0, 10, (500,))
    mean, log_var = draw.normal(500, 6, dtype=F64), draw.normal(500, 6, dtype=F64)
    expected = _moments(mean, log_var, labels, 10)
    assert_matches(student.class_moments(mean, log_var, labels, 10), expected)


@pytest.mark.task("5.1")
def test_class_moments_law_of_total_covariance(student, draw):
    """Covariances within classes and that of their means add up to the covariance of all."""
    mean, log_var = draw.normal(60, 3, dtype=F64), draw.normal(60, 3, dtype=F64)
    labels = torch.cat([torch.arange(4), draw.integers(0, 4, (56,))])
    returned = student.class_moments(mean, log_var, labels, 4)
    of_all = student.class_moments(mean, log_var, 0 * labels, 1)
    means, covariances = _parts(returned, (4, 3), (4, 3, 3))
    mean_of_all, covariance_of_all = _parts(of_all, (1, 3), (1, 3, 3))
    assert_matches(means, _moments(mean, log_var, labels, 4)[0])
    shares = torch.bincount(labels).double() / 60
    centred = means - mean_of_all
    total = (shares.view(4, 1, 1) * covariances).sum(0) + (shares * centred.T) @ centred
    assert_matches(total, covariance_of_all[0])
    assert_matches(total, _moments(mean, log_var, 0 * labels, 1)[1][0])


@pytest.mark.task("5.1")
def test_class_moments_match_samples(student, draw):
    """They are mean and covariance of codes drawn from the encoder's Gaussians of a class."""
    mean, log_var = 2 * draw.normal(8, 2, dtype=F64), draw.normal(8, 2, dtype=F64)
    labels = torch.tensor([0, 1, 1, 0, 1, 0, 0, 1])
    returned = student.class_moments(mean, log_var, labels, 2)
    means, covariances = _parts(returned, (2, 2), (2, 2, 2))
    for label in range(2):
        rows = torch.arange(8)[labels == label].repeat(10_000)
        noise = draw.normal(len(rows), 2, dtype=F64)
        z = mean[rows] + log_var[rows].div(2).exp() * noise
        _assert_moments(z, means[label], covariances[label])


def _assert_moments(z, mean, covariance):
    """Require samples (N, d) to have this mean and covariance within 6 standard errors."""
    centred = z - mean
    products = centred.unsqueeze(2) * centred.unsqueeze(1)
    for values, expected in ((z, mean), (products, covariance)):
        z_scores = (values.mean(0) - expected) / (values.std(0) / len(z) ** 0.5)
        assert_matches(z_scores, torch.zeros_like(expected), rtol=0, atol=6.0)


@pytest.mark.task("5.1")
def test_class_moments_of_small_classes(student, draw):
    """A class of one image has its posterior's moments; one of none has NaN and is no error."""
    for labels, classes in (([2, 0, 2, 2, 0, 4], 5), ([1] * 5 + [0], 2), ([0, 1, 2, 3, 4, 5], 7)):
        mean, log_var = draw.normal(6, 2, dtype=F64), draw.normal(6, 2, dtype=F64)
        labels = torch.tensor(labels)
        expected = _moments(mean, log_var, labels, classes)
        assert_matches(student.class_moments(mean, log_var, labels, classes), expected)


@pytest.mark.task("5.1")
def test_class_moments_far_from_the_origin(student, draw):
    """In double precision nothing is lost where the means lie far from 0."""
    for offset in (1e4, -3e3):
        mean, log_var = offset + draw.normal(12, 2, dtype=F64), draw.normal(12, 2, dtype=F64)
        expected = _moments(mean, log_var, MIXED, 3)
        returned = student.class_moments(mean, log_var, MIXED, 3)
        assert_matches(returned, expected, rtol=1e-5, atol=1e-5)


@pytest.mark.task("5.1")
@pytest.mark.no_mutation
def test_class_moments_form(student, draw):
    """In single precision they are correct too, symmetric, and no argument is changed."""
    mean, log_var = draw.normal(12, 3), draw.normal(12, 3) - 2
    copies = mean.clone(), log_var.clone(), MIXED.clone()
    labels = MIXED.clone()
    returned = student.class_moments(mean, log_var, labels, 3)
    assert_matches(returned, _moments(mean, log_var, MIXED, 3))
    assert_matches(returned[1], returned[1].mT, atol=1e-6)
    assert_matches((mean, log_var, labels), copies, rtol=0, atol=0)


def _proposal(z, step, noise):
    return (1 - step * step) ** 0.5 * z + step * noise


@pytest.mark.task("5.2")
def test_pcn_proposal_values(student, draw):
    """The proposal mixes state and noise, for any step, any number of chains and dimensions."""
    for step in (0.1, 0.35, 0.5, 0.9):
        for shape in ((3, 2), (1, 1), (4, 32), (2100, 1), (2, 600)):
            z, noise = 3 * draw.normal(*shape, dtype=F64), draw.normal(*shape, dtype=F64)
            assert_matches(student.pcn_proposal(z, step, noise), _proposal(z, step, noise))


@pytest.mark.task("5.2")
def test_pcn_proposal_keeps_the_prior(student):
    """The squares of the two weights add up to 1, so N(0, I) is left as it is."""
    one, zero = torch.ones(1, 1, dtype=F64), torch.zeros(1, 1, dtype=F64)
    for step in (0.01, 0.2, 0.6, 0.75, 0.99):
        kept, added = (
            student.pcn_proposal(*pair) for pair in ((one, step, zero), (zero, step, one))
        )
        assert_matches(added, step * one)
        assert_matches(kept, (1 - step**2) ** 0.5 * one)
        assert_matches(kept**2 + added**2, one)


@pytest.mark.task("5.2")
def test_pcn_proposal_ends(student, draw):
    """A step of 1 is a draw from the prior; a step of 0 stays where it is."""
    z, noise = draw.normal(5, 3, dtype=F64), draw.normal(5, 3, dtype=F64)
    assert_matches(student.pcn_proposal(z, 1.0, noise), noise)
    assert_matches(student.pcn_proposal(z, 0.0, noise), z)
    assert_matches(student.pcn_proposal(z, 0.3, noise), _proposal(z, 0.3, noise))


@pytest.mark.task("5.2")
@pytest.mark.no_mutation
def test_pcn_proposal_form(student, draw):
    """Single precision stays single precision, and neither state nor noise is changed."""
    for step in (0.25, 0.8):
        z, noise = draw.normal(4, 2), draw.normal(4, 2)
        copies = z.clone(), noise.clone()
        expected = _proposal(z.double(), step, noise.double()).float()
        assert_matches(student.pcn_proposal(z, step, noise), expected)
        assert_matches((z, noise), copies, rtol=0, atol=0)


def _log_likelihood(x_hat, images, sigma):
    """Pair by pair, in float64."""
    x_hat, images = x_hat.double().flatten(1), images.double().flatten(1)
    pairs = [[((x - x_i) ** 2).sum() for x_i in images] for x in x_hat]
    return torch.stack([-sum(row) / (2 * sigma**2) for row in pairs])


@pytest.mark.task("5.3")
def test_log_likelihood_values(student, draw):
    """ℓ is a sum over all pixels of all images, divided by twice the variance, chain by chain."""
    for count, sigma in ((1, 1.0), (4, 0.5), (7, 2.0), (3, 0.1), (12, 0.71)):
        for shape in ((1, 2, 2), (6,), (3, 4, 1)):
            x_hat, images = (draw.uniform(n, *shape, dtype=F64) for n in (5, count))
            expected = _log_likelihood(x_hat, images, sigma)
            assert_matches(student.data_log_likelihood(x_hat, images, sigma), expected)


@pytest.mark.task("5.3")
def test_log_likelihood_of_the_mean_image(student, draw):
    """N images count as N times their mean image, and a constant for their spread."""
    images = draw.uniform(6, 1, 3, 3, dtype=F64)
    x_hat = draw.uniform(4, 1, 3, 3, dtype=F64)
    mean = images.mean(0, keepdim=True)
    whole = student.data_log_likelihood(x_hat, images, 0.5)
    of_mean = student.data_log_likelihood(x_hat, mean, 0.5)
    assert_matches(of_mean, _log_likelihood(x_hat, mean, 0.5))
    spread = ((images - mean) ** 2).sum() / (2 * 0.5**2)
    assert_matches(whole, 6 * of_mean - spread)


@pytest.mark.task("5.3")
def test_log_likelihood_of_many_images(student, draw):
    """Sets of hundreds of images, as large as those of the lab, in single precision."""
    for count, sigma in ((700, 1.0), (300, 0.2)):
        x_hat, images = draw.uniform(6, 1, 28, 28), draw.uniform(count, 1, 28, 28)
        expected = _log_likelihood(x_hat, images, sigma).float()
        assert_matches(student.data_log_likelihood(x_hat, images, sigma), expected)


@pytest.mark.task("5.3")
@pytest.mark.no_mutation
def test_log_likelihood_form(student, draw):
    """ℓ is 0 where the picture is perfect and negative elsewhere; no argument is changed."""
    images = draw.uniform(1, 2, 3, dtype=F64)
    x_hat = torch.cat([images, 1 - images, images + 1e-3])
    copies = x_hat.clone(), images.clone()
    for sigma in (0.1, 1.0, 3.0):
        expected = _log_likelihood(x_hat, images, sigma)
        assert_matches(student.data_log_likelihood(x_hat, images, sigma), expected)
        assert_matches((x_hat, images), copies, rtol=0, atol=0)


def _accept(z, proposal, before, after, log_uniform):
    """Chain by chain."""
    accepted = [bool(u < b - a) for u, a, b in zip(log_uniform, before, after, strict=True)]
    states = [p if yes else s for yes, s, p in zip(accepted, z, proposal, strict=True)]
    values = [b if yes else a for yes, a, b in zip(accepted, before, after, strict=True)]
    return torch.stack(states), torch.stack(values), torch.tensor(accepted)


def _step(draw, chains, d, dtype=F64, level=0.0, spread=1.0):
    z, proposal = draw.normal(chains, d, dtype=dtype), 2 * draw.normal(chains, d, dtype=dtype)
    before, after = (level + spread * draw.normal(chains, dtype=dtype) for _ in range(2))
    return z, proposal, before, after, draw.uniform(chains, low=1e-9, dtype=dtype).log()


@pytest.mark.task("5.4")
def test_accept_each_chain(student, draw):
    """Every chain decides for itself, and keeps state and ℓ where it stays."""
    for chains, d in (
        (40, 2),
        (7, 1),
        (1, 3),
        (1, 1),
        (4, 4),
        (6, 6),
        (3, 40),
        (5200, 1),
        (3, 600),
    ):
        inputs = _step(draw, chains, d)
        assert_matches(student.pcn_accept(*inputs), _accept(*inputs))


@pytest.mark.task("5.4")
def test_accept_downhill_steps(student):
    """A step down by g nats is taken with probability e^(−g), and one upwards always."""
    z, proposal = torch.zeros(9, 2, dtype=F64), torch.ones(9, 2, dtype=F64)
    before = torch.full((9,), -20.0, dtype=F64)
    gaps = torch.tensor([-2.0, -2.0, -0.5, -0.5, 3.0, 0.25, -0.25, -7.0, -0.25], dtype=F64)
    log_uniform = [-2.1, -1.9, -0.6, -0.4, -0.001, -0.001, -0.3, -6.9, -0.25]  # the last one: equal
    accepted = torch.tensor([True, False, True, False, True, True, True, False, False])
    states = accepted.double().unsqueeze(1).expand(9, 2)
    expected = states, before + accepted * gaps, accepted
    inputs = z, proposal, before, before + gaps, torch.tensor(log_uniform, dtype=F64)
    assert_matches(student.pcn_accept(*inputs), expected)


@pytest.mark.task("5.4")
def test_accept_where_exponentials_vanish(student, draw):
    """Log-likelihoods far below −1000 and far above it are compared, not exponentiated."""
    for level in (-900.0, -5e4, 2e3):
        inputs = _step(draw, 60, 2, level=level, spread=2.0)
        assert_matches(student.pcn_accept(*inputs), _accept(*inputs))
    inputs = _step(draw, 40, 3, level=-2e3, spread=800.0)
    assert_matches(student.pcn_accept(*inputs), _accept(*inputs))


@pytest.mark.task("5.4")
def test_accept_ignores_the_prior(student, draw):
    """How far the states are from the origin does not matter, and nor do their values."""
    z, proposal, before, after, log_uniform = _step(draw, 50, 4)
    for scale in (0.0, 1.0, 30.0):
        for states in ((scale * z, proposal), (z, scale * proposal)):
            inputs = *states, before, after, log_uniform
            assert_matches(student.pcn_accept(*inputs), _accept(*inputs))


@pytest.mark.task("5.4")
@pytest.mark.no_mutation
def test_accept_form(student, draw):
    """All or none may move; single precision is kept and no argument is changed."""
    for shift in (-100.0, 100.0):
        z, proposal, before, after, log_uniform = _step(draw, 6, 2, dtype=torch.float32)
        inputs = z, proposal, before, after + shift, log_uniform
        copies = [tensor.clone() for tensor in inputs]
        assert_matches(student.pcn_accept(*inputs), _accept(*inputs))
        assert_matches(inputs, copies, rtol=0, atol=0)


def _chain(decode, images, z, step, noises, log_uniforms, sigma):
    """Step by step, in float64."""
    samples, trace, moves = [], [], []
    with torch.no_grad():
        current = _log_likelihood(decode(z), images, sigma)
        for noise, log_uniform in zip(noises, log_uniforms, strict=True):
            proposal = _proposal(z, step, noise)
            proposed = _log_likelihood(decode(proposal), images, sigma)
            z, current, moved = _accept(z, proposal, current, proposed, log_uniform)
            samples.append(z)
            trace.append(-current)
            moves.append(moved)
    acceptance = torch.stack(moves).double().mean().item()
    return torch.stack(samples), acceptance, torch.stack(trace)


def _decoder(draw, d, *shape, kind=LinearDecoder, power=1):
    to_image, shift = draw.normal(d, *shape, dtype=F64), draw.normal(*shape, dtype=F64)
    return kind(to_image=to_image, shift=shift, power=power)


def _noise(draw, steps, chains, d, dtype=F64):
    """(noises, log_uniforms) of a chain."""
    uniforms = draw.uniform(steps, chains, low=1e-9, dtype=dtype)
    return draw.normal(steps, chains, d, dtype=dtype), uniforms.log()


@pytest.mark.task("5.5")
def test_chain_step_by_step(student, draw):
    """Samples, acceptance and −ℓ follow from the given noise, also for a non-linear decoder."""
    for count, step, sigma, power in ((1, 0.4, 1.0, 1), (5, 0.3, 1.0, 1), (3, 0.7, 2.0, 2)):
        decode, images = _decoder(draw, 2, 4, power=power), draw.normal(count, 4, dtype=F64)
        z, noise = draw.normal(3, 2, dtype=F64), _noise(draw, 14, 3, 2)
        inputs = decode, images, z, step, *noise, sigma
        assert_matches(student.pcn_chain(*inputs), _chain(*inputs))


@pytest.mark.task("5.5")
def test_chain_long(student, draw):
    """Hundreds of steps of many chains on images with axes."""
    decode, images = _decoder(draw, 3, 1, 2, 2), draw.normal(4, 1, 2, 2, dtype=F64)
    for step in (0.15, 0.6):
        z, noise = draw.normal(20, 3, dtype=F64), _noise(draw, 110, 20, 3)
        inputs = decode, images, z, step, *noise, 1.5
        assert_matches(student.pcn_chain(*inputs), _chain(*inputs))


def _posterior(decode, images, sigma):
    """Mean and covariance of p(z|D) of a linear decoder, in closed form."""
    weights = decode.to_image.detach().flatten(1)
    gaps = (images - decode.shift.detach()).flatten(1).sum(0)
    precision = torch.eye(len(weights), dtype=F64) + len(images) * weights @ weights.T / sigma**2
    covariance = precision.inverse()
    return covariance @ weights @ gaps / sigma**2, covariance


@pytest.mark.task("5.5")
def test_chain_keeps_the_posterior(student, draw):
    """Chains that start in the known posterior of a linear decoder stay in it."""
    for count, step, sigma in ((1, 0.5, 1.0), (3, 0.4, 2.0)):
        decode, images = _decoder(draw, 2, 3), draw.normal(count, 3, dtype=F64)
        mean, covariance = _posterior(decode, images, sigma)
        root = torch.linalg.cholesky(covariance)
        z = mean + draw.normal(4000, 2, dtype=F64) @ root.T
        noise = _noise(draw, 12, 4000, 2)
        samples = _samples(student.pcn_chain(decode, images, z, step, *noise, sigma), 12, 4000)
        _assert_moved(samples[-1], z)
        _assert_moments(samples[-1], mean, covariance)


def _samples(returned, steps, chains):
    """The samples of a chain in two dimensions; fails where the form is another."""
    if not isinstance(returned, tuple | list) or len(returned) != 3:
        raise CheckFailed("expected samples, acceptance and trace", returned)
    return _parts(returned[:1], (steps, chains, 2))[0]


def _assert_moved(samples, start):
    """Require that some chains are elsewhere than they began: standing still keeps any law."""
    if torch.equal(samples, start):
        raise CheckFailed("no chain has moved", samples, start)


@pytest.mark.task("5.5")
def test_chain_finds_the_posterior(student, draw):
    """Chains that start in the prior forget it: after 80 steps they are in the posterior."""
    decode, images = _decoder(draw, 2, 3), draw.normal(2, 3, dtype=F64)
    z, noise = draw.normal(1500, 2, dtype=F64), _noise(draw, 80, 1500, 2)
    samples = _samples(student.pcn_chain(decode, images, z, 0.6, *noise, 3.0), 80, 1500)
    _assert_moments(samples[-1], *_posterior(decode, images, 3.0))


@pytest.mark.task("5.5")
def test_chain_without_information(student, draw):
    """A decoder that ignores z accepts every proposal; one step alone is a chain as well."""
    blind = LinearDecoder(torch.zeros(2, 3, dtype=F64), draw.normal(3, dtype=F64))
    for decode, steps in ((blind, 9), (blind, 1), (_decoder(draw, 2, 3), 1)):
        images, z = draw.normal(2, 3, dtype=F64), draw.normal(4, 2, dtype=F64)
        inputs = decode, images, z, 0.5, *_noise(draw, steps, 4, 2), 1.0
        assert_matches(student.pcn_chain(*inputs), _chain(*inputs))


@pytest.mark.task("5.5")
@pytest.mark.no_mutation
def test_chain_form(student, draw):
    """No graph is recorded while decoding, and no argument is changed."""
    decode, images = _decoder(draw, 2, 4, kind=GraphDecoder), draw.normal(2, 4, dtype=F64)
    z, noise = draw.normal(3, 2, dtype=F64), _noise(draw, 8, 3, 2)
    copies = [tensor.clone() for tensor in (images, z, *noise)]
    inputs = decode, images, z, 0.4, *noise, 1.0
    assert_matches(student.pcn_chain(*inputs), _chain(*inputs))
    assert_matches([images, z, *noise], copies, rtol=0, atol=0)


def _indices(order, count):
    """The order as a list; fails unless it names each of `count` points once."""
    if isinstance(order, torch.Tensor | np.ndarray) and order.ndim == 1:
        order = order.tolist()
    elif isinstance(order, list | tuple):
        order = [
            item.item() if hasattr(item, "item") and item.ndim == 0 else item for item in order
        ]
    else:
        raise CheckFailed("expected the indices of the points, one after the other", order)
    if not all(isinstance(item, Real) for item in order) or sorted(order) != list(range(count)):
        raise CheckFailed(f"the order does not name each of {count} points once", order)
    return [int(item) for item in order]


def _length(points, order):
    """Length of the open path; fails unless each point is on it once."""
    rows, order = points.double().tolist(), _indices(order, len(points))
    return sum(math.dist(rows[a], rows[b]) for a, b in itertools.pairwise(order))


def _shortest(points):
    """Length of the shortest open path, grown point by point over all sets of visited points."""
    rows, count = points.double().tolist(), len(points)
    gaps = [[math.dist(a, b) for b in rows] for a in rows]
    lengths = {(frozenset([last]), last): 0.0 for last in range(count)}
    for size in range(2, count + 1):
        for chosen in map(frozenset, itertools.combinations(range(count), size)):
            for last in chosen:
                before = chosen - {last}
                options = (lengths[before, other] + gaps[other][last] for other in before)
                lengths[chosen, last] = min(options)
    return min(lengths[frozenset(range(count)), last] for last in range(count))


def _assert_shortest(student, points):
    assert_matches(_length(points, student.tour(points)), _shortest(points), rtol=1e-6)


@pytest.mark.task("5.6")
@pytest.mark.no_mutation
def test_tour_of_seven_points(student, draw):
    """The path is as short as the shortest one, wherever the points lie."""
    for _ in range(16):
        _assert_shortest(student, draw.normal(7, 2, dtype=F64))


@pytest.mark.task("5.6")
def test_tour_in_latent_space(student, draw):
    """In many dimensions, far from the origin and in single precision it is the shortest, too."""
    for d, offset in ((32, 0.0), (3, 50.0), (5, -3.0), (1, 0.0)):
        for _ in range(3):
            _assert_shortest(student, offset + draw.normal(6, d) * draw.uniform(d, low=0.2, high=3))


@pytest.mark.task("5.6")
def test_tour_of_few_points(student, draw):
    """Three, four or five points, some of them at the same place."""
    for count in (3, 4, 5):
        for _ in range(6):
            _assert_shortest(student, draw.normal(count, 2, dtype=F64))
    twins = draw.normal(4, 2, dtype=F64)[[0, 1, 2, 3, 1, 0]]
    _assert_shortest(student, twins)
    order = student.tour(draw.normal(1, 2, dtype=F64))
    assert_matches(_length(torch.zeros(1, 2), order), 0.0)


@pytest.mark.task("5.6")
def test_tour_of_ten_points(student, draw):
    """Nine and ten points, as many as there are classes, in a few seconds."""
    for count in (9, 9, 10):
        _assert_shortest(student, draw.normal(count, 2, dtype=F64))


def _walk(points, order, steps):
    """Place by place, in float64."""
    visits = [points.double()[int(index)] for index in order]
    places = [a + k / steps * (b - a) for a, b in itertools.pairwise(visits) for k in range(steps)]
    return torch.stack([*places, visits[-1]]).to(points.dtype)


@pytest.mark.task("5.7")
def test_walk_places(student, draw):
    """Equal steps on straight pieces through all points in their order."""
    for count, d, steps in ((4, 2, 3), (3, 5, 7), (10, 32, 20), (6, 1, 4), (5, 3, 2)):
        points, order = 3 * draw.normal(count, d, dtype=F64), draw.permutation(count)
        returned = student.walk(points, order, steps)
        assert_matches(returned, _walk(points, order, steps), rtol=1e-6, atol=1e-6)


@pytest.mark.task("5.7")
def test_walk_visits_each_point_once(student, draw):
    """Every steps-th place is a point, from the first to the last, and none is there twice."""
    points, order = draw.normal(6, 3, dtype=F64), draw.permutation(6)
    for steps in (2, 9, 33):
        places = student.walk(points, order, steps)
        assert_matches(places, _walk(points, order, steps), rtol=1e-6, atol=1e-6)
        assert_matches(places[::steps], points[order], rtol=1e-6, atol=1e-6)


@pytest.mark.task("5.7")
def test_walk_edges(student, draw):
    """One step per piece, two points, points that coincide and indices that are repeated."""
    points = draw.normal(5, 2, dtype=F64)
    for visits, order in (
        ([0, 1, 1, 2, 0], [0, 1, 2, 3, 4]),
        ([0, 0, 1, 0], [0, 2, 3, 1]),
        ([2, 2], [1, 0]),
        ([0, 1, 2, 3], [2, 2, 0, 2]),
    ):
        for steps in (4, 1):
            returned = student.walk(points[visits], torch.tensor(order), steps)
            expected = _walk(points[visits], order, steps)
            assert_matches(returned, expected, rtol=1e-6, atol=1e-6)
    for count, steps in ((5, 1), (2, 1), (2, 6), (3, 50)):
        order = draw.permutation(count)
        expected = _walk(points[:count], order, steps)
        returned = student.walk(points[:count], order, steps)
        assert_matches(returned, expected, rtol=1e-6, atol=1e-6)


@pytest.mark.task("5.7")
@pytest.mark.no_mutation
def test_walk_form(student, draw):
    """The order may be a list; single precision is kept and no argument is changed."""
    points, order = 5 + draw.normal(4, 3), draw.permutation(4)
    copies = points.clone(), order.clone()
    for given in (order, order.tolist()):
        assert_matches(student.walk(points, given, 5), _walk(points, order, 5))
    assert_matches((points, order), copies, rtol=0, atol=0)


@pytest.mark.task("5.8")
@pytest.mark.no_mutation
def test_calibrated_beta_values(student):
    """β is twice the variance per pixel, for images of any size."""
    for distortion, pixels in ((9.7, 784), (27.0, 784), (5.0, 12288), (0.5, 1), (3.0, 3)):
        assert_matches(student.calibrated_beta(distortion, pixels), 2 * distortion / pixels)


@pytest.mark.task("5.8")
def test_calibrated_beta_fits_best(student):
    """No other variance gives images with this distortion a larger likelihood."""

    def log_likelihood(variance):
        return -distortion / (2 * variance) - pixels / 2 * math.log(2 * math.pi * variance)

    for distortion, pixels in ((16.4, 784), (2.0, 10), (1e3, 4096)):
        beta = student.calibrated_beta(distortion, pixels)
        assert_number(beta)
        if not 0 < float(beta) < math.inf:
            raise CheckFailed("β is not above 0 and finite", beta)
        best = log_likelihood(float(beta) / 2)
        for factor in (0.9, 0.999, 1.001, 1.1):
            if log_likelihood(factor * float(beta) / 2) > best:
                raise CheckFailed("another variance fits better", float(beta) / 2)


WALK_STEPS = 20
LENGTH_TOLERANCE = 1.001
ACCEPTANCE_TOLERANCE = 0.05
"""Chains of other seeds differ by about 0.01."""


def _verified(geometry):
    """The verified experiment; fails where a part of it could not be measured."""
    if geometry.problems:
        raise CheckFailed("walk and chains cannot be judged: " + "; ".join(geometry.problems))
    return geometry


def _path_length(places):
    return (places[1:] - places[:-1]).double().norm(dim=1).sum().item()


@pytest.mark.task("5.9")
def test_geometry_is_complete(geometry):
    """runs-geometry/ holds a walk and the acceptances, and runs/beta-2 decodes it."""
    _verified(geometry)


@pytest.mark.task("5.9")
def test_geometry_walk_shows_every_class(geometry):
    """Decoded by your weights, the walk shows all ten classes to the course's classifier."""
    seen = sorted(set(_verified(geometry).classes.tolist()))
    if seen != list(range(10)):
        raise CheckFailed("the classifier does not see every class on the walk", seen)


@pytest.mark.task("5.9")
def test_geometry_walk_is_shortest(geometry):
    """It visits its ten waypoints in their order, and no way through them is shorter."""
    places, waypoints = _verified(geometry).places, geometry.waypoints
    if torch.pdist(waypoints).min() == 0:
        raise CheckFailed("two waypoints of the walk are the same", waypoints)
    scale = 1e-4 * (1 + waypoints.abs().max())
    start = 0
    for number, waypoint in enumerate(waypoints):
        close = ((places[start:] - waypoint).abs().amax(1) <= scale).nonzero()
        if len(close) == 0:
            raise CheckFailed(f"the walk does not come to waypoint {number + 1} in its order")
        start += int(close[0])
    length, shortest = _path_length(places), _shortest(waypoints)
    if length > LENGTH_TOLERANCE * shortest:
        raise CheckFailed("there is a shorter way through the waypoints", length, shortest)


@pytest.mark.task("5.9")
def test_geometry_walk_has_small_steps(geometry):
    """No step of the walk is longer than a twentieth of all of it."""
    places = _verified(geometry).places
    steps = (places[1:] - places[:-1]).double().norm(dim=1)
    length = _path_length(places)
    if not 0 < steps.max().item() <= length / WALK_STEPS:
        raise CheckFailed("a step of the walk is too long", steps.max().item(), length / WALK_STEPS)


@pytest.mark.task("5.9")
def test_geometry_acceptance_is_real(geometry):
    """The reported acceptances of one image are those of chains that the autograder runs."""
    for ours, theirs in zip(_verified(geometry).found, geometry.reported, strict=True):
        if not abs(ours - theirs) <= ACCEPTANCE_TOLERANCE:
            found, reported = geometry.found, geometry.reported
            raise CheckFailed("the acceptances are not what was reported", found, reported)
