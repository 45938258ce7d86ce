"""Part 6 in plain loops and Python's own numbers, where no gradient is asked for."""

import math

import numpy as np
import torch


def gaussian_kl_between(mean_q, log_var_q, mean_p, log_var_p):
    standardised = (mean_q - mean_p) / (log_var_p / 2).exp()
    ratio = log_var_q - log_var_p
    return standardised * standardised / 2 + torch.expm1(ratio) / 2 - ratio / 2


def precision_weighted_merge(mean_1, log_var_1, mean_2, log_var_2):
    gain = torch.sigmoid(log_var_1 - log_var_2)  # of a Kalman filter that sees the second
    mean = mean_1 + gain * (mean_2 - mean_1)
    return mean, log_var_1 + torch.nn.functional.logsigmoid(log_var_2 - log_var_1)


def hierarchical_loss(log_likelihood, kl_1, kl_2, beta_1, beta_2, weight=1.0):
    total = 0.0
    for i in range(len(log_likelihood)):
        total = total - log_likelihood[i] + weight * (beta_1 * kl_1[i] + beta_2 * kl_2[i])
    return total / len(log_likelihood)


def warm_up(epoch, epochs):
    length = int(epochs / 5)
    weights = [i / length for i in range(length)] + [1.0] * (epochs - length)
    return weights[epoch]


def layer_rates(model, batches):
    training = model.training
    model.train(False)
    sums, images = [0.0, 0.0, 0.0], 0
    with torch.no_grad():
        for batch in batches:
            for x in batch.split(500):
                m_2, v_2 = model.encode_top(x)
                z_2 = m_2 + (v_2 / 2).exp() * torch.randn(m_2.shape, dtype=m_2.dtype)
                m_1, v_1 = model.encode_bottom(x, z_2)
                z_1 = torch.normal(m_1, (v_1 / 2).exp())
                prior_m, prior_v = model.prior_bottom(z_2)
                sums[0] += 0.5 * float((m_2**2 + v_2.exp() - 1 - v_2).sum())
                gap = (m_1 - prior_m) ** 2 / prior_v.exp()
                sums[1] += 0.5 * float((gap + (v_1 - prior_v).exp() - 1 - v_1 + prior_v).sum())
                sums[2] += float(((x - model.decode(z_1)) ** 2).sum())
                images += x.shape[0]
    model.train(training)
    if not images:
        raise ValueError("no image")
    return [total / images for total in sums]


def gumbel_softmax(logits, temperature, noise):
    scaled = (logits + noise) / temperature
    weights = (scaled - scaled.max(dim=-1, keepdim=True).values).exp()
    return weights / weights.sum(dim=-1, keepdim=True)


def categorical_kl(logits):
    probabilities = torch.softmax(logits, dim=-1)
    logs = torch.log_softmax(logits, dim=-1)
    total = torch.zeros_like(logits[..., 0])
    for k in range(logits.shape[-1]):
        total = total + probabilities[..., k] * logs[..., k]
    return total + math.log(logits.shape[-1])


def discretized_logistic_mixture(x, logits, means, log_scales):
    levels = (x * 255).round()
    y = 2 * levels / 255 - 1
    weights = torch.log_softmax(logits, -1)
    parts = []
    for k in range(logits.shape[-1]):
        scale = log_scales[..., k].exp()
        above, below = (y + 1 / 255 - means[..., k]) / scale, (y - 1 / 255 - means[..., k]) / scale
        low = torch.nn.functional.logsigmoid(above)
        high = torch.nn.functional.logsigmoid(-below)
        middle = low + high + torch.log(-torch.expm1(-2 / 255 / scale))
        log_p = torch.where(levels == 0, low, torch.where(levels == 255, high, middle))
        parts.append(log_p + weights[..., k])
    total = parts[0]
    for part in parts[1:]:
        total = torch.logaddexp(total, part)
    return total


def gaussian_log_likelihood(x, x_hat, log_sigma):
    zero = torch.zeros_like(log_sigma)
    soft = torch.logaddexp(log_sigma + 6, zero) - 6
    values = []
    for image, guess in zip(x, x_hat, strict=True):
        error = ((image - guess) ** 2).sum()
        constant = image.numel() * (soft + math.log(2 * math.pi) / 2)
        values.append(-error / (2 * torch.exp(soft) ** 2) - constant)
    return torch.stack(values)


def mixture_information(z, mean, log_var, labels):
    z, mean, log_var = (part.double().numpy() for part in (z, mean, log_var))
    labels = labels.numpy()
    total = 0.0
    for own, label in zip(z, labels, strict=True):
        logs = -0.5 * ((own - mean) ** 2 * np.exp(-log_var) + log_var).sum(1)
        logs -= logs.max()
        same = logs[labels == label]
        ratio = np.logaddexp.reduce(same) - np.logaddexp.reduce(logs)
        total += ratio - math.log(len(same) / len(labels))
    return total / len(z)


def accuracy_bound(information, label_probabilities):
    shares = list(label_probabilities.double().tolist())
    classes, entropy = len(shares), sum(-p * math.log(p) for p in shares if p)
    information = max(0.0, information)
    if information >= entropy:
        return 1.0
    low, high = 1.0 / classes, 1.0
    while high - low > 1e-12:
        a = (low + high) / 2
        found = entropy + a * math.log(a) + (1 - a) * (math.log(1 - a) - math.log(classes - 1))
        low, high = (a, high) if found <= information else (low, a)
    return (low + high) / 2


def psnr(x, x_hat):
    rmse = math.sqrt(float(((x.double() - x_hat.double()) ** 2).sum()) / x.numel())
    return 20 * math.log10(1 / rmse) if rmse > 0 else float("inf")


def inception_score(probabilities):
    rows = probabilities.double().tolist()
    marginal = [sum(column) / len(rows) for column in zip(*rows, strict=True)]
    kl = sum(
        p * (math.log(p) - math.log(marginal[k])) for row in rows for k, p in enumerate(row) if p
    )
    score = math.exp(kl / len(rows))
    diversity = math.exp(-sum(p * math.log(p) for p in marginal if p))
    return score, diversity, score / diversity


def upper_hull(rates, values):
    points = list(zip(rates.double().tolist(), values.double().tolist(), strict=True))
    best = {}
    for i, (rate, value) in enumerate(points):
        if rate not in best or value > points[best[rate]][1]:
            best[rate] = i
    ordered = sorted(best)
    corners, here = [best[ordered[0]]], 0
    while here < len(ordered) - 1:  # from each corner to the steepest chord, the longest of equals
        start = points[best[ordered[here]]]

        def slope(k, start=start):
            rate, value = points[best[ordered[k]]]
            return (value - start[1]) / (rate - start[0])

        here = max(range(here + 1, len(ordered)), key=lambda k: (slope(k), k))
        corners.append(best[ordered[here]])
    return torch.tensor(sorted(corners))


def linear_hierarchical_point(variances, beta_2, beta_1, top_dim, bottom_dim):
    if beta_2 == beta_1:
        raise ValueError("equal prices")
    rates, distortion = [0.0, 0.0], 0.0
    for place, variance in enumerate(sorted(variances.tolist(), reverse=True)):
        top = beta_2 < beta_1 and place < top_dim
        level = (beta_2 if top else beta_1) / 2
        if place >= bottom_dim or variance <= level:
            distortion += variance
            continue
        distortion += level
        rates[0 if top else 1] += math.log(variance / level) / 2
    return rates[0], rates[1], distortion
