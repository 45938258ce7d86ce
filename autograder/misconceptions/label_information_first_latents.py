"""You use the first latents only: all of them count."""

import torch
import torch.nn.functional as F

TASK = "3.9"


def label_information(logits, labels):
    logits, labels = logits[:200], labels[:200]
    f = labels.bincount().double() / len(labels)
    return (torch.special.entr(f).sum() - F.cross_entropy(logits.double(), labels)).item()
