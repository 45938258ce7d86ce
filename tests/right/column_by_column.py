"""The KL of one column at a time, sent across as a column."""

import torch


def redundant_dimensions(mean, log_var, threshold=0.01):
    from rdlab.gaussian import gaussian_kl

    columns = range(mean.shape[1])
    kl = [float(gaussian_kl(mean[:, j], log_var[:, j]).mean()) for j in columns]
    return torch.tensor([j for j in columns if kl[j] < threshold], dtype=torch.int64)
