"""The tokens of Python, as far as a disguised copy keeps them: names and comments are left out."""

import ast
import builtins
import io
import keyword
import token
import tokenize
from collections.abc import Iterator
from contextlib import suppress

WORDS = frozenset(keyword.kwlist) | frozenset(dir(builtins))
"""Names that nobody may choose."""
LEFT_OUT = frozenset(
    {token.INDENT, token.DEDENT, token.NEWLINE, token.ENDMARKER, tokenize.NL, tokenize.COMMENT}
)
NAMED = {"def": "F", "class": "O"}
CODE_CHARACTERS = 60
"""Shorter texts are not looked at for code in them."""
STATEMENTS = (ast.FunctionDef, ast.ClassDef, ast.Assign, ast.AugAssign, ast.For, ast.While, ast.If)


def lexed_lines(text: str, texts_in_texts: int = 2) -> tuple[str, ...]:
    """Return the tokens of each line of a module, separated by spaces.

    Names become V, those of functions F, of classes O, literal text becomes S. Text that is Python
    itself, as `exec` takes it, is lexed where it stands.

    Args:
        text: what Python can parse; of anything else the tokens before the mistake are returned.
        texts_in_texts: how deep code in texts is looked for.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines: list[list[str]] = [[] for _ in range(text.count("\n") + 2)]
    with suppress(tokenize.TokenError, SyntaxError):  # what comes after the mistake is left out
        for found, word, line in _tokens(text):
            code = _code(found, word) if texts_in_texts else ""
            if code:
                last = line + word.count("\n")
                for number, words in enumerate(lexed_lines(code, texts_in_texts - 1), line):
                    lines[min(number, last)] += words.split()
            else:
                lines[line].append("S" if found in (token.STRING, FSTRING) else word)
    return tuple(" ".join(words) for words in lines[1:])


FSTRING = getattr(token, "FSTRING_START", token.STRING)
IN_FSTRING = frozenset(
    number for name, number in vars(token).items() if name in ("FSTRING_MIDDLE", "FSTRING_END")
)


def _tokens(text: str) -> Iterator[tuple[int, str, int]]:
    """Yield (kind, word, line) of every token that counts."""
    before = ""
    for found in tokenize.generate_tokens(io.StringIO(text).readline):
        if found.type in LEFT_OUT or found.type in IN_FSTRING:
            continue
        word = found.string
        if found.type == token.NAME and word not in WORDS:
            word = NAMED.get(before, "V")
        yield found.type, word, found.start[0]
        before = word


def _code(found: int, word: str) -> str:
    """Return the text in a literal if it is Python with statements, else ""."""
    if found != token.STRING or len(word) < CODE_CHARACTERS:
        return ""
    try:
        text = ast.literal_eval(word)
        tree = ast.parse(text) if isinstance(text, str) else None
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return ""
    body = tree.body if tree else []
    return text if any(isinstance(statement, STATEMENTS) for statement in body) else ""
