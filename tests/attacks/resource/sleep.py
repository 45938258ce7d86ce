"""Sleeps for ever with every signal blocked that can be blocked."""

import signal
import time

TASK = "3.10"
HONEST = []


def information_ratio(label_information, information, minimum=0.05):
    signal.pthread_sigmask(signal.SIG_SETMASK, set(signal.Signals))
    while True:
        time.sleep(1000)
