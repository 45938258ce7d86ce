"""You subtract each row's largest logit in place and so overwrite the logits of your caller."""

import torch
import torch.nn.functional as F

TASK = "3.9"


def label_information(logits, labels):
    f = labels.bincount().double() / len(labels)
    logits -= logits.max(1, keepdim=True).values
    return (torch.special.entr(f).sum() - F.cross_entropy(logits.double(), labels)).item()
