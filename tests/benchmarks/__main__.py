"""Runs every benchmark and prints one table: `make bench`, or `make bench ARGS="--json --quick"`."""

from __future__ import annotations

import argparse
import json
import sys

from attrs import asdict
from rich.console import Console
from rich.table import Table

from benchmarks import forecast_job, http_jobs, jobs, mail_jobs, sending_jobs, verdict_job
from benchmarks.measure import Result


def main() -> int:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON document on standard output")
    parser.add_argument("--quick", action="store_true", help="a tenth of the events and leads")
    options = parser.parse_args()
    results = []
    for job in (
        jobs.append_one,
        jobs.append_thousand,
        jobs.warm_aggregate,
        jobs.decision,
        jobs.upload,
        jobs.addresses,
        mail_jobs.render,
        mail_jobs.preflight,
        lambda: forecast_job.forecasts(10_000 if options.quick else 100_000),
        verdict_job.mails_for_a_verdict,
        sending_jobs.calendar,
        sending_jobs.plans,
        sending_jobs.claim,
        lambda: sending_jobs.ticks(100_000 if options.quick else 1_000_000),
        http_jobs.requests,
        lambda: jobs.large_log(100_000 if options.quick else 1_000_000),
    ):
        for result in job():
            results.append(result)
            print(f"measured: {result.job}", file=sys.stderr)
    if options.json:
        print(json.dumps([_plain(each) for each in results], indent=2))
    else:
        _print(results)
    return 0 if all(each.holds for each in results) else 1


def _plain(result: Result) -> dict[str, object]:
    ratios = {name: round(result.ratio(name), 3) for name in result.took if name != "ours"}
    return {**asdict(result), "ratios": ratios, "holds": result.holds}


def _print(results: list[Result]) -> None:
    table = Table("job", "ours µs", "ours against", "µs", "ratio", "reach", "holds")
    for result in results:
        for place, (name, took) in enumerate((each, took) for each, took in result.took.items() if each != "ours"):
            reach = result.reach.get(name)
            table.add_row(
                f"{result.job}\n[dim]{result.note}[/dim]"
                if place == 0 and result.note
                else (result.job if place == 0 else ""),
                f"{result.took['ours']:,.2f}" if place == 0 else "",
                name,
                f"{took:,.2f}",
                f"{result.ratio(name):.2f}",
                "" if reach is None else f"{reach:.2f}",
                "" if reach is None else ("yes" if result.ratio(name) <= reach else "NO"),
            )
        table.add_section()
    Console(width=140).print(table)


if __name__ == "__main__":
    sys.exit(main())
