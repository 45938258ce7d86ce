"""Hidden checks of task 2.9."""

import math

import numpy as np
import pytest
import torch
from bits_back_inverse import PIXEL_STD, decode, pixel_parameters, posterior, random_message

from support import CheckFailed, assert_matches
from toy_models import LinearVAE


def _model(draw, d, n, log_var=-2.0, white=None):
    """A model at random; `white` is the posterior mean of a white image, where it is given."""
    return LinearVAE(
        to_mean=draw.normal(d, n) / n**0.5 if white is None else torch.full((d, n), white / n),
        to_log_var=draw.normal(d, n) / (2 * n) ** 0.5,
        log_var=log_var + draw.normal(d) / 2,
        to_image=draw.normal(d, n) / 10,
    )


def _images(draw, images, n):
    return draw.integers(0, 256, (images, n)).numpy().astype(np.int32)


def _pixel_bits(pixels, centre):
    """−log₂ of the Gaussian's mass on each grey level; the end levels take the tails."""
    lower = torch.from_numpy(np.where(pixels == 0, -np.inf, (pixels - 0.5 - centre) / PIXEL_STD))
    upper = torch.from_numpy(np.where(pixels == 255, np.inf, (pixels + 0.5 - centre) / PIXEL_STD))
    mass = torch.special.ndtr(upper) - torch.special.ndtr(lower)
    return -mass.log2().sum().item()


@pytest.mark.task("2.9")
def test_bits_back_pixels(student, draw):
    """Every image of a chain comes back exactly, the last one first."""
    for d, n in ((3, 12), (8, 5)):
        model, images = _model(draw, d, n), _images(draw, 6, n)
        message = random_message(draw, 40)
        for pixels in images:
            message = student.bits_back_encode(message, pixels, model)
        for pixels in images[::-1]:
            decoded, _, message = decode(message, d, model)
            assert_matches(decoded, pixels)


@pytest.mark.task("2.9")
@pytest.mark.no_mutation
def test_bits_back_message(student, draw):
    """The message below comes back word for word: the bits that were borrowed are returned."""
    for d, n in ((4, 10), (1, 7), (6, 6)):
        model, images = _model(draw, d, n), _images(draw, 4, n)
        start = random_message(draw, 30)
        message, copy = start.copy(), images.copy()
        for pixels in images:
            message = student.bits_back_encode(message, pixels, model)
        assert_matches(images, copy)
        for _ in images:
            message = decode(message, d, model)[2]
        assert_matches(message, start)


@pytest.mark.task("2.9")
def test_bits_back_length(student, draw):
    """The message grows by −log₂ p(x|z) and by the KL in bits, and by no more."""
    d, n, count = 5, 16, 30
    model = LinearVAE(  # its dark images lie a few grey levels around black
        to_mean=draw.normal(d, n),
        to_log_var=draw.normal(d, n),
        log_var=draw.normal(d) / 2 - 2,
        to_image=draw.normal(d, n) / 100,
    )
    start = random_message(draw, 60)
    message, bits, variance = start, 0.0, 0.0
    for _ in range(count):  # images that the model could have made
        centre = pixel_parameters(model, draw.normal(d))[0]
        noise = PIXEL_STD * draw.normal(n, dtype=torch.float64).numpy()
        pixels = (centre + noise).round().clip(0, 255).astype(np.int32)
        message = student.bits_back_encode(message, pixels, model)
        decoded, z, _ = decode(message, d, model)
        assert_matches(decoded, pixels)
        mean, log_var = (part.double() for part in posterior(model, pixels))
        kl = 0.5 * (mean**2 + log_var.exp() - 1 - log_var).sum().item()
        spread = 0.5 * log_var.expm1().square() + mean.square() * log_var.exp()
        variance += spread.sum().item() / math.log(2) ** 2
        bits += _pixel_bits(pixels, pixel_parameters(model, z)[0]) + kl / math.log(2)
    grown = 32 * (len(message) - len(start))
    # 64 bits for whole words at both ends, and six deviations of ln q(z|x)/p(z) about the KL
    assert_matches(grown, bits, rtol=0.005, atol=64 + 6 * variance**0.5)


@pytest.mark.task("2.9")
def test_bits_back_extremes(student, draw):
    """Black and white images, one pixel, one latent, posteriors of any width and place."""
    for d, n, log_var, white in (
        (1, 1, -2.0, None),
        (2, 9, -7.0, None),
        (5, 3, 0.0, None),
        (1, 4, 1.0, None),
        (2, 3, -2.0, 7.0),
        (3, 2, -4.0, -7.0),
    ):
        model, start = _model(draw, d, n, log_var, white), random_message(draw, 25)
        for grey in (0, 1, 255):
            pixels = np.full(n, grey, np.int32)
            returned = student.bits_back_encode(start, pixels, model)
            decoded, _, below = decode(returned, d, model)
            assert_matches([decoded, below], [pixels, start])
            if len(returned) == len(start) and (returned == start).all():
                raise CheckFailed("the message did not change", returned)
