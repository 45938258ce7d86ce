"""You take H(y) from the predicted classes. Use the true labels."""

import torch
import torch.nn.functional as F

TASK = "3.9"


def label_information(logits, labels):
    share = logits.argmax(1).bincount().double() / len(labels)
    return (torch.special.entr(share).sum() - F.cross_entropy(logits.double(), labels)).item()
