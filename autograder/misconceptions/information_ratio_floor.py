"""You lift small informations to the minimum instead of answering nan."""

TASK = "3.10"


def information_ratio(label_nats, input_nats, minimum=0.1):
    return label_nats / max(input_nats, minimum)
