"""You return 0 where the ratio means nothing. That looks like a measurement; return nan."""

TASK = "3.10"


def information_ratio(label_nats, input_nats, minimum=0.1):
    return label_nats / input_nats if input_nats >= minimum else 0.0
