"""The entropy coder of bits-back coding. Given code.

`AnsCoder` and `QuantizedGaussian` are those of the library constriction where it is built for the
system, and else the ones below, which write and read the same messages: on Linux on ARM.

A message is a stack of 32-bit words below a 64-bit state (range asymmetric numeral systems, rANS).
Probabilities are multiples of 2⁻²⁴; the state has at least 33 bits while there are words below.

Source: Duda (2013), "Asymmetric numeral systems"; Bamler (2022), "Understanding entropy coding with
asymmetric numeral systems", for the format of the messages.
"""

import math
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np

PRECISION = 24
WORD = 32


class OwnQuantizedGaussian:
    """A Gaussian rounded to integers `low` … `high`, each of them with at least 2⁻²⁴.

    Args:
        low: the least symbol.
        high: the greatest symbol.
    """

    def __init__(self, low: int, high: int):
        self.low, self.high = low, high
        self._weight = 2**PRECISION - 1 - (high - low)

    def below(self, symbol: int, mean: float, std: float) -> int:
        """Return the probability of all smaller symbols, in units of 2⁻²⁴."""
        if symbol <= self.low:
            return 0
        if symbol > self.high:
            return 2**PRECISION
        share = (1 + math.erf((symbol - 0.5 - mean) / (std * math.sqrt(2)))) / 2
        return (0 if math.isnan(share) else int(self._weight * share)) + symbol - self.low

    def symbol_at(self, quantile: int, mean: float, std: float) -> int:
        """Return the symbol whose interval of probability holds a quantile, in units of 2⁻²⁴."""
        low, high = self.low, self.high
        while low < high:
            middle = (low + high + 1) // 2
            if self.below(middle, mean, std) <= quantile:
                low = middle
            else:
                high = middle - 1
        return low


class OwnAnsCoder:
    """A message that grows by `encode_reverse` and shrinks by `decode`.

    Args:
        message: uint32 words, the last one not 0; None is the empty message.

    Raises:
        TypeError: it is no array of uint32 with one axis.
        ValueError: its last word is 0.
    """

    def __init__(self, message: np.ndarray | None = None):
        words = _vector(message, np.uint32).tolist() if message is not None else []
        if words and not words[-1]:
            raise ValueError("a message never ends in a word that is 0")
        self._words, self._state = words, 0
        self._refill()

    def encode_reverse(self, symbols: np.ndarray, model: OwnQuantizedGaussian, *parameters) -> None:
        """Push int32 symbols, from the last to the first, with a mean and a std of each.

        Raises:
            KeyError: the model does not have a symbol.
            ValueError: there is not one mean and one positive std per symbol.
        """
        symbols = _vector(symbols, np.int32)
        pairs = _pairs(parameters)
        if len(pairs) != len(symbols):
            raise ValueError("there must be one mean and one std per symbol")
        for symbol, pair in zip(reversed(symbols.tolist()), reversed(pairs), strict=True):
            if not model.low <= symbol <= model.high:
                raise KeyError(f"the symbol {symbol} is not in {model.low} … {model.high}")
            below = model.below(symbol, *pair)
            probability = model.below(symbol + 1, *pair) - below
            if self._state >> (2 * WORD - PRECISION) >= probability:
                self._words.append(self._state % 2**WORD)
                self._state >>= WORD
            whole, rest = divmod(self._state, probability)
            self._state = (whole << PRECISION) + below + rest

    def decode(self, model: OwnQuantizedGaussian, *parameters) -> np.ndarray:
        """Pop as many symbols as there are means and stds; return them, int32 of shape (n,)."""
        symbols = []
        for pair in _pairs(parameters):
            whole, quantile = divmod(self._state, 2**PRECISION)
            symbol = model.symbol_at(quantile, *pair)
            below = model.below(symbol, *pair)
            self._state = whole * (model.below(symbol + 1, *pair) - below) + quantile - below
            self._refill()
            symbols.append(symbol)
        return np.array(symbols, np.int32)

    def get_compressed(self) -> np.ndarray:
        """Return the message, uint32 words."""
        state = [self._state % 2**WORD, self._state >> WORD]
        while state and not state[-1]:
            state.pop()
        return np.array(self._words + state, np.uint32)

    def pos(self) -> tuple[int, int]:
        """Return how many words are below the state, and the state."""
        return len(self._words), self._state

    def _refill(self) -> None:
        while self._words and self._state < 2**WORD:
            self._state = (self._state << WORD) + self._words.pop()


def _vector(values: Any, dtype: type) -> np.ndarray:
    if not isinstance(values, np.ndarray) or values.dtype != dtype or values.ndim != 1:
        raise TypeError(f"expected an array of {dtype.__name__} with one axis, not {values!r}")
    return values


def _pairs(parameters: tuple[np.ndarray, ...]) -> list[tuple[float, float]]:
    means, stds = (np.asarray(each, float).tolist() for each in parameters)
    if len(means) != len(stds) or not all(std > 0 for std in stds):
        raise ValueError("there must be a positive std for each mean")
    return list(zip(means, stds, strict=True))


AnsCoder = OwnAnsCoder
QuantizedGaussian = OwnQuantizedGaussian
if not TYPE_CHECKING:  # the library's take the same arguments
    with suppress(ImportError):
        from constriction import stream

        AnsCoder = stream.stack.AnsCoder
        QuantizedGaussian = stream.model.QuantizedGaussian
