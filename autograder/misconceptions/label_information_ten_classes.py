"""You count ten classes. Count as many as there are."""

import torch
import torch.nn.functional as F

TASK = "3.9"


def label_information(logits, labels):
    c = torch.tensor([(labels == k).sum().item() for k in range(10)]).double()
    p = c[c > 0] / c.sum()
    return (-(p * p.log()).sum() - F.cross_entropy(logits.double(), labels)).item()
