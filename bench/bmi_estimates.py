"""benchmark-mi's tasks and its own MINE and InfoNCE on them. Runs in bench/.venv-bmi.

Writes TASK.npz with a sample of each task, and prints a JSON object per task.
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np
from bmi.benchmark import BENCHMARK_TASKS
from bmi.estimators import InfoNCEEstimator, MINEEstimator

PAIRS = 10_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--task", nargs="+", default=list(BENCHMARK_TASKS))
    options = parser.parse_args()
    for name in options.task:
        task = BENCHMARK_TASKS[name]
        x, y = map(np.asarray, task.sample(PAIRS, seed=0))
        np.savez(options.folder / f"{name}.npz", x=x, y=y)
        found = {"task": name, "truth": float(task.mutual_information)}
        for label, estimator in (("MINE", MINEEstimator), ("InfoNCE", InfoNCEEstimator)):
            start = time.process_time()
            found[label] = float(estimator(verbose=False, seed=0).estimate(x, y))
            found[f"{label} CPU s"] = time.process_time() - start
        print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main()
