"""Wrong versions of psnr (task 6.12)."""

import math

from tests.wrong import mistake, mutant

TASK = "6.12"


def _error(x, x_hat):
    return (x - x_hat).double().square().mean().item()


def _decibels(error):
    return -10 * math.log10(error) if error else math.inf


@mistake
def natural_log(x, x_hat):
    """Decibels are made with log₁₀, not with the natural logarithm."""
    error = _error(x, x_hat)
    return -10 * math.log(error) if error else math.inf


@mistake
def twenty(x, x_hat):
    """The factor 20 belongs to the root of the error; the mean squared error has 10."""
    return 2 * _decibels(_error(x, x_hat))


@mistake
def sign(x, x_hat):
    """Better reconstructions must have more decibels: the sign is reversed."""
    return -_decibels(_error(x, x_hat))


@mistake
def peak_255(x, x_hat):
    """The peak of these images is 1, not 255."""
    return _decibels(_error(x, x_hat) / 255**2)


@mistake
def peak_of_data(x, x_hat):
    """The peak is taken from the images at hand; it is 1, whatever they hold."""
    return _decibels(_error(x, x_hat) / x.max().item() ** 2)


@mistake
def range_of_data(x, x_hat):
    """The peak is taken from the range of the images at hand, so two data sets do not compare."""
    return _decibels(_error(x, x_hat) / (x.max() - x.min()).item() ** 2)


@mistake
def mean_over_images(x, x_hat):
    """This is the mean of the images' own decibels: take the mean error of all images first."""
    errors = (x - x_hat).double().square().flatten(1).mean(1).tolist()
    return sum(map(_decibels, errors)) / len(errors)


@mistake
def pixels_summed(x, x_hat):
    """The squared error is summed over pixels; PSNR is made from its mean."""
    return _decibels((x - x_hat).double().square().flatten(1).sum(1).mean().item())


@mistake
def absolute_error(x, x_hat):
    """The error enters squared, not as its absolute value."""
    return _decibels((x - x_hat).double().abs().mean().item())


@mistake
def root_in_tens(x, x_hat):
    """You took the root of the mean squared error but kept the factor 10."""
    return _decibels(math.sqrt(_error(x, x_hat)))


@mistake
def ratio_of_powers(x, x_hat):
    """The signal's own power stands in the place of the peak."""
    error = _error(x, x_hat)
    return 10 * math.log10(x.double().square().mean().item() / error) if error else math.inf


@mistake
def per_image(x, x_hat):
    """One number for the data set is wanted, not one per image."""
    return -10 * (x - x_hat).square().flatten(1).mean(1).log10()


@mutant
def clamped(x, x_hat):
    return _decibels(_error(x, x_hat.clamp(0, 1)))


@mutant
def epsilon(x, x_hat):
    return -10 * math.log10(_error(x, x_hat) + 1e-8)


@mutant
def never_negative(x, x_hat):
    return max(0.0, _decibels(_error(x, x_hat)))


@mutant
def first_images(x, x_hat):
    return _decibels(_error(x[:3], x_hat[:3]))
