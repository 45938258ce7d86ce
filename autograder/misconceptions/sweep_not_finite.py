"""The weights hold values that are not finite: training diverged, so train this β again."""

from safetensors.torch import load_file, save_file

TASK = "1.6"


def alter(runs):
    path = runs / "beta-0.1" / "weights.safetensors"
    weights = {name: value * float("nan") for name, value in load_file(path).items()}
    save_file(weights, path)
