"""Each image made a row by view or reshape with -1, which torch refuses where there is no image."""

import torch


def rate_and_distortion(model, batches):
    from rdlab.gaussian import gaussian_kl, reparameterize

    model.eval()
    rates, distortions = [], []
    with torch.no_grad():
        for x in batches:
            mean, log_var = model.encode(x)
            x_hat = model.decode(reparameterize(mean, log_var, torch.randn_like(log_var)))
            gaps = x.view(len(x), -1) - x_hat.reshape(len(x), -1)
            rates += gaussian_kl(mean, log_var).sum(1).double().tolist()
            distortions += gaps.pow(2).sum(1).double().tolist()
    if not rates:
        raise ValueError("no image")
    return sum(rates) / len(rates), sum(distortions) / len(distortions)
