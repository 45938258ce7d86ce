"""Hidden checks of tasks 2.1 to 2.6.

The oracle for water-filling is a bisection, written without tensors.
"""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings

from strategies import prices, shares, spectra
from support import assert_matches, assert_raises

WORDY = (  # spectra that invite special cases: unsorted, repeated, zero, one component, steep
    [3.0, 0.5, 7.0, 2.0],
    [1.0, 1.0, 1.0],
    [2.0, 0.5, 2.0, 0.5, 2.0],
    [0.0, 4.0, 0.0, 1.0],
    [5.0],
    [100.0, 1e-3, 1.0, 1e-2, 10.0],
)
LONG = [(i * 37 % 100 + 1) / 10 for i in range(100)]  # 0.1 to 10, unsorted


def _rate(variance, distortion):
    return 0.5 * math.log(variance / distortion) if distortion < variance else 0.0


def _level(variances, distortion):
    """The θ with Σ min(θ, λ) = distortion, of which there is one below the total variance."""
    values = np.array(variances, dtype=np.float64)
    low, high = 0.0, max(variances)
    for _ in range(200):
        middle = (low + high) / 2
        if middle in (low, high):  # no number lies between them
            break
        below = np.minimum(middle, values).sum() < distortion
        low, high = (middle, high) if below else (low, middle)
    return high


def _water_filling(variances, distortion):
    level = _level(variances, distortion)
    distortions = [min(level, variance) for variance in variances]
    rate = math.fsum(map(_rate, variances, distortions))
    return rate, torch.tensor(distortions, dtype=torch.float64), level


def _staircase(steps):
    """A spectrum and a share at which dropping components one level at a time takes many rounds.

    Each step holds as many components as all above it, and lies below their mean distortion by
    so much that only without it the next one is seen to lie below it too.
    """
    values, mean = [5.0], 1.0
    distortion = mean
    for step in range(steps):
        value = mean - 0.15
        values += [value] * 2**step
        distortion += value * 2**step
        mean = distortion / len(values)
    return values, distortion / math.fsum(values)


def _linear_vae(variances, beta, latent_dim=None):
    ordered = sorted(variances, reverse=True)
    coded = ordered[:latent_dim]
    rate = math.fsum(_rate(variance, beta / 2) for variance in coded)
    kept = math.fsum(min(variance, beta / 2) for variance in coded)
    return rate, kept + math.fsum(ordered) - math.fsum(coded)


def _double(values):
    return torch.tensor(values, dtype=torch.float64)


@pytest.mark.task("2.1")
@pytest.mark.no_mutation
def test_gaussian_rate_values(student, draw):
    """The rate of each component, in nats, in single and in double precision."""
    for dtype in (torch.float32, torch.float64):
        for shape in ((5,), (3, 4), (2, 3, 2), (1,), (), (10_500,)):
            variance = draw.uniform(*shape, low=0.5, high=9, dtype=dtype)
            distortion = variance * draw.uniform(*shape, low=0.01, high=0.9, dtype=dtype)
            expected = 0.5 * (variance.double().log() - distortion.double().log())
            copies = [variance.clone(), distortion.clone()]
            returned = student.gaussian_rate(variance, distortion)
            assert_matches(returned, expected.to(dtype), rtol=1e-5, atol=1e-5)
            assert_matches([variance, distortion], copies, rtol=0, atol=0)


@pytest.mark.task("2.1")
def test_gaussian_rate_broadcasts(student, draw):
    """Variance and distortion may have any shapes that broadcast."""
    for left, right in (
        ((4,), ()),
        ((), (3,)),
        ((3, 1), (1, 5)),
        ((5,), (2, 1)),
        ((2, 3), (3,)),
        ((6,), (1,)),
        ((1,), (4,)),
        ((1, 1), (3,)),
        ((2, 1, 3), (4, 1)),
    ):
        variance = draw.uniform(*left, low=0.1, high=4)
        distortion = draw.uniform(*right, low=0.1, high=4)
        gap = variance.log() - distortion.log()
        expected = torch.where(gap > 0, 0.5 * gap, 0.0)
        assert_matches(student.gaussian_rate(variance, distortion), expected, dtype=False)


