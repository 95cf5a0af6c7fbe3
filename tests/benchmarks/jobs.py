"""The jobs of the benchmark and how far each may be from its floor and its peer."""

from __future__ import annotations

import random
import re
import sqlite3
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID, uuid4

from eventsourcing.application import Application
from transitions import Machine

from benchmarks import contenders
from benchmarks.measure import Result, folder, interleaved, timed
from benchmarks.samples import METADATA, PeerCampaign, event, new_stream, peer_upload, proposed
from campaign_core import (
    ActivateCampaign,
    CreateCampaign,
    PauseCampaign,
    RegisterInbox,
    UpdateCampaign,
    UploadLeads,
    Variant,
    VerifyInbox,
    open_kernel,
)
from campaign_core.campaign.decisions import CAMPAIGN_DECIDER
from campaign_core.campaign.lifecycle import CAMPAIGN, TABLE, Status
from campaign_core.intake.addresses import normalised
from campaign_core.log.entries import Append
from campaign_core.log.log import EventLog
from campaign_core.log.sqlite_tables import ALL as _ALL
from campaign_core.recorded import Proposed

_PLAIN = re.compile(r"[A-Za-z0-9._+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,63}\Z")


def append_one() -> Iterator[Result]:
    """From the values of one event to a durable event, one a transaction: the disk's flush dominates."""
    with folder() as path:
        log, viewed = contenders.ours(path), contenders.ours(path, views=True)
        floor, app = contenders.Floor(path), contenders.peer(path)
        count = 40

        def our_turn(target: EventLog) -> Callable[[], float]:
            def work() -> None:
                for _ in range(count):
                    target.append(f"campaign-{new_stream()}", proposed(1), METADATA, 0)

            return lambda: timed(work)

        def floor_turn() -> float:
            batches = [floor.rows(new_stream(), 1) for _ in range(count)]

            def work() -> None:
                for each in batches:
                    floor.append(each)

            return timed(work)

        def peer_work() -> None:
            for _ in range(count):
                app.save(PeerCampaign())

        took = interleaved(
            {
                "ours": our_turn(log),
                "floor": floor_turn,
                "peer": lambda: timed(peer_work),
                "ours with views": our_turn(viewed),
            },
            turns=9,
            units=count,
        )
        yield Result(job="append, 1 event a transaction", unit="event", took=took, reach={"floor": 1.3, "peer": 0.75})


def append_thousand() -> Iterator[Result]:
    """From the values of a thousand events to durable events, in one transaction."""
    with folder() as path:
        log, viewed = contenders.ours(path), contenders.ours(path, views=True)
        floor, app = contenders.Floor(path), contenders.peer(path)

        def our_turn(target: EventLog) -> Callable[[], float]:
            return lambda: timed(lambda: target.append(f"campaign-{new_stream()}", proposed(1000), METADATA, 0))

        def floor_turn() -> float:
            entries = floor.rows(new_stream(), 1000)
            return timed(lambda: floor.append(entries))

        def peer_work() -> None:
            campaign = PeerCampaign()
            for number in range(1, 1000):
                peer_upload(campaign, number)
            app.save(campaign)

        took = interleaved(
            {
                "ours": our_turn(log),
                "floor": floor_turn,
                "peer": lambda: timed(peer_work),
                "ours with views": our_turn(viewed),
            },
            turns=11,
            units=1000,
        )
        yield Result(
            job="append, 1000 events a transaction", unit="event", took=took, reach={"floor": 2.0, "peer": 0.5}
        )


