"""The checks run by themselves: `pytest tests`, with -k, --pdb and print (see fixtures.py)."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from fixtures import (  # noqa: F401  (found through the path set above)
    draw,
    pytest_configure,
    pytest_pyfunc_call,
    student,
)
