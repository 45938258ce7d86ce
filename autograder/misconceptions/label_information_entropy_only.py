"""You use the entropy of the predictions, not the cross-entropy with the labels: a classifier that
is surely wrong would look perfect."""

import torch

TASK = "3.9"


def label_information(logits, labels):
    share = labels.bincount().double() / len(labels)
    predicted = torch.special.entr(logits.double().softmax(1)).sum(1).mean()
    return (torch.special.entr(share).sum() - predicted).item()