@pytest.mark.task("2.1")
def test_gaussian_rate_is_never_negative(student, draw):
    """From D = σ² on the rate is 0, component by component."""
    variance = draw.uniform(40, low=0.1, high=4)
    distortion = variance * draw.uniform(40, low=0.2, high=3)
    distortion[:5] = variance[:5]
    active = distortion < variance
    expected = torch.where(active, 0.5 * (variance.log() - distortion.log()), 0.0)
    copies = [variance.clone(), distortion.clone()]
    returned = student.gaussian_rate(variance, distortion)
    assert_matches([variance, distortion], copies, rtol=0, atol=0)
    assert_matches(returned, expected, dtype=False)
    assert_matches(returned[~active], torch.zeros(int((~active).sum())), dtype=False, atol=0)


@pytest.mark.task("2.1")
def test_gaussian_rate_edges(student):
    """No distortion costs infinitely many nats, a component without variance costs none."""
    variance = _double([2.0, 0.0, 0.0, 1e-12, 1e6, 1.0, 3.0, 1e-9, 1e15])
    distortion = _double([0.0, 0.5, 0.0, 1e-15, 1e-6, 0.9995, math.inf, 9e-10, 1e-15])
    nearly, tiny = -0.5 * math.log(0.9995), -0.5 * math.log(0.9)
    decades = [1.5 * math.log(10), 6 * math.log(10)]
    expected = _double([math.inf, 0, 0, *decades, nearly, 0, tiny, 15 * math.log(10)])
    returned = student.gaussian_rate(variance, distortion)
    assert_matches(returned, expected, rtol=1e-5, dtype=False)
    returned = student.gaussian_rate(variance.float(), distortion.float())
    assert_matches(returned, expected.float(), dtype=False)


@pytest.mark.task("2.2")
@settings(max_examples=40)
@given(spectra(), shares)
def test_water_filling_is_optimal(student, variances, share):
    """Components share one level, none exceeds its variance, and the distortions add up to D."""
    total = variances.sum().item()
    returned = student.reverse_water_filling(variances, share * total)
    assert_matches(returned, (0.0, torch.zeros_like(variances), 0.0), rtol=0, atol=1e9, dtype=False)
    rate, distortions, level = float(returned[0]), returned[1].double(), float(returned[2])
    assert_matches(distortions, variances.clamp(max=level), rtol=1e-5, atol=1e-6)
    assert_matches(distortions.sum().item(), min(share, 1.0) * total, rtol=1e-4)
    rates = map(_rate, variances.tolist(), variances.clamp(max=level).tolist())
    assert_matches(rate, math.fsum(rates), rtol=1e-4, atol=1e-4)


@pytest.mark.task("2.2")
@pytest.mark.no_mutation
def test_water_filling_matches_bisection(student):
    """Rate, distortions (in the given order) and level agree with a bisection."""
    cases = [(values, share) for values in WORDY for share in (1e-4, 0.1, 0.4, 0.7, 0.95, 0.9995)]
    for values, share in [*cases, _staircase(9)]:
        distortion = share * math.fsum(values)
        expected = _water_filling(values, distortion)
        variances = _double(values)
        returned = student.reverse_water_filling(variances, distortion)
        assert_matches(returned, expected, rtol=1e-4, atol=1e-6, dtype=False)
        assert_matches(variances, _double(values), rtol=0, atol=0)
        for unit in (1e-9, 1e6):  # another unit of the data changes no rate
            scaled = student.reverse_water_filling(unit * variances, unit * distortion)
            assert_matches(scaled[0], expected[0], rtol=1e-4, atol=1e-6)
            assert_matches(scaled[1] / unit, expected[1], rtol=1e-4, atol=1e-6, dtype=False)
            assert_matches(scaled[2] / unit, expected[2], rtol=1e-4, atol=1e-6)


@pytest.mark.task("2.2")
def test_water_filling_single_precision(student, draw):
    """A spectrum like that of images: single precision, hundreds of components, six decades."""
    variances = 10 ** draw.uniform(1200, low=-5, high=1)
    values = variances.tolist()
    for share in (1e-6, 0.01, 0.2, 0.8):
        distortion = share * math.fsum(values)
        expected = _water_filling(values, distortion)
        returned = student.reverse_water_filling(variances, distortion)
        assert_matches(returned, expected, rtol=1e-3, atol=1e-5, dtype=False)


