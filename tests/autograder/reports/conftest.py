"""What several tests of reports need."""

import pytest


@pytest.fixture
def folder(tmp_path):
    """A class of two, ada and bob."""
    for student in ("ada", "bob"):
        (tmp_path / student / "rdlab").mkdir(parents=True)
        (tmp_path / student / "rdlab/gaussian.py").write_text("")
    return tmp_path
