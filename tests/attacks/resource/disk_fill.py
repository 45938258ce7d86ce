"""Fills its scratch: large files, many files, and folders nested deeper than Python recurses."""

import os

TASK = "3.10"
HONEST = []


def _fill():
    for number in range(12):
        with open(f"large-{number}", "wb") as file:
            file.write(bytes(15 << 20))


def _many():
    for number in range(5000):
        os.close(os.open(f"small-{number}", os.O_CREAT | os.O_WRONLY))


def _deep():
    for _ in range(3000):
        os.mkdir("d")
        os.chdir("d")


def information_ratio(label_information, information, minimum=0.05):
    os.mkdir("locked")
    os.mkdir("locked/inner")
    os.chmod("locked", 0)
    for action in (_many, _deep, _fill):
        try:
            action()
        except OSError:
            continue
    return 0.0
