"""Lists, math.fsum and counters instead of tensors."""

import math
from collections import Counter

import torch


def reverse_water_filling(variances, distortion):
    from rdlab.rate_distortion import WaterFilling

    lam = [float(v) for v in variances]
    if distortion < 0 or min(lam) < 0:
        raise ValueError("negative input")
    if distortion >= math.fsum(lam):
        return WaterFilling(rate=0.0, distortions=variances.clone(), level=max(lam))
    left, theta = float(distortion), 0.0
    for i, v in enumerate(sorted(lam)):
        theta = left / (len(lam) - i)
        if theta <= v:
            break
        left -= v
    d = [min(theta, v) for v in lam]
    rate = (
        math.inf
        if theta == 0 and max(lam) > 0
        else math.fsum(0.5 * math.log(v / theta) for v in lam if v > theta)
    )
    return WaterFilling(rate, torch.tensor(d), theta)


def white_gaussian_rate(variances, distortion):
    n = variances.shape[0]
    sigma2 = float(variances.double().mean())
    return max(0.0, n / 2 * math.log(sigma2 / (distortion / n))) if sigma2 > 0 else 0.0


def label_information(logits, labels):
    n = len(labels)
    h = -sum(c / n * math.log(c / n) for c in Counter(labels.tolist()).values())
    picked = logits.double().gather(1, labels.unsqueeze(1)).squeeze(1)
    return h - (torch.logsumexp(logits.double(), 1) - picked).mean()