@pytest.mark.task("2.2")
def test_water_filling_above_the_variance(student):
    """From the total variance on nothing is coded; just below it almost nothing."""
    for values in (*WORDY, [0.0, 0.0]):
        total, variances = math.fsum(values), _double(values)
        exact = all((8 * value).is_integer() for value in values)  # sums alike in any order
        least = total if exact else 1.0001 * total
        for distortion in (least, 1.001 * total, 7 * total + 1, math.inf):
            returned = student.reverse_water_filling(variances, distortion)
            expected = (0.0, variances, max(values))
            assert_matches(returned, expected, rtol=1e-5, atol=1e-5, dtype=False)
        returned = student.reverse_water_filling(variances, (1 - 1e-9) * total)
        assert_matches(returned, expected, rtol=1e-5, atol=1e-5, dtype=False)


@pytest.mark.task("2.2")
def test_water_filling_at_zero(student):
    """At D = 0 nothing is lost at an infinite rate, unless there is nothing to code."""
    for values in WORDY:
        returned = student.reverse_water_filling(_double(values), 0.0)
        expected = (math.inf, torch.zeros(len(values)), 0.0)
        assert_matches(returned, expected, dtype=False, atol=1e-12)
    returned = student.reverse_water_filling(torch.zeros(3), 0.0)
    assert_matches(returned, (0.0, torch.zeros(3), 0.0), dtype=False)


@pytest.mark.task("2.2")
def test_water_filling_negative(student):
    """Negative distortions and variances are refused with a ValueError, others are not."""
    variances = torch.tensor([2.0, 1.0])
    assert_raises(lambda: student.reverse_water_filling(variances, -0.1), "ValueError")
    assert_raises(lambda: student.reverse_water_filling(variances, -1e-6), "ValueError")
    for negative in ([-1.0], [2.0, -0.5], [-1e-3, 1.0], [1.0, -1e-6]):
        bad = torch.tensor(negative)
        assert_raises(lambda bad=bad: student.reverse_water_filling(bad, 0.5), "ValueError")
    returned = student.reverse_water_filling(variances, 1.0)
    assert_matches(returned, (1.5 * math.log(2), torch.tensor([0.5, 0.5]), 0.5), dtype=False)


def _data(draw, points, pixels, scales, offset):
    """Data with this exact spectrum: a random rotation of orthonormal, centred columns."""
    basis, _ = torch.linalg.qr(draw.normal(points, len(scales), dtype=torch.float64))
    basis, _ = torch.linalg.qr(basis - basis.mean(0))
    rotation, _ = torch.linalg.qr(draw.normal(pixels, pixels, dtype=torch.float64))
    x = (basis * (points * _double(scales)).sqrt()) @ rotation[: len(scales)]
    return x + offset * draw.normal(pixels, dtype=torch.float64)


def _assert_spectrum(returned, expected):
    atol = 1e-5 * expected.max().item() + 1e-7
    assert_matches(returned, expected, rtol=1e-4, atol=atol)
    ordered = returned.sort(descending=True).values.clamp(min=0)
    assert_matches(returned, ordered, rtol=0, atol=0)


@pytest.mark.task("2.3")
@pytest.mark.no_mutation
def test_spectrum_of_many_points(student, draw):
    """More points than pixels: eigenvalues about the data's own mean, with divisor N."""
    for points, scales, offset in (
        (9, [5.0, 2.0, 0.5], 2.0),
        (40, [3.0, 1.0, 1.0, 0.25], 2.0),
        (7, [4.0, 4.0], 2.0),
        (900, sorted(LONG, reverse=True), 2.0),
        (30, [8.0, 0.5, 4e-3, 1e-3], 2.0),
        (30, [0.16, 0.01, 8e-5, 2e-5], 2.0),
        (40, [5.0, 2.0, 0.5], 200.0),
        (10_500, [3.0, 0.5], 1.0),
    ):
        x = _data(draw, points, len(scales), scales, offset)
        for values in (x, x.float()):
            copy = values.clone()
            _assert_spectrum(student.covariance_spectrum(values), _double(scales).to(values.dtype))
            assert_matches(values, copy, rtol=0, atol=0)
    faint = student.covariance_spectrum(3e-5 * x)  # variances of 10⁻⁹
    _assert_spectrum(faint / 9e-10, _double(scales))


