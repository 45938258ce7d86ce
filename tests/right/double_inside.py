"""Everything computed in double precision and cast back to the caller's type."""

import math

import torch


def reparameterize(mean, log_var, noise):
    z = mean.double() + torch.exp(log_var.double() / 2) * noise.double()
    return z.to(mean.dtype)


def gaussian_kl(mean, log_var):
    mean, log_var, dtype = mean.double(), log_var.double(), mean.dtype
    return ((mean.square() + torch.expm1(log_var) - log_var) / 2).to(dtype)


def beta_vae_loss(x, x_hat, mean, log_var, beta):
    error = (x.double() - x_hat.double()).square().sum() / len(x)
    kl = mean.double().square() + torch.expm1(log_var.double()) - log_var.double()
    return (error + 0.5 * beta * kl.sum() / len(x)).to(x.dtype)


def gaussian_rate(variance, distortion):
    s, d = torch.broadcast_tensors(variance.double(), distortion.double())
    rate = torch.zeros_like(s)
    rate[d < s] = (s[d < s].log() - d[d < s].log()) / 2
    return rate.to(torch.result_type(variance, distortion))


def dv_bound(joint_scores, marginal_scores):
    joint, marginal = joint_scores.double(), marginal_scores.double()
    bound = joint.mean() - torch.logsumexp(marginal - math.log(marginal.numel()), dim=0)
    return bound.to(joint_scores.dtype)


def nwj_bound(joint_scores, marginal_scores):
    joint, marginal = joint_scores.double(), marginal_scores.double()
    return (joint.mean() - marginal.exp().mean() / math.e).to(joint_scores.dtype)


def info_nce_bound(scores):
    double = scores.double()
    k = double.shape[0]
    return (torch.log_softmax(double, dim=1).trace() / k + math.log(k)).to(scores.dtype)


def smile_bound(joint_scores, marginal_scores, clip=5.0):
    marginal = torch.exp(marginal_scores.double())
    marginal = marginal.clamp(math.exp(-clip), math.exp(clip))
    return (joint_scores.double().mean() - marginal.mean().log()).to(joint_scores.dtype)


def mine_step(joint_scores, marginal_scores, ema, decay=0.99):
    mean_exp = marginal_scores.double().exp().mean()
    average = mean_exp.detach().to(joint_scores.dtype)
    if ema is not None:
        average = decay * ema + (1 - decay) * average
    return (mean_exp / average - joint_scores.double().mean()).to(joint_scores.dtype), average
