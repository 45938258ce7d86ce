"""A latent that keeps (almost) nothing gives a meaningless ratio, or a division by 0. Return nan
there."""

TASK = "3.10"


def information_ratio(label_nats, input_nats, minimum=0.1):
    return label_nats / input_nats
