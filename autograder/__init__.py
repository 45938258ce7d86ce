"""The autograder: releases the assignment, grades submissions, checks the checks."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# The judge and students' public checks share `support`, `footprint` and `toy_models`.
sys.path.append(str(ROOT / "tests" / "public"))
