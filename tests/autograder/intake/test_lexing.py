"""Tokens of modules: what a disguise changes is left out, and nothing takes quadratic time."""

import time

import pytest

from autograder import ROOT
from autograder.intake.lexing import lexed_lines
from autograder.intake.modules import MAX_BYTES


def test_names_comments_spaces_and_texts_are_left_out():
    ours = "def kl(mean, log_var):\n    # mine\n    text = 'a'\n\n    return sum(mean)  # so\n"
    theirs = "def f( a,b ):\n\n    x   =  '''b\n'''\n    return sum( a )\n"
    assert lexed_lines(ours)[:5] == ("def F ( V , V ) :", "", "V = S", "", "return sum ( V )")
    assert "".join(lexed_lines(ours)) == "".join(lexed_lines(theirs))


@pytest.mark.parametrize("ending", ["\r\n", "\r"])
def test_a_line_is_where_it_stands_whatever_ends_it(ending):
    assert lexed_lines(f"# one{ending}{ending}x = 1{ending}") == ("", "", "V = 1", "")


def test_text_that_is_code_is_lexed_and_other_text_is_not():
    code = "def f(a):\n    total = 0\n    for b in a:\n        total += b\n    return total\n"
    lines = lexed_lines(f"import os\nexec({code!r})\nexec('''\n{code}''')\n")
    assert lines[1].startswith("exec ( def F ( V ) :")
    assert lines[4] == "V = 0"
    assert "V = 0" not in lines[2]
    prose = "Return the rate in nats, and what the reader makes of it, if there is any reader.\n"
    assert lexed_lines(f"'''{prose}'''")[0] == "S"


def test_what_is_no_python_gives_the_tokens_before_the_mistake():
    assert lexed_lines("x = 1\ny = '")[0] == "V = 1"
    assert lexed_lines("x = (\n")[0] == "V = ("
    assert lexed_lines("") == ("",)


@pytest.mark.parametrize(
    "text",
    [
        "x = 1" + " " * 49_000 + "+ 1\n",
        "x = 1" + "\t" * 49_000 + "\n",
        "if 1:\n" + " " * 49_000 + "x = 1\n",
        "\n" * 49_000,
        "\f\n" * 24_000,
        " \n" * 24_000,
        "x = 1 \\\n" + "\\\n" * 24_000 + "+ 1\n",
        "x = '''" + "\n" * 49_000 + "'''\n",
        "x = '''" + "a\n" * 24_000 + "'''\n",
        "x = " + "1" * 4000 + "_1" * 20_000 + "\n",
        "x = (" + "0," * 24_000 + ")\n",
        "x = 0" + "._" * 0 + " or 0" * 9_000 + "\n",
        "#" * 49_000,
        "a" * 49_000,
        "a.a" + ".a" * 24_000,
        "'" * 49_000,
        "`$" * 24_000,
        "f'{" * 15_000,
        "@" * 49_000,
    ],
)
def test_no_module_takes_long(text):
    assert len(text) <= MAX_BYTES
    start = time.process_time()
    lexed_lines(text)
    assert time.process_time() - start < 3


def test_every_module_of_ours_has_a_line_of_tokens_for_each_of_its_lines():
    for file in sorted((ROOT / "solution/rdlab").glob("*.py")):
        text = file.read_text(encoding="utf-8")
        assert len(lexed_lines(text)) == text.count("\n") + 1
