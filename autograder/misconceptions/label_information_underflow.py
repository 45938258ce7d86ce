"""You take the logarithm of a softmax: for confident logits it is ln 0 = −inf. Use a log-softmax."""

import torch

TASK = "3.9"


def label_information(logits, labels):
    share = labels.bincount().double() / len(labels)
    own = logits.softmax(1)[torch.arange(len(labels)), labels]
    return (torch.special.entr(share).sum() + own.log().mean()).item()
