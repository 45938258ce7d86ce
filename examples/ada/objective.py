import torch.nn.functional as F


def beta_vae_loss(x: Tensor, x_hat: Tensor, mean: Tensor, log_var: Tensor, beta: float) -> Tensor:
    batch = x.shape[0]
    error = F.mse_loss(x_hat, x, reduction="sum") / batch
    return error + beta * gaussian_kl(mean, log_var).sum() / batch
