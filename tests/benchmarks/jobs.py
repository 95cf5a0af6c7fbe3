"""The jobs of the benchmark and how far each may be from its floor and its peer."""

from __future__ import annotations

import random
import re
import sqlite3
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

from transitions import Machine

from benchmarks import contenders
from benchmarks.measure import Result, folder, interleaved, timed
from benchmarks.samples import METADATA, new_stream, peer_events, proposed
from campaign_core import CreateCampaign, UploadLeads, open_kernel
from campaign_core.campaign.lifecycle import CAMPAIGN, TABLE, Status
from campaign_core.intake.addresses import normalised

_PLAIN = re.compile(r"[A-Za-z0-9._+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,63}\Z")


def append_one() -> Iterator[Result]:
    """One event a transaction: the disk's flush dominates."""
    with folder() as path:
        log, viewed = contenders.ours(path), contenders.ours(path, views=True)
        floor, store = contenders.Floor(path), contenders.peer(path)
        one = proposed(1)
        count = 40

        def our_turn(target: object) -> Callable[[], float]:
            def turn() -> float:
                names = [f"campaign-{new_stream()}" for _ in range(count)]
                return timed(lambda: [target.append(name, one, METADATA, 0) for name in names])  # type: ignore[attr-defined]

            return turn

        def floor_turn() -> float:
            batches = [floor.rows(new_stream(), 1) for _ in range(count)]
            return timed(lambda: [floor.append(each) for each in batches])

        def peer_turn() -> float:
            batches = [peer_events(new_stream(), 1, 1) for _ in range(count)]
            return timed(lambda: [store.put(each) for each in batches])

        took = interleaved(
            {"ours": our_turn(log), "floor": floor_turn, "peer": peer_turn, "with views": our_turn(viewed)},
            turns=9,
            units=count,
        )
        yield Result(job="append, 1 event a transaction", unit="event", took=took, reach={"floor": 1.3, "peer": 0.75})


def append_thousand() -> Iterator[Result]:
    """A thousand events a transaction."""
    with folder() as path:
        log, viewed = contenders.ours(path), contenders.ours(path, views=True)
        floor, store = contenders.Floor(path), contenders.peer(path)
        many = proposed(1000)

        def floor_turn() -> float:
            entries = floor.rows(new_stream(), 1000)
            return timed(lambda: floor.append(entries))

        def peer_turn() -> float:
            events = peer_events(new_stream(), 1, 1000)
            return timed(lambda: store.put(events))

        took = interleaved(
            {
                "ours": lambda: timed(lambda: log.append(f"campaign-{new_stream()}", many, METADATA, 0)),
                "floor": floor_turn,
                "peer": peer_turn,
                "with views": lambda: timed(lambda: viewed.append(f"campaign-{new_stream()}", many, METADATA, 0)),
            },
            turns=11,
            units=1000,
        )
        yield Result(job="append, 1000 events a transaction", unit="event", took=took, reach={"floor": 2.0, "peer": 0.5})


