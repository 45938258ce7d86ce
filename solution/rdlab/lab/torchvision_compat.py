"""Import torchvision beside any build of PyTorch. Given code."""

import importlib
from types import ModuleType

import torch

_OPERATORS = {
    "torchvision::nms": "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "torchvision::qnms": "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
}


def import_torchvision(module: str = "torchvision") -> ModuleType:
    """Import torchvision, or one of its modules such as "torchvision.transforms.v2".

    The CUDA build of torchvision does not load its compiled operators beside a CPU-only PyTorch,
    and its import then fails on one of them. Data sets, transforms and utilities need none:
    declared, but not implemented, they let the import pass.
    """
    try:
        return importlib.import_module(module)
    except RuntimeError as error:
        if "operator torchvision::nms does not exist" not in str(error):
            raise
    for name, signature in _OPERATORS.items():
        torch.library.define(name, signature)
    return importlib.import_module(module)
