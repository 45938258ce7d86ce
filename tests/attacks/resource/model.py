"""Returns a model whose making takes forty gigabytes, and an integer that no float holds."""

import sys

TASK = "3.10"
HONEST = []


def information_ratio(label_information, information, minimum=0.05):
    model = sys.modules["toy_models"].StepVAE(1)
    model._kwargs = {"latent_dim": 10**10}
    return model


def label_information(logits, labels):
    return 10**400