def large_log(events: int) -> Iterator[Result]:
    """Bulk appends over random streams of a large log, then loading one aggregate and reading everything."""
    streams, batch = events // 100, 1000
    with folder() as path:
        log, store = contenders.ours(path), contenders.peer(path)
        names = [new_stream() for _ in range(streams)]
        versions = dict.fromkeys(names, 0)
        peer_versions = dict.fromkeys(names, 0)
        dice = random.Random(7)
        one = proposed(1)

        def our_batch() -> float:
            chosen = [f"campaign-{dice.choice(names)}" for _ in range(batch)]

            def work() -> None:
                with log.write() as writing:
                    for name in chosen:
                        writing.append(name, one, METADATA)

            return timed(work)

        def peer_batch() -> float:
            made = []
            for _ in range(batch):
                name = dice.choice(names)
                peer_versions[name] += 1
                made += peer_events(name, peer_versions[name], 1)
            return timed(lambda: store.put(made))

        for _ in range(events // batch):
            our_batch()
            peer_batch()
        took = interleaved({"ours": our_batch, "peer": peer_batch}, turns=11, units=batch)
        label = f"log of {events:,}"
        yield Result(
            job=f"bulk append over {streams:,} random streams, {label}", unit="event", took=took, reach={"peer": 0.4}
        )
        del versions
        yield from _loading(log, store, names, dice)
        yield from _reading(log, store, path)


def _loading(log: object, store: object, names: list[object], dice: random.Random) -> Iterator[Result]:
    def our_load() -> float:
        chosen = [f"campaign-{dice.choice(names)}" for _ in range(20)]
        counted = []
        took = timed(lambda: counted.extend(len(log.read_stream("default", name)) for name in chosen))  # type: ignore[attr-defined]
        return took / max(sum(counted), 1)

    def peer_load() -> float:
        chosen = [dice.choice(names) for _ in range(20)]
        counted = []
        took = timed(lambda: counted.extend(len(list(store.get(name))) for name in chosen))  # type: ignore[attr-defined]
        return took / max(sum(counted), 1)

    took = interleaved({"ours": our_load, "peer": peer_load}, turns=11, units=1)
    yield Result(job="load an aggregate of some 100 events, cold", unit="event", took=took, reach={"peer": 0.2})


def _reading(log: object, store: object, path: Path) -> Iterator[Result]:
    count = 100_000
    rows = sqlite3.connect(path / "ours-False.db")

    def ours() -> float:
        def work() -> None:
            after = 0
            while after < count:
                after = log.read_all(after, 1000)[-1].position  # type: ignore[attr-defined]

        return timed(work)

    def peer() -> float:
        recorder, mapper = store.recorder, store.mapper  # type: ignore[attr-defined]

        def work() -> None:
            start = 1
            while start < count:
                notifications = recorder.select_notifications(start, 1000)
                for each in notifications:
                    mapper.to_domain_event(each)
                start = notifications[-1].id + 1

        return timed(work)

    def bare() -> float:
        return timed(
            lambda: rows.execute(
                "SELECT * FROM events e JOIN streams s ON s.id = e.stream WHERE e.position <= ?", (count,)
            ).fetchall()
        )

    took = interleaved({"ours": ours, "floor": bare, "peer": peer}, turns=5, units=count)
    rows.close()
    yield Result(
        job="read and decode the log", unit="event", took=took, reach={"peer": 0.6}, note="floor: the rows as they are"
    )


def warm_aggregate() -> Iterator[Result]:
    """A command to a campaign with a short and with a long history, its state warm."""
    with folder() as path, open_kernel(path / "warm.db") as kernel:
        from campaign_core import ActivateCampaign, PauseCampaign, RegisterInbox, UpdateCampaign, Variant, VerifyInbox

        inbox = kernel.handle(RegisterInbox("ana@example.com")).id
        kernel.handle(VerifyInbox(inbox))
        variant = Variant(subject_template="Hi", email_content="Hello there!")

        def campaign(history: int) -> object:
            made = kernel.handle(CreateCampaign("Warm campaign")).id
            kernel.handle(UploadLeads(made, b"email\na@example.com\n"))
            kernel.handle(UpdateCampaign(made, inbox_ids=(inbox,), variants=(variant,), launch=True))
            for _ in range(history // 2):
                kernel.handle(PauseCampaign(made))
                kernel.handle(ActivateCampaign(made))
            return made

        short, long = campaign(10), campaign(3000)

        def turn(target: object) -> float:
            def work() -> None:
                for _ in range(20):
                    kernel.handle(PauseCampaign(target))  # type: ignore[arg-type]
                    kernel.handle(ActivateCampaign(target))  # type: ignore[arg-type]

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
    yield Result(job="one lifecycle decision", unit="question", took=took, note="floor: a dict; peer: a triggered model")


def upload() -> Iterator[Result]:
    """Ten thousand rows of a lead file to durable leads, and the memory a file of many megabytes takes."""
    rows = [f"first.last{n}@mail{n % 50}.example.com,Name{n},Sürname{n % 97},Company {n % 300},CTO,São Paulo\n" for n in range(10_000)]
    data = ("email,first_name,last_name,company,title,city\n" + "".join(rows)).encode()
    with folder() as path, open_kernel(path / "ours.db") as kernel, open_kernel(path / "floor.db"):
        hand = sqlite3.connect(path / "floor.db", isolation_level=None)
        for pragma in ("synchronous = FULL", "secure_delete = ON", "wal_autocheckpoint = 4000", "cache_size = -16000"):
            hand.execute(f"PRAGMA {pragma}")
        positions = iter(range(1, 1_000_000))

        def ours() -> float:
            campaign = kernel.handle(CreateCampaign("Upload campaign")).id
            return timed(lambda: kernel.handle(UploadLeads(campaign, data)))

        def floor() -> float:
            campaign, position = str(uuid4()), next(positions)
            return timed(lambda: contenders.hand_written_upload(hand, campaign, position, data))

        took = interleaved({"ours": ours, "floor": floor}, turns=9, units=10_000)
        hand.close()
        yield Result(job="10,000 CSV rows to durable leads", unit="row", took=took, reach={"floor": 1.5})
        yield _memory(kernel)


def _memory(kernel: object) -> Result:
    """The peak of memory while reading files of the same 2,000 rows, 1 MB and 48 MB large."""

    def peak(characters: int) -> float:
        filler = "x" * characters
        data = ("email,note\n" + "".join(f"a{n}@example.com,{filler}\n" for n in range(2000))).encode()
        campaign = kernel.handle(CreateCampaign("Memory campaign")).id  # type: ignore[attr-defined]
        tracemalloc.start()
        kernel.handle(UploadLeads(campaign, data))  # type: ignore[attr-defined]
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most / 1e6

    return Result(
        job="peak memory of an upload, 48 MB against 1 MB, same rows",
        unit="MB",
        took={"ours": peak(24_000), "1 MB file": peak(400)},
        note="megabytes, not microseconds",
    )


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
