"""Output on any console: what its encoding lacks is written in ASCII. Given code."""

import codecs
import sys
import unicodedata

IN_ASCII = {
    "β": "beta",
    "θ": "theta",
    "λ": "lambda",
    "π": "pi",
    "σ": "sigma",
    "τ": "tau",
    "Δ": "Delta",
    "Σ": "Sigma",
    "ø": "o",
    "✓": "+",
    "✗": "x",
    "·": ".",
    "×": "x",
    "±": "+-",
    "–": "-",
    "—": "-",
    "−": "-",
    "→": "->",
    "≤": "<=",
    "≥": ">=",
    "≈": "~",
    "√": "sqrt ",
    "∞": "inf",
    "‖": "||",
    "⁄": "/",
    "’": "'",
    "“": '"',
    "”": '"',
}
HANDLER = "rdlab.ascii"


def write_anything() -> None:
    """Let this process print every character, whatever the encoding of its console."""
    codecs.register_error(HANDLER, _replacement)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a notebook's has none, and needs none
            stream.reconfigure(errors=HANDLER)


def in_ascii(text: str) -> str:
    """Return a text in ASCII: "β = σ²" as "beta = sigma2", and "?" for what has no spelling."""
    letters = unicodedata.normalize("NFKD", text)
    spelt = (IN_ASCII.get(each, each) for each in letters if not unicodedata.combining(each))
    return "".join(each if each.isascii() else "?" for each in spelt)


def _replacement(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return in_ascii(error.object[error.start : error.end]), error.end
