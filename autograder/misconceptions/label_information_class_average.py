"""You average the cross-entropy class by class: every latent counts the same."""

import torch
import torch.nn.functional as F

TASK = "3.9"


def label_information(logits, labels):
    f = labels.bincount().double() / len(labels)
    ce = F.cross_entropy(logits.double(), labels, reduction="none")
    return (
        torch.special.entr(f).sum()
        - torch.stack([ce[labels == c].mean() for c in labels.unique()]).mean()
    ).item()
