"""Valid modules of blanks and brackets, each of which a lexer may read in quadratic time."""

from pathlib import Path

TASK = "1.2"
HONEST = []

_MODULES = {
    "spaces": "x = 1" + " " * 49_000 + "+ 1\n",
    "lines": "\n" * 49_000 + "x = 1\n",
    "feeds": "\f\n" * 24_000 + "x = 1\n",
    "joined": "x = 1 \\\n" + "\\\n" * 20_000 + "+ 1\n",
    "text": "x = '''" + "a\n" * 24_000 + "'''\n",
    "digits": "x = 0x" + "1_" * 20_000 + "1\n",
    "quotes": "x = ''" + " ''" * 15_000 + "\n",
}


def build(folder: Path) -> Path:
    for name, text in _MODULES.items():
        (folder / "rdlab" / f"{name}.py").write_text(text)
    return folder
