"""Every model sends nothing: with a squared error averaged over pixels a nat is too dear at any β."""

from safetensors.torch import load_file, save_file

TASK = "1.6"


def alter(runs):
    for path in sorted(runs.glob("*/weights.safetensors")):
        weights = load_file(path)
        last = max(name for name in weights if name.startswith("encoder"))
        layer = last.rpartition(".")[0]
        for name in (f"{layer}.weight", f"{layer}.bias"):
            weights[name].zero_()
        save_file(weights, path)