def large_log(events: int) -> Iterator[Result]:
    """Bulk appends over random streams of a large log, then loading one aggregate and reading everything."""
    streams, batch = events // 100, 1000
    with folder() as path:
        log, viewed, app = contenders.ours(path), contenders.ours(path, views=True), contenders.peer(path)
        names = [f"campaign-{new_stream()}" for _ in range(streams)]
        campaigns = [PeerCampaign() for _ in range(streams)]
        dice, peer_dice = random.Random(7), random.Random(7)

        def our_work(target: EventLog = log) -> None:
            with target.write() as writing:
                appends = [Append(dice.choice(names), [Proposed(event(number + 1))]) for number in range(batch)]
                writing.append_all(appends, METADATA)

        def peer_work() -> None:
            touched = {}
            for number in range(batch):
                campaign = peer_dice.choice(campaigns)
                peer_upload(campaign, number + 1)
                touched[campaign.id] = campaign
            app.save(*touched.values())

        for _ in range(events // batch):
            our_work()
            our_work(viewed)
            peer_work()
        took = interleaved(
            {
                "ours": lambda: timed(our_work),
                "peer": lambda: timed(peer_work),
                "ours with views": lambda: timed(lambda: our_work(viewed)),
            },
            turns=11,
            units=batch,
        )
        job = f"bulk append over {streams:,} random streams, log of {events:,}"
        yield Result(job=job, unit="event", took=took, reach={"peer": 0.4}, note="views take no part in what follows")
        yield _loading(log, app, names, [campaign.id for campaign in campaigns])
        yield _reading(log, app, path, min(events, 100_000))


def _loading(log: EventLog, app: Application[UUID], names: list[str], ids: list[UUID]) -> Result:
    """Aggregates of some hundred events scattered over the whole log, folded to their state."""
    dice = random.Random(11)

    def ours() -> float:
        chosen = dice.sample(names, 20)
        histories: list[int] = []

        def work() -> None:
            for name in chosen:
                history = log.read_stream("default", name)
                CAMPAIGN_DECIDER.fold(history)
                histories.append(len(history))

        return timed(work) / sum(histories)

    def peer() -> float:
        chosen = dice.sample(ids, 20)
        versions: list[int] = []

        def work() -> None:
            for each in chosen:
                versions.append(app.repository.get(each).version)

        return timed(work) / sum(versions)

    took = interleaved({"ours": ours, "peer": peer}, turns=11, units=1)
    return Result(job="load an aggregate of some 100 events, cold", unit="event", took=took, reach={"peer": 0.2})


def _reading(log: EventLog, app: Application[UUID], path: Path, count: int) -> Result:

    rows = sqlite3.connect(path / "ours-False.db")

    def ours() -> None:
        after = 0
        while after < count:
            after = log.read_all(after, 1000)[-1].position

    def peer() -> None:
        start = 1
        while start < count:
            notifications = app.recorder.select_notifications(start, 1000)
            for each in notifications:
                app.mapper.to_domain_event(each)
            start = int(notifications[-1].id) + 1

    def bare() -> None:
        after = 0
        while after < count:
            after = rows.execute(_ALL, (after, 1000)).fetchall()[-1][0]

    took = interleaved(
        {"ours": lambda: timed(ours), "floor": lambda: timed(bare), "peer": lambda: timed(peer)}, turns=5, units=count
    )
    rows.close()
    note = "floor: the rows, not decoded"
    return Result(job="read and decode the log", unit="event", took=took, reach={"peer": 0.6}, note=note)


def warm_aggregate() -> Iterator[Result]:
    """A command to a campaign with a short and with a long history, its state warm."""
    with folder() as path, open_kernel(path / "warm.db") as kernel:
        inbox = kernel.handle(RegisterInbox("ana@example.com")).id
        kernel.handle(VerifyInbox(inbox))
        variant = Variant(subject_template="Hi", email_content="Hello there!")

        def campaign(history: int) -> UUID:
            made = kernel.handle(CreateCampaign("Warm campaign")).id
            kernel.handle(UploadLeads(made, b"email\na@example.com\n"))
            kernel.handle(UpdateCampaign(made, inbox_ids=(inbox,), variants=(variant,), launch=True))
            for _ in range(history // 2):
                kernel.handle(PauseCampaign(made))
                kernel.handle(ActivateCampaign(made))
            return made

        short, long = campaign(10), campaign(3000)

        def turn(target: UUID) -> float:
            def work() -> None:
                for _ in range(20):
                    kernel.handle(PauseCampaign(target))
                    kernel.handle(ActivateCampaign(target))

            return timed(work)

        took = interleaved({"ours": lambda: turn(long), "short history": lambda: turn(short)}, turns=9, units=40)
        yield Result(
            job="a command, 3,000 events against 10, warm", unit="command", took=took, reach={"short history": 1.25}
        )


def decision() -> Iterator[Result]:
    """One question of legality."""
    table = {(move.trigger, move.source): move.dest for move in TABLE}

    class Model:
        state = "DRAFT"

    triggered = Machine(
        model=Model(),
        states=list(Status),
        initial="PAUSED",
        transitions=[{"trigger": move.trigger, "source": move.source, "dest": move.dest} for move in TABLE],
        auto_transitions=False,
    )
    model = triggered.models[0]
    count = 5000

    def trigger() -> None:
        for _ in range(count // 2):
            model.resume()
            model.pause()

    took = interleaved(
        {
            "ours": lambda: timed(lambda: [CAMPAIGN.ask("pause", Status.ACTIVE) for _ in range(count)]),
            "floor": lambda: timed(lambda: [table["pause", Status.ACTIVE] for _ in range(count)]),
            "peer": lambda: timed(trigger),
        },
        turns=9,
        units=count,
    )
    yield Result(
        job="one lifecycle decision", unit="question", took=took, note="floor: a dict; peer: a triggered model"
    )


def upload() -> Iterator[Result]:
    """Ten thousand rows of a lead file to durable leads, also of the largest file, and the memory that takes."""
    rows = [
        f"first.last{n}@mail{n % 50}.example.com,Name{n},Sürname{n % 97},Company {n % 300},CTO,São Paulo\n"
        for n in range(10_000)
    ]
    data = ("email,first_name,last_name,company,title,city\n" + "".join(rows)).encode()
    with folder() as path, open_kernel(path / "ours.db") as kernel, open_kernel(path / "floor.db"):
        hand = sqlite3.connect(path / "floor.db", isolation_level=None)
        for pragma in ("synchronous = FULL", "secure_delete = ON", "wal_autocheckpoint = 4000", "cache_size = -16000"):
            hand.execute(f"PRAGMA {pragma}")
        positions = iter(range(1, 1_000_000))

        def our_upload(file: bytes) -> None:
            campaign = kernel.handle(CreateCampaign("Upload campaign")).id
            kernel.handle(UploadLeads(campaign, file))

        def by_hand(file: bytes) -> None:
            contenders.hand_written_upload(hand, str(uuid4()), next(positions), file)

        yield _uploads("10,000 CSV rows to durable leads", our_upload, by_hand, data, turns=9)
        large = _rows_with(4_950)
        yield _uploads(f"the same from a file of {len(large) / 1e6:.0f} MB", our_upload, by_hand, large, turns=3)
        yield _memory(our_upload, by_hand, large)
        hand.close()


_Upload = Callable[[bytes], None]


def _uploads(job: str, ours: _Upload, by_hand: _Upload, data: bytes, *, turns: int) -> Result:
    took = interleaved(
        {"ours": lambda: timed(lambda: ours(data)), "floor": lambda: timed(lambda: by_hand(data))},
        turns=turns,
        units=10_000,
    )
    return Result(job=job, unit="row", took=took, reach={"floor": 1.5})


def _memory(ours: _Upload, by_hand: _Upload, large: bytes) -> Result:
    """The peak of memory while reading files of the same 10,000 rows, 1 MB and 50 MB large."""

    def peak(upload: _Upload, data: bytes) -> float:
        tracemalloc.start()
        upload(data)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most / 1e6

    small = _rows_with(50)
    return Result(
        job=f"peak memory of an upload, 10,000 rows in {len(large) / 1e6:.0f} MB",
        unit="MB",
        took={
            "ours": peak(ours, large),
            f"ours, in {len(small) / 1e6:.0f} MB": peak(ours, small),
            "floor": peak(by_hand, large),
        },
        note="megabytes, not microseconds",
    )


def _rows_with(characters: int) -> bytes:
    """A lead file of 10,000 rows with a note of so many characters each."""
    filler = "x" * characters
    rows = [f"first.last{n}@mail{n % 50}.example.com,{filler}\n" for n in range(10_000)]
    return ("email,note\n" + "".join(rows)).encode()


def addresses() -> Iterator[Result]:
    """The check of one plain address."""
    from email_validator import validate_email

    given = [f"first.last{n}@mail{n % 50}.example.com" for n in range(5000)]
    few = given[:200]
    took = interleaved(
        {
            "ours": lambda: timed(lambda: [normalised(each) for each in given]),
            "floor": lambda: timed(lambda: [_PLAIN.match(each) for each in given]),
            "peer": lambda: timed(lambda: [validate_email(each, check_deliverability=False) for each in few]) * 25,
        },
        turns=9,
        units=5000,
    )
    yield Result(
        job="check of a plain address", unit="address", took=took, reach={"floor": 5.0}, note="peer: email-validator"
    )
