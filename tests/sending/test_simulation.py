"""Workers interrupted at every point: no mail twice, every rule kept, everything completes. Each seed is a schedule."""

from __future__ import annotations

import os
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from attrs import evolve

from campaign_core.log.sqlite import SqliteStore
from campaign_core.testing.judgement import problems
from campaign_core.testing.simulation import Simulated, simulate
from campaign_core.testing.transport import Fate, Handed

SOAKS = os.environ.get("HYPOTHESIS_PROFILE") == "soak"
#: Schedules on the memory store, in batches that run side by side.
BATCHES, SCHEDULES = (40, 260) if SOAKS else (8, 25)
ON_SQLITE = 40 if SOAKS else 4
#: Points at which a worker can be killed: before it claims, in the transaction, with the mail in hand, at the report.
POINTS = {"dispatch", "commit", "may_send", "send", "sent", "handle", "asleep"}


@pytest.mark.parametrize("batch", range(BATCHES), ids=lambda batch: f"batch-{batch}")
def test_whatever_is_interrupted_sending_stays_right(batch: int) -> None:
    killed: Counter[str] = Counter()
    for seed in range(batch * SCHEDULES, (batch + 1) * SCHEDULES):
        simulated = simulate(seed)
        killed.update(simulated.killed)
        assert (seed, problems(simulated)) == (seed, [])
    assert POINTS - set(killed) == set(), "these points were never interrupted"


@pytest.mark.parametrize("seed", range(ON_SQLITE), ids=lambda seed: f"seed-{seed}")
def test_the_same_holds_on_a_file(tmp_path: Path, seed: int) -> None:
    store = SqliteStore(str(tmp_path / "campaigns.db"), may_lose_last_commits=True)
    simulated = simulate(seed, store)
    assert problems(simulated) == []
    simulated.kernel.close()


@pytest.mark.parametrize("seed", [3, 11], ids=lambda seed: f"seed-{seed}")
def test_a_seed_is_a_schedule(seed: int) -> None:
    """The same seed gives the same events at the same instants, and the same mails."""
    one, other = simulate(seed), simulate(seed)
    assert story(one) == story(other)
    assert one.handed == other.handed
    assert story(one) != story(simulate(seed + 1))


def test_one_worker_alone_does_it_too() -> None:
    for seed in range(5):
        assert problems(simulate(seed, workers=1)) == []


def story(simulated: Simulated) -> list[tuple[str, str, object]]:
    """Every event; the names of suppressions' streams are left out, which hang on the workspace's random key."""
    return [
        ("" if each.name.startswith("suppression.") else each.stream, each.name, each.occurred_at)
        for each in simulated.kernel.subscribe()
    ]


@pytest.fixture(scope="module")
def right() -> Simulated:
    """A simulation in which at least three mails went and nothing is wrong."""
    return next(each for each in map(simulate, range(100)) if len(each.handed) > 3 and not problems(each))


def gone(simulated: Simulated) -> list[tuple[Handed, int]]:
    return [each for each in simulated.handed if each[0].fate is Fate.TAKEN]


def test_a_mail_that_went_twice_is_found(right: Simulated) -> None:
    """The judge itself: a mail of the record is handed over once more."""
    assert "twice" in " ".join(problems(evolve(right, handed=(*right.handed, gone(right)[0]))))


def test_a_mail_that_never_went_is_found(right: Simulated) -> None:
    left = tuple(each for each in right.handed if each != gone(right)[0])
    assert "it never went" in " ".join(problems(evolve(right, handed=left)))


def test_a_mail_that_says_something_else_is_found(right: Simulated) -> None:
    (mail, position), *_ = gone(right)
    other = evolve(mail, outgoing=evolve(mail.outgoing, wire=mail.outgoing.wire + b"more\r\n"))
    changed = tuple((other, position) if each == (mail, position) else each for each in right.handed)
    assert "said something else" in " ".join(problems(evolve(right, handed=changed)))


def test_a_mail_handed_over_before_its_claim_is_found(right: Simulated) -> None:
    (mail, position), *_ = gone(right)
    early = evolve(mail, at=mail.at - timedelta(days=1))
    changed = tuple((early, position) if each == (mail, position) else each for each in right.handed)
    assert "before it was claimed" in " ".join(problems(evolve(right, handed=changed)))
