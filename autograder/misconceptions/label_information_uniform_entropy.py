"""You take H(y) = ln C, true only for equally frequent classes. Use the frequencies of the labels."""

import math

import torch.nn.functional as F

TASK = "3.9"


def label_information(logits, labels):
    return math.log(logits.shape[1]) - F.cross_entropy(logits.double(), labels).item()
