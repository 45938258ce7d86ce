"""Hidden checks of tasks 3.9 and 3.10."""

import math

import pytest
import torch

from support import assert_matches


def _entropy(labels):
    counts = [labels.tolist().count(label) for label in set(labels.tolist())]
    return -sum(count / len(labels) * math.log(count / len(labels)) for count in counts)


def _bound(logits, labels):
    """In float64, one latent at a time."""
    losses = [
        torch.logsumexp(row.double(), 0).item() - row[label].item()
        for row, label in zip(logits, labels.tolist(), strict=True)
    ]
    return _entropy(labels) - sum(losses) / len(losses)


@pytest.mark.task("3.9")
@pytest.mark.no_mutation
def test_label_information_values(student, draw):
    """The bound is that of these labels and this classifier, good or bad, in nats."""
    for n, classes in ((23, 10), (40, 3), (7, 7), (9, 2), (60, 17), (1500, 10)):
        for dtype in (torch.float32, torch.float64):
            labels = draw.integers(0, classes, (n,)).minimum(draw.integers(0, classes, (n,)))
            guess = 2 * draw.normal(n, classes, dtype=dtype)
            good = guess + 4 * torch.eye(classes, dtype=dtype)[labels]
            for logits in (guess, good, guess + 7):
                returned = student.label_information(logits, labels)
                assert_matches(returned, _bound(logits, labels), rtol=1e-5, atol=2e-5)
    labels, logits = draw.integers(0, 10, (10_500,)), draw.normal(10_500, 10)
    losses = logits.double().logsumexp(1) - logits.double()[torch.arange(10_500), labels]
    returned = student.label_information(logits, labels)
    assert_matches(returned, _entropy(labels) - losses.mean().item(), rtol=1e-5, atol=2e-5)


@pytest.mark.task("3.9")
def test_label_information_extremes(student, draw):
    """Very confident classifiers, right or wrong, give finite and exact bounds."""
    labels = torch.tensor([0, 2, 2, 1, 2, 2, 0, 2, 1])
    right = torch.eye(3)[labels]
    for logits in (500 * right, 1000 * right - 500, -500 * right, 500 * draw.normal(9, 3)):
        returned = student.label_information(logits, labels)
        assert_matches(returned, _bound(logits, labels), rtol=1e-5, atol=1e-4)


@pytest.mark.task("3.9")
def test_label_information_absent_classes(student, draw):
    """Classes that no label belongs to count for the classifier, not for the entropy."""
    for present in ((1, 4), (0,), (5,), (0, 2, 3)):
        labels = torch.tensor(present)[draw.integers(0, len(present), (12,))]
        logits = draw.normal(12, 6)
        returned = student.label_information(logits, labels)
        assert_matches(returned, _bound(logits, labels), rtol=1e-5, atol=2e-5)


@pytest.mark.task("3.10")
@pytest.mark.no_mutation
def test_ratio_and_its_guard(student):
    """The ratio of any two amounts, not a number below the minimum, which may be chosen."""
    cases = [
        ((1.5, 2.5), 0.6),
        ((3.0, 2.0), 1.5),
        ((-0.5, 4.0), -0.125),
        ((0.0, 5.0), 0.0),
        ((0.02, 0.2), 0.1),
        ((0.05, 0.1), 0.5),
        ((2.0, 0.0), math.nan),
        ((0.0, 0.0), math.nan),
        ((2.0, 0.09), math.nan),
        ((1.0, -3.0), math.nan),
        ((0.3, 0.75, 1.0), math.nan),
        ((3.0, 1.0, 1.0), 3.0),
        ((0.03, 0.06, 0.05), 0.5),
        ((5.0, 0.04, 0.05), math.nan),
        ((9.0, 0.9), 10.0),
        ((-7.0, 2.0), -3.5),
        ((1.0, 3.0), 1 / 3),
        ((1e-5, 8.0), 1.25e-6),
        ((2.0, 0.0999), math.nan),
        ((2.0, 0.1001), 2 / 0.1001),
        ((4e-4, 5e-4, 2e-4), 0.8),
        ((2.0, 0.09999), math.nan),
        ((2.0, 0.10001), 2 / 0.10001),
        ((2.0, 0.05, 0.0), 40.0),
        ((2e-7, 1e-6, 0), 0.2),
        ((1.0, -1e-6, 0.0), math.nan),
    ]
    for arguments, expected in cases:
        assert_matches(student.information_ratio(*arguments), expected)