@pytest.mark.task("2.3")
def test_spectrum_of_few_points(student, draw):
    """Fewer points than pixels, or as many: the spectrum has one value per pixel all the same."""
    for points, pixels in ((5, 40), (8, 9), (8, 8), (2, 3)):
        scales = [float(points - i) for i in range(points - 1)]
        x = _data(draw, points, pixels, scales, offset=1.0).float()
        expected = torch.zeros(pixels)
        expected[: len(scales)] = torch.tensor(scales)
        _assert_spectrum(student.covariance_spectrum(x), expected)
    _assert_spectrum(student.covariance_spectrum(draw.normal(1, 6)), torch.zeros(6))


@pytest.mark.task("2.3")
def test_spectrum_of_images(student, draw):
    """Images count by their pixels, channels included; the values add up to the total variance."""
    for shape in ((12, 1, 2, 4), (5, 3, 2, 2), (6, 2, 3), (600, 1, 24, 24)):
        x = draw.uniform(*shape)
        flat = x.flatten(1).double()
        centred = flat - flat.mean(0)
        expected = torch.zeros(flat.shape[1], dtype=torch.float64)
        squares = torch.linalg.svdvals(centred).square() / len(x)
        expected[: len(squares)] = squares
        returned = student.covariance_spectrum(x)
        _assert_spectrum(returned, expected.float())
        total = centred.square().sum().item() / len(x)
        assert_matches(returned.double().sum().item(), total, rtol=1e-4)


@pytest.mark.task("2.3")
def test_spectrum_of_large_images(student, draw):
    """A few images of very many pixels take little time and memory."""
    points, pixels = 3, 40_000
    x = draw.uniform(points, pixels)
    centred = x.double() - x.double().mean(0)
    expected = torch.zeros(pixels)
    squares = torch.linalg.eigvalsh(centred @ centred.T / points).flip(0).float()
    expected[:2] = squares[:2]
    _assert_spectrum(student.covariance_spectrum(x), expected)


@pytest.mark.task("2.4")
@pytest.mark.no_mutation
def test_white_rate_values(student, draw):
    """The rate of all components together, in nats, for spectra of any length and order."""
    for n in (1, 2, 7, 50, 12_300):
        for dtype in (torch.float32, torch.float64):
            variances = draw.uniform(n, high=6, dtype=dtype)
            total = variances.double().sum().item()
            for share in (1e-6, 0.03, 0.5, 0.99):
                returned = student.white_gaussian_rate(variances, share * total)
                assert_matches(returned, -n / 2 * math.log(share), rtol=1e-4, atol=1e-4)


@pytest.mark.task("2.4")
def test_white_rate_needs_only_the_total(student):
    """Only the number of components and their total variance count, zeros included."""
    for values in ([4.0, 4.0, 4.0, 4.0], [16.0, 0.0, 0.0, 0.0], [1.0, 9.0, 0.5, 5.5]):
        for unit in (1.0, 1e-4, 1e-9, 1e9):
            returned = student.white_gaussian_rate(unit * torch.tensor(values), 3.0 * unit)
            assert_matches(returned, 2 * math.log(16 / 3))


@pytest.mark.task("2.4")
def test_white_rate_above_the_variance(student):
    """From the total variance on the rate is 0; just below it is not."""
    variances = torch.tensor([3.0, 1.0, 0.0, 2.0])
    for distortion in (6.0, 6.5, 24.0, 1e6):
        assert_matches(student.white_gaussian_rate(variances, distortion), 0.0)
    assert_matches(student.white_gaussian_rate(variances, 5.0), 2 * math.log(6 / 5))


@pytest.mark.task("2.5")
@settings(max_examples=25)
@given(spectra(min_size=2), shares)
def test_excess_rate_values(student, variances, share):
    """The rate less that of water-filling at the same distortion, for any spectrum."""
    distortion = share * variances.sum().item()
    limit = _water_filling(variances.tolist(), min(share, 1.0) * variances.sum().item())[0]
    for rate in (0.0, 7.5, 120.0):
        returned = student.excess_rate(rate, distortion, variances)
        assert_matches(returned, rate - limit, rtol=1e-6, atol=1e-4)


