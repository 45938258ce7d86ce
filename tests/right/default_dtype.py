"""torch's default type set to double for the whole process."""

import torch

torch.set_default_dtype(torch.float64)


def traverse(z, dimension, values):
    return torch.stack([torch.cat([z[:dimension], v.view(1), z[dimension + 1 :]]) for v in values])


def redundant_dimensions(mean, log_var, threshold=0.01):
    from rdlab.gaussian import gaussian_kl

    return (gaussian_kl(mean, log_var).mean(0) < threshold).argwhere().squeeze(1)


def white_gaussian_rate(variances, distortion):
    s = variances.sum(dtype=torch.float64)
    return 0.0 if distortion >= s else 0.5 * len(variances) * torch.log(s / distortion)
