"""NumPy wherever no gradient is asked for."""

import numpy as np
import torch


def covariance_spectrum(x):
    data = x.reshape(len(x), -1).numpy()
    values = np.linalg.svd(data - data.mean(axis=0), compute_uv=False) ** 2 / len(data)
    spectrum = np.zeros(data.shape[1], dtype=data.dtype)
    spectrum[: len(values)] = values
    return torch.from_numpy(spectrum)


def reverse_water_filling(variances, distortion):
    values = variances.numpy().astype(np.float64)
    if distortion < 0 or np.any(values < 0):
        raise ValueError("negative variance or distortion")
    level = values.max()
    if distortion < values.sum():
        ordered = np.sort(values)
        below = np.concatenate([[0.0], np.cumsum(ordered)[:-1]])
        levels = (distortion - below) / np.arange(len(values), 0, -1)
        level = levels[np.argmax(levels <= ordered)]
    active = values > level
    with np.errstate(divide="ignore"):
        rate = 0.5 * np.sum(np.log(values[active]) - np.log(level))
    return float(rate), variances.clamp(max=float(level)), float(level)


def white_gaussian_rate(variances, distortion):
    values = variances.numpy().astype(np.float64)
    return float(values.size * max(0.0, 0.5 * np.log(values.mean() * values.size / distortion)))


def interpolate(z_start, z_end, steps):
    return torch.from_numpy(np.linspace(z_start.numpy(), z_end.numpy(), steps))


def traverse(z, dimension, values):
    rows = np.tile(z.numpy(), (len(values), 1))
    rows[:, dimension] = values.numpy()
    return torch.from_numpy(rows)


def redundant_dimensions(mean, log_var, threshold=0.01):
    mean, log_var = mean.numpy(), log_var.numpy()
    kl = (mean**2 + np.exp(log_var) - 1 - log_var) / 2
    return torch.from_numpy(np.flatnonzero(kl.mean(axis=0) < threshold))


def sandwich_bounds(z, mean, log_var):
    z, mean, log_var = (t.numpy().astype(np.float64) for t in (z, mean, log_var))
    n = len(z)
    gap = z[:, None] - mean[None]
    log_q = -0.5 * (gap**2 / np.exp(log_var) + log_var + np.log(2 * np.pi)).sum(axis=2)
    own = np.diag(log_q)
    others = np.where(np.eye(n, dtype=bool), -np.inf, log_q)
    lower = own - np.logaddexp.reduce(log_q, axis=1) + np.log(n)
    upper = own - np.logaddexp.reduce(others, axis=1) + np.log(n - 1)
    return lower.mean(), upper.mean()


def label_information(logits, labels):
    logits, labels = logits.numpy().astype(np.float64), labels.numpy()
    share = np.bincount(labels)[np.unique(labels)] / len(labels)
    log_p = logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
    own = np.take_along_axis(log_p, labels[:, None], axis=1)
    return -np.sum(share * np.log(share)) + own.mean()
