"""You apply a softmax before a cross-entropy that has one itself. It takes the logits as they are."""

from rdlab.probe import label_information as exact

TASK = "3.9"


def label_information(logits, labels):
    return exact(logits.softmax(1), labels)
