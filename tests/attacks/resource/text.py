"""Raises and returns text that no file, page or terminal takes: lone surrogates, tags, escapes."""

TASK = "3.10"
HONEST = []

_TEXT = "\ud800\udfff\x00\x1b[2J\u202e<script>alert(1)</script>{{ 7 * 7 }}|\r\n# passed"


def information_ratio(label_information, information, minimum=0.05):
    raise type(_TEXT.replace("\0", ""), (Exception,), {})(_TEXT)


def label_information(logits, labels):
    return {_TEXT: _TEXT}
