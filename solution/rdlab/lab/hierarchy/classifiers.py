"""Four classifiers of latent codes, from scikit-learn. Given code.

Only this module needs scikit-learn, and only when it is called.
"""

import warnings

import numpy as np
import torch
from torch import Tensor

from rdlab.lab.errors import LabError

NAMES = ("logistic", "linear_svm", "rbf_svm", "knn")
TEST_SHARE, SPLIT_SEED = 0.2, 42


def held_out_accuracies(codes: Tensor, labels: Tensor) -> tuple[dict[str, float], Tensor, Tensor]:
    """Train four classifiers on four fifths of the codes, and test them on the rest.

    Args:
        codes: one per image, shape (N, d).
        labels: shape (N,).

    Returns:
        (accuracies by name; log-probabilities that logistic regression gives to the classes of the
        held-out codes, (M, C); their labels, (M,)).

    Raises:
        LabError: scikit-learn is not installed.
    """
    models = _models()
    order = torch.from_numpy(np.random.RandomState(SPLIT_SEED).permutation(len(codes)))
    tested = order[-max(1, round(TEST_SHARE * len(codes))) :]
    trained = order[: len(codes) - len(tested)]
    x, y = codes.float().numpy(), labels.numpy()
    accuracies = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an SVM that stops at its limit is as good as it is
        for name, model in models.items():
            model.fit(x[trained], y[trained])
            accuracies[name] = float(model.score(x[tested], y[tested]))
    return accuracies, _log_probabilities(models["logistic"], x[tested], labels), labels[tested]


def _log_probabilities(model, x: np.ndarray, labels: Tensor) -> Tensor:
    """Return log-probabilities of all classes, also those not among the training images."""
    found = torch.full((len(x), int(labels.max()) + 1), -50.0, dtype=torch.float64)
    found[:, model.classes_] = torch.from_numpy(model.predict_log_proba(x)).double().clamp(min=-50)
    return found


def _models() -> dict:
    try:
        from sklearn.linear_model import LogisticRegression
        from sklearn.neighbors import KNeighborsClassifier
        from sklearn.svm import SVC
    except ImportError as error:
        raise LabError(
            "the classifiers need scikit-learn: python -m rdlab setup installs it, "
            "or uv sync --extra hierarchy."
        ) from error
    models = (
        LogisticRegression(solver="newton-cholesky", max_iter=500),
        SVC(kernel="linear", max_iter=20_000),
        SVC(max_iter=20_000),
        KNeighborsClassifier(algorithm="brute"),
    )
    return dict(zip(NAMES, models, strict=True))
