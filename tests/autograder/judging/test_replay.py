"""What passed once passes again, and nothing else does."""

import contextlib
import socket
import threading

import pytest
import torch

from autograder.judging.replay import LARGEST, Recorder, Script, Scripts
from autograder.sandbox.inside.wire import Channel, Peer, WireClosed


def served(connection, answer):
    """The end of a submission, whose functions `f` and `g` are `answer`."""
    return Peer(Channel(connection), {"f": answer, "g": answer}.__getitem__, watched=True)


def conversation(answer, ask):
    """The trace of what `ask(peer)` asks a peer that answers `f` with `answer`."""
    ours, theirs = socket.socketpair()
    serving = threading.Thread(target=served(theirs, answer).serve)
    serving.start()
    recorder = Recorder(Channel(ours))
    ask(Peer(recorder, {"twice": lambda x: 2 * x}.__getitem__))
    recorder.close()
    serving.join()
    theirs.close()
    return recorder.trace()


def replays(script: Script, answer) -> bool:
    """Whether a peer that answers with `answer` passes."""
    ours, theirs = socket.socketpair()
    serving = threading.Thread(target=served(theirs, answer).serve)
    serving.start()
    channel = Channel(ours)
    try:
        return script.passes(channel)
    finally:
        channel.close()
        serving.join()
        theirs.close()


def learned(*runs) -> Script:
    scripts = Scripts()
    for answer, ask in runs:
        scripts.learn("salt", "check", conversation(answer, ask))
    return scripts.find("salt", "check")


def ask_twice(peer):
    first = peer.call("f", torch.arange(3.0))
    peer.call("g" if first.sum() > 3 else "f", first)


def test_equal_answers_pass():
    script = learned((torch.exp, ask_twice))
    assert replays(script, torch.exp)
    assert replays(script, lambda x: x.exp())


@pytest.mark.parametrize(
    "answer",
    [
        lambda x: x.exp() * (1 + 1e-6),
        lambda x: x.exp().double(),
        lambda x: x.exp().unsqueeze(0),
        lambda x: [x.exp()],
        lambda x: x.exp_(),
        lambda x: 1 / 0,
        lambda x: x.exp() if x[0] == 0 else x,
    ],
    ids=["value", "dtype", "shape", "kind", "in_place", "raises", "second_answer"],
)
def test_any_other_answer_does_not(answer):
    assert not replays(learned((torch.exp, ask_twice)), answer)


def test_each_known_answer_leads_on():
    """The check asks differently after another answer; both runs are known."""
    script = learned((torch.exp, ask_twice), (torch.neg, ask_twice), (torch.exp, ask_twice))
    assert replays(script, torch.exp)
    assert replays(script, torch.neg)
    assert not replays(script, lambda x: x.exp() if x[0] == 0 else -x)
    assert not replays(script, torch.sin)


def serve(peer):
    with contextlib.suppress(WireClosed):  # whoever hears another answer hangs up
        peer.serve()


def test_what_is_asked_in_turn_belongs_to_the_answers():
    def run(times):
        ours, theirs = socket.socketpair()
        peer = Peer(Channel(theirs), {}.__getitem__)

        def answer(x):
            for _ in range(times):
                x = peer.call("twice", x)
            return x / 2**times

        peer.resolve = {"f": answer}.__getitem__
        serving = threading.Thread(target=serve, args=(peer,))
        serving.start()
        return ours, serving

    ours, serving = run(1)
    recorder = Recorder(Channel(ours))
    Peer(recorder, {"twice": lambda x: 2 * x}.__getitem__).call("f", torch.ones(2))
    recorder.close()
    serving.join()
    script = Script(recorder.trace()[0][0])
    script.add(recorder.trace())
    for times, passes in ((1, True), (2, False), (0, False)):
        ours, serving = run(times)
        channel = Channel(ours)
        assert script.passes(channel) is passes
        channel.close()
        serving.join()


def test_a_check_that_asks_differently_each_time_is_kept_as_it_was_first():
    scripts = Scripts()
    for number in (1.0, 2.0):
        trace = conversation(torch.exp, lambda peer, n=number: peer.call("f", torch.tensor(n)))
        scripts.learn("salt", "check", trace)
    script = scripts.find("salt", "check")
    assert len(script.following) == 1
    assert replays(script, torch.exp)


def test_too_much_is_not_kept():
    large = torch.zeros(LARGEST // 4)
    assert conversation(torch.exp, lambda peer: peer.call("f", large)) is None
    assert len(conversation(torch.exp, lambda peer: peer.call("f", large[:-1000]))) == 1


def test_news_come_over_as_they_were():
    ours, theirs = Scripts(), Scripts()
    trace = conversation(torch.exp, ask_twice)
    theirs.news.append(("salt", "check", trace))
    ours.learn_json(theirs.news_as_json())
    assert ours.find("salt", "check") == learned((torch.exp, ask_twice))
    assert ours.find("another salt", "check") is None


def test_a_peer_that_is_gone_passes_nothing():
    ours, theirs = socket.socketpair()
    theirs.close()
    with pytest.raises(WireClosed):
        learned((torch.exp, ask_twice)).passes(Channel(ours))