@pytest.mark.task("2.5")
@pytest.mark.no_mutation
def test_excess_rate_sign(student, draw):
    """Coders below the limit have a negative excess; above the total variance all of it is."""
    variances = 10 ** draw.uniform(1200, low=-3, high=1)
    total = variances.double().sum().item()
    limit = _water_filling(variances.tolist(), total / 4)[0]
    for rate in (0.5, limit / 2, 2 * limit):
        returned = student.excess_rate(rate, total / 4, variances)
        assert_matches(returned, rate - limit, rtol=1e-4, atol=1e-3)
    assert_matches(student.excess_rate(3.25, 2 * total, variances), 3.25, atol=1e-4)
    assert_matches(student.excess_rate(40.0, 0.0, variances), -math.inf)
    assert_matches(student.excess_rate(2.5, math.inf, variances), 2.5)
    assert_matches(student.excess_rate(2.5, 0.5, torch.zeros(3)), 2.5)


@pytest.mark.task("2.6")
@settings(max_examples=40)
@given(spectra(), prices)
def test_linear_vae_values(student, variances, beta):
    """Rate and distortion of the optimum, for any spectrum and β."""
    expected = _linear_vae(variances.tolist(), beta)
    returned = student.linear_vae_point(variances, beta)
    assert_matches(returned, expected, rtol=1e-5, atol=1e-4)


@pytest.mark.task("2.6")
@pytest.mark.no_mutation
def test_linear_vae_latent_dim(student):
    """A narrow latent codes the largest components only; a wide one or none given, all."""
    for values in (*WORDY, LONG):
        for dtype in (torch.float32, torch.float64):
            variances = torch.tensor(values, dtype=dtype)
            for latent_dim in (1, 2, 3, len(values), len(values) + 15):
                for beta in (0.1, 1.5, 6.0):
                    returned = student.linear_vae_point(variances, beta, latent_dim)
                    expected = _linear_vae(values, beta, latent_dim)
                    assert_matches(returned, expected, rtol=1e-5, atol=1e-5)
            for beta in (0.1, 1.5, 6.0):
                returned = student.linear_vae_point(variances, beta)
                assert_matches(returned, _linear_vae(values, beta), rtol=1e-5, atol=1e-5)
            assert_matches(variances, torch.tensor(values, dtype=dtype), rtol=0, atol=0)
    values = [(i * 37 % 1300 + 1) / 10 for i in range(1300)]
    for latent_dim in (512, 1290, None):
        returned = student.linear_vae_point(torch.tensor(values), 6.0, latent_dim)
        assert_matches(returned, _linear_vae(values, 6.0, latent_dim), rtol=1e-5)
    assert_matches(student.linear_vae_point(torch.zeros(4), 1.0, 2), (0.0, 0.0))
    rate, distortion = student.linear_vae_point(_double(WORDY[0]) * 1e-9, 3e-9, 2)
    expected = _linear_vae(WORDY[0], 3.0, 2)
    assert_matches((rate, distortion * 1e9), expected, rtol=1e-5, atol=1e-5)


@pytest.mark.task("2.6")
def test_linear_vae_slope(student):
    """Along the curve dD/dR = −β: every chord's slope lies between the two β's."""
    variances = _double([6.0, 0.8, 3.0, 11.0])
    for beta in (0.05, 0.4, 2.0, 5.0, 15.0):
        low = student.linear_vae_point(variances, beta)
        high = student.linear_vae_point(variances, 1.02 * beta)
        assert_matches([low, high], [(0.0, 0.0)] * 2, rtol=0, atol=1e9)
        dearer, cheaper = float(low[0]) - float(high[0]), float(high[1]) - float(low[1])
        assert_matches(cheaper / dearer if dearer else 0.0, 1.01 * beta, rtol=0.02)


@pytest.mark.task("2.6")
def test_linear_vae_lies_on_the_curve(student):
    """With a latent per component the point lies on reverse water-filling, up to a zero rate."""
    for values in WORDY:
        for beta in (0.02, 0.7, 3.0):
            if beta / 2 >= max(values):
                continue
            returned = student.linear_vae_point(_double(values), beta)
            assert_matches(returned, (0.0, 0.0), rtol=0, atol=1e9)
            limit = _water_filling(values, float(returned[1]))[0]
            assert_matches(returned[0], limit, rtol=1e-4, atol=1e-4)
    for beta in (14.0, 100.0):
        returned = student.linear_vae_point(_double([3.0, 7.0, 0.5]), beta)
        assert_matches(returned, (0.0, 10.5))
