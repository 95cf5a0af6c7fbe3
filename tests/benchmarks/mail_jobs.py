"""The jobs about mails: rendering one, and preflight over all of them."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID

import jinja2
import liquid

from benchmarks.measure import Result, folder, interleaved, timed
from campaign_core import (
    CreateCampaign,
    FollowUp,
    FollowUpVariant,
    RegisterInbox,
    TriggerType,
    UpdateCampaign,
    UploadLeads,
    Variant,
    VerifyInbox,
    open_kernel,
)
from campaign_core.content.choices import mail_key
from campaign_core.content.compiled import compile_template
from campaign_core.content.parse import parse

#: Some 600 characters that the three languages read alike: variables, a fallback, a condition.
SHARED = """Hello {{ first_name | default: "there" }},

I saw that {{ company }} is growing in {{ city }}, and I thought that you as {{ title }} would like to know what we do for
companies like {{ company }}.

{% if title contains "CTO" %}As a {{ title }} you decide on this, so I write to you first.{% else %}Could you tell me who
decides on this at {{ company }}?{% endif %}

We have helped others save a third of their time, and it takes a quarter of an hour to see how. Would one day of next week
suit you, {{ first_name | default: "my friend" }}?

Kind regards,
Ana from Acme, {{ city }}
"""
#: The same in Jinja2's words.
IN_JINJA = (
    SHARED.replace('default: "there"', 'default("there", true)')
    .replace('default: "my friend"', 'default("my friend", true)')
    .replace('title contains "CTO"', '"CTO" in title')
)
LEAD = {"email": "ana@example.com", "first_name": "Zoë", "company": "Brown & Sons", "city": "Rome", "title": "CTO"}
AT = datetime(2030, 1, 1, 9, tzinfo=UTC)


def render() -> Iterator[Result]:
    """One mail of some 600 characters, its template compiled before."""
    ours = compile_template(parse(SHARED), frozenset(LEAD), escapes=False)
    spun = compile_template(parse(SHARED.replace("Hello", "{{Hello|Hi|Hey}}")), frozenset(LEAD), escapes=False)
    jinja = jinja2.Environment(keep_trailing_newline=True).from_string(IN_JINJA)
    with_liquid = liquid.Environment().from_string(SHARED)
    key = mail_key(UUID(int=1), LEAD["email"], 1)
    assert ours(LEAD, AT, key) == jinja.render(LEAD) == with_liquid.render(**LEAD)
    took = interleaved(
        {
            "ours": lambda: timed(lambda: [ours(LEAD, AT, key) for _ in range(2000)]),
            "Jinja2": lambda: timed(lambda: [jinja.render(LEAD) for _ in range(2000)]),
            "python-liquid": lambda: timed(lambda: [with_liquid.render(**LEAD) for _ in range(400)]) * 5,
            "ours with spintax": lambda: timed(lambda: [spun(LEAD, AT, key) for _ in range(2000)]),
        },
        turns=9,
        units=2000,
    )
    yield Result(job="render a mail of 600 characters", unit="mail", took=took, reach={"Jinja2": 0.25})


def preflight() -> Iterator[Result]:
    """10,000 leads, 4 steps, 4 variants each, beside 1,000 leads: seconds, and the memory it takes."""
    with folder() as path, open_kernel(path / "preflight.db") as kernel:
        inbox = kernel.handle(RegisterInbox("ana@example.com")).id
        kernel.handle(VerifyInbox(inbox))
        #: A body whose every word may be missing, so that each has to be rendered to the end.
        body = f"{{% if company %}}{SHARED}{{% else %}}{{{{Good day|Hello}}}}{{% endif %}}"

        def campaign(leads: int) -> UUID:
            made = kernel.handle(CreateCampaign("Preflight campaign")).id
            rows = [f"a{n}@mail{n % 50}.example.com,Ana,Acme {n},Rome,CTO\n" for n in range(leads)]
            kernel.handle(UploadLeads(made, ("email,first_name,company,city,title\n" + "".join(rows)).encode()))
            shared = {"subject_template": "{{first_name|Hello}}, about {{company|you}}", "distribution_percent": 25}
            names = "ABCD"
            first = tuple(Variant(variant_name=each, email_content=body, **shared) for each in names)
            later = tuple(FollowUpVariant(variant_name=each, email_content=body, **shared) for each in names)
            steps = tuple(
                FollowUp(step_number=number, trigger_type=TriggerType.NOT_REPLIED, wait_days=3, variants=later)
                for number in (2, 3, 4)
            )
            kernel.handle(UpdateCampaign(made, inbox_ids=(inbox,), variants=first, sequences=steps))
            return made

        few, many = campaign(1000), campaign(10_000)

        def turn(target: UUID, leads: int) -> float:
            begin = time.perf_counter()
            assert kernel.preflight(target) == ()
            return (time.perf_counter() - begin) / leads

        took = interleaved(
            {"ours": lambda: turn(many, 10_000), "1,000 leads": lambda: turn(few, 1000)}, turns=3, units=16
        )
        peaks = {}
        for name, target in (("ours", many), ("1,000 leads", few)):
            tracemalloc.start()
            kernel.preflight(target)
            peaks[name] = tracemalloc.get_traced_memory()[1] / 1e6
            tracemalloc.stop()
        note = f"{took['ours'] * 0.16:.1f} s for 160,000 mails"
        yield Result(job="preflight: 10,000 leads x 4 steps x 4 variants", unit="mail", took=took, note=note)
        yield Result(job="peak memory of it", unit="MB", took=peaks, note="megabytes, not microseconds")
