"""Wrong versions of gaussian_rate (task 2.1). A docstring is what the student is told."""

import torch

from tests.wrong import mistake, mutant

TASK = "2.1"


@mistake
def absolute(variance, distortion):
    """You take the absolute value of the logarithm, so the rate rises again beyond D = σ². It is 0
    there."""
    variance, distortion = torch.broadcast_tensors(variance, distortion)
    nothing = (variance == 0) & (distortion == 0)
    return torch.where(nothing, 0.0, 0.5 * (variance / distortion).log().abs())


@mistake
def bits(variance, distortion):
    """Your rate is in bits. Rates are in nats: use the natural logarithm."""
    variance, distortion = torch.broadcast_tensors(variance, distortion)
    active = distortion < variance
    return torch.where(active, 0.5 * (variance / distortion).log2(), 0.0)


@mistake
def channel_capacity(variance, distortion):
    """This is the capacity of a Gaussian channel, ½ ln(1 + signal/noise). The rate-distortion
    function has no 1 in it."""
    return 0.5 * (variance / distortion).log1p()


@mistake
def epsilon(variance, distortion):
    """You add a small constant, so small variances get a wrong rate and D = 0 a finite one. At D =
    0 the rate is inf."""
    return (0.5 * ((variance + 1e-8) / (distortion + 1e-8)).log()).clamp(min=0)


@mistake
def inverted(variance, distortion):
    """Your ratio is upside down: the rate must grow as the distortion falls."""
    return (0.5 * (distortion / variance).log()).clamp(min=0)


@mistake
def negative(variance, distortion):
    """Your rate goes below 0 where the distortion exceeds the variance. There the component need
    not be coded at all."""
    return 0.5 * (variance / distortion).log()


@mistake(raises=True)
def no_broadcast(variance, distortion):
    """You select active components before broadcasting, so variance and distortion of different
    shapes fail."""
    rate = torch.zeros_like(variance)
    active = distortion < variance
    rate[active] = 0.5 * (variance[active] / distortion[active]).log()
    return rate


@mistake
def no_half(variance, distortion):
    """The rate of each component lacks the factor ½."""
    variance, distortion = torch.broadcast_tensors(variance, distortion)
    active = distortion < variance
    return torch.where(active, (variance / distortion).log(), 0.0)


@mistake
def scalar_only(variance, distortion):
    """You decide with one `if` for the whole tensor. Each component is above or below its own
    distortion."""
    if (distortion >= variance).any():
        return torch.zeros(torch.broadcast_shapes(variance.shape, distortion.shape))
    return 0.5 * (variance / distortion).log()


@mistake
def summed(variance, distortion):
    """You return the sum. Return one rate per component, in the broadcast shape."""
    variance, distortion = torch.broadcast_tensors(variance, distortion)
    active = distortion < variance
    return torch.where(active, 0.5 * (variance / distortion).log(), 0.0).sum()


@mistake
def variance_as_sigma(variance, distortion):
    """You square the variance: it is σ² already."""
    return (0.5 * (variance.square() / distortion).log()).clamp(min=0)


@mistake
def zero_by_zero(variance, distortion):
    """A component without variance gives 0/0 = nan at D = 0. It costs nothing: D ≥ σ² holds there
    too."""
    return (0.5 * (variance / distortion).log()).clamp(min=0)


@mutant
def column(variance, distortion):
    # An outer difference where the two lengths differ: one number against many is such a case.
    if variance.dim() == 1 and distortion.dim() == 1 and len(variance) != len(distortion):
        variance = variance.unsqueeze(1)
    r = (0.5 * (variance / distortion).log()).clamp(min=0)
    return torch.where((variance + 0 * distortion) == 0, 0.0, r)


@mutant
def distortion_floored(variance, distortion):
    # A floor so low that only D = 0 itself shows it.
    return (0.5 * (variance / distortion.clamp(min=1e-20)).log()).clamp(min=0)


@mutant
def long_input(variance, distortion):
    # Zero for 1000 components or more: shows that a check has them.
    r = (0.5 * (variance / distortion).log()).clamp(min=0)
    return torch.where((variance == 0), torch.zeros_like(r), r) if r.numel() < 1000 else r * 0


@mutant
def margin(variance, distortion):
    # Zero already a thousandth below D = σ²: shows that a check comes that close.
    variance, distortion = torch.broadcast_tensors(variance, distortion)
    active = distortion < variance * (1 - 1e-3)
    return torch.where(
        active,
        0.5 * (torch.where(active, variance, 1) / torch.where(active, distortion, 1)).log(),
        0.0,
    )


@mutant
def always_double(variance, distortion):
    # Single precision comes back as double.
    variance, distortion = torch.broadcast_tensors(variance.double(), distortion.double())
    active = distortion < variance
    ratio = torch.where(active, variance, 1) / torch.where(active, distortion, 1)
    return 0.5 * ratio.log()


@mutant
def small_variance_is_none(variance, distortion):
    # An absolute tolerance: below 10⁻⁸ a component counts as constant.
    variance, distortion = torch.broadcast_tensors(variance, distortion)
    active = (distortion < variance) & (variance > 1e-8)
    ratio = torch.where(active, variance, 1) / torch.where(active, distortion, 1)
    return torch.where((distortion == 0) & (variance > 0), torch.inf, 0.5 * ratio.log())


@mutant
def infinite_distortion(variance, distortion):
    # 0 · inf: a distortion without bound gives nan.
    variance, distortion = torch.broadcast_tensors(variance, distortion)
    active = (distortion < variance).to(variance.dtype)
    ratio = (active * variance + 1 - active) / (active * distortion + 1 - active)
    return 0.5 * ratio.log()
