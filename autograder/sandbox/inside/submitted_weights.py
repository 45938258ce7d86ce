"""Weights of a submission into a model of the course's own, for all that measure them."""

from pathlib import Path

from safetensors.torch import load_file
from torch import nn

from rdlab.lab.errors import LabError
from rdlab.lab.models import load_state


def load_weights(model: nn.Module, path: Path) -> nn.Module:
    """Put a safetensors file's weights into a model, in evaluation mode.

    Raises:
        LabError: the file cannot be read, or its weights do not fit or are not finite.
    """
    try:
        weights = load_file(path)
    except Exception as error:
        raise LabError(f"{path.name} is not a readable safetensors file") from error
    wanted = {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}
    found = {name: tuple(tensor.shape) for name, tensor in weights.items()}
    if wanted != found:
        raise LabError(f"{path.name} does not fit the model of config.json ({_gap(wanted, found)})")
    load_state(model, weights)
    return model.eval()


def _gap(wanted: dict, found: dict) -> str:
    for name in sorted(wanted.keys() | found.keys()):
        if wanted.get(name) != found.get(name):
            return f"{name}: expected {wanted.get(name)}, found {found.get(name)}"
    return "no difference"
