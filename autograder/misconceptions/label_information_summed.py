"""Your cross-entropy is summed over the samples. It is their mean."""

import torch
import torch.nn.functional as F

TASK = "3.9"


def label_information(logits, labels):
    share = labels.bincount().double() / len(labels)
    loss = F.cross_entropy(logits.double(), labels, reduction="sum")
    return (torch.special.entr(share).sum() - loss).item()
