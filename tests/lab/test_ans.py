"""The lab's own entropy coder writes and reads the messages that constriction does, bit for bit."""

import importlib
import sys

import numpy as np
import pytest
import torch
from constriction import stream
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from autograder import ROOT

sys.path.insert(0, str(ROOT / "solution"))

from rdlab import bits_back
from rdlab.lab import ans

ALPHABETS = [(0, 255), (0, 2047), (-100, 100), (0, 1)]


def random_message(rng, words: int) -> np.ndarray:
    message = rng.integers(0, 2**32, words, dtype=np.uint32)
    message[-1:] |= 1
    return message


def both(message: np.ndarray, alphabet: tuple[int, int]):
    """(coder, model) of constriction and of the lab."""
    return (
        (stream.stack.AnsCoder(message), stream.model.QuantizedGaussian(*alphabet)),
        (ans.OwnAnsCoder(message), ans.OwnQuantizedGaussian(*alphabet)),
    )


def parameters(rng, count: int, alphabet) -> tuple[np.ndarray, np.ndarray]:
    """Means within the alphabet and far outside of it; stds from far below a bin to all of them."""
    low, high = alphabet
    means = rng.uniform(2 * low - high, 2 * high - low, count)
    return means, np.exp(rng.uniform(-12, 9, count))


@settings(max_examples=150, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    words=st.integers(1, 40),
    count=st.integers(0, 60),
    alphabet=st.sampled_from(ALPHABETS),
)
def test_decoding_and_encoding_are_constrictions(seed, words, count, alphabet):
    """Also where the message runs out of words, and back again."""
    rng = np.random.default_rng(seed)
    message, (means, stds) = random_message(rng, words), parameters(rng, count, alphabet)
    symbols = rng.integers(*alphabet, count, dtype=np.int32, endpoint=True)
    seen = []
    for coder, model in both(message, alphabet):
        popped = coder.decode(model, means, stds)
        below = (coder.get_compressed().tolist(), coder.pos())
        coder.encode_reverse(symbols, model, means, stds)
        coder.encode_reverse(popped, model, means, stds)
        assert (coder.decode(model, means, stds) == popped).all()
        seen.append((popped.tolist(), below, coder.get_compressed().tolist(), coder.pos()))
    assert seen[0] == seen[1]


def test_a_long_stream_is_the_same():
    rng = np.random.default_rng(0)
    count, alphabet = 20_000, (0, 255)
    pixels = rng.integers(0, 256, count, dtype=np.int32)
    widths = pixels + rng.normal(0, 48, count), np.full(count, 48.0)
    messages = []
    for coder, model in both(random_message(rng, 3), alphabet):
        coder.encode_reverse(pixels, model, *widths)
        messages.append(coder.get_compressed())
        assert (coder.decode(model, *widths) == pixels).all()
    assert len(messages[0]) > 4500
    assert np.array_equal(*messages)


@pytest.mark.parametrize("mean", [np.inf, -np.inf, np.nan, 1e300])
@pytest.mark.parametrize("std", [1e-300, 1.0, 1e300, np.inf])
def test_parameters_at_their_ends(mean, std):
    seen = []
    for coder, model in both(np.array([7, 9, 11, 5], np.uint32), (0, 255)):
        popped = coder.decode(model, np.array([mean, 3.0]), np.array([std, 1.0]))
        seen.append((popped.tolist(), coder.get_compressed().tolist()))
    assert seen[0] == seen[1]


def test_an_empty_message():
    for coder in (stream.stack.AnsCoder(), ans.OwnAnsCoder()):
        assert (coder.pos(), coder.get_compressed().tolist()) == ((0, 0), [])
        assert coder.get_compressed().dtype == np.uint32


WORDS = np.array([7, 9], np.uint32)


@pytest.mark.parametrize(
    "message", [WORDS.astype(np.int64), [7, 9], WORDS.reshape(1, 2), np.array([7, 0], np.uint32)]
)
def test_what_is_no_message_is_refused_alike(message):
    raised = []
    for coder in (stream.stack.AnsCoder, ans.OwnAnsCoder):
        with pytest.raises((TypeError, ValueError)) as caught:
            coder(message)
        raised.append(caught.type)
    assert raised[0] is raised[1]


@pytest.mark.parametrize(
    ("symbols", "means"),
    [
        (np.array([300], np.int32), [3.0]),
        (np.array([-1], np.int32), [3.0]),
        (np.array([3], np.int64), [3.0]),
        (np.array([3.5]), [3.0]),
        (np.array([3], np.int32), [3.0, 1.0]),
    ],
    ids=["above", "below", "int64", "float", "lengths"],
)
def test_what_cannot_be_coded_is_refused_alike(symbols, means):
    raised = []
    for coder, model in both(WORDS, (0, 255)):
        with pytest.raises((KeyError, TypeError, ValueError)) as caught:
            coder.encode_reverse(symbols, model, np.array(means), np.ones(len(means)))
        raised.append(caught.type)
    assert raised[0] is raised[1]


class Halves(nn.Module):
    """A model whose latent has the means of the image's halves."""

    def encode(self, x):
        return torch.stack([half.mean(1) for half in x.chunk(2, 1)], 1), torch.full((1, 2), -4.0)

    def decode(self, z):
        return z.sigmoid().repeat_interleave(32, 1)


@pytest.fixture
def without_constriction(monkeypatch):
    """The lab as it is on a system that constriction is not built for."""
    monkeypatch.setitem(sys.modules, "constriction", None)
    importlib.reload(ans)
    importlib.reload(bits_back)
    yield
    monkeypatch.undo()
    importlib.reload(ans)
    importlib.reload(bits_back)


def test_an_image_is_coded_alike_without_constriction(without_constriction):
    assert bits_back.AnsCoder is ans.OwnAnsCoder
    rng = np.random.default_rng(1)
    message, pixels = random_message(rng, 20), rng.integers(0, 256, 64).astype(np.int32)
    coded = bits_back.bits_back_encode(message, pixels, Halves())
    again, below = bits_back.bits_back_decode(coded, 2, Halves())
    assert np.array_equal(again, pixels)
    assert np.array_equal(below, message)
    alone = bits_back.pixel_bits(coded, 2, pixels, Halves())
    bits_back.AnsCoder = stream.stack.AnsCoder
    bits_back._latent_model = stream.model.QuantizedGaussian(0, 2047)
    bits_back._pixel_model = stream.model.QuantizedGaussian(0, 255)
    assert np.array_equal(bits_back.bits_back_encode(message, pixels, Halves()), coded)
    assert bits_back.pixel_bits(coded, 2, pixels, Halves()) == alone
