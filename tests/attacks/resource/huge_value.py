"""Returns more than anyone wants: a quarter of a gigabyte, a long text, numbers without end."""

import torch

TASK = "3.10"
HONEST = []


def information_ratio(label_information, information, minimum=0.05):
    return torch.zeros((1 << 28) - 1024, dtype=torch.uint8)


def label_information(logits, labels):
    return ["x" * 200_000, 10**4000, torch.zeros(0, 1 << 27)]


def excess_rate(rate, distortion, variances):
    raise ValueError("y" * 10_000_000)
