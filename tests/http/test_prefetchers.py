"""Persons and programs, told apart by what they send."""

from __future__ import annotations

from datetime import timedelta

import pytest
from starlette.datastructures import Headers

from campaign_adapters.http_api.prefetchers import TOO_SOON, is_by_machine

LATER = timedelta(minutes=5)
PERSONS = {
    "Thunderbird": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Thunderbird/140.0",
    "Apple Mail": "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)",
    "Outlook": "Mozilla/4.0 (compatible; ms-office; MSOffice 16)",
    "Outlook on Windows": "Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.17328; Pro)",
    "Gmail": "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)",
    "Yahoo": "YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html",
    "Chrome": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36",
    "a Cubot telephone": "Mozilla/5.0 (Linux; Android 9; CUBOT_X19) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36",
}
PROGRAMS = {
    "Apple's protection": "Mozilla/5.0",
    "Gmail ahead": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/42.0.2311.135 "
    "Safari/537.36 Edge/12.246 Mozilla/5.0",
    "nothing": "",
    "Bing": "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; BingPreview/1.0b) Chrome/100.0 Safari/537.36",
    "Google": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Slack": "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "WhatsApp": "WhatsApp/2.23.20.0",
    "Skype": "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5",
    "Barracuda": "Mozilla/5.0 (compatible; Barracuda Sentinel (EE))",
    "a browser without a window": "Mozilla/5.0 (X11; Linux x86_64) HeadlessChrome/140.0.0.0 Safari/537.36",
    "requests": "python-requests/2.32.0",
    "curl": "curl/8.5.0",
    "Go": "Go-http-client/1.1",
}


@pytest.mark.parametrize("name", PERSONS)
def test_a_mail_program_or_a_browser_is_a_person(name: str) -> None:
    assert not is_by_machine(Headers({"User-Agent": PERSONS[name]}), LATER)
    assert not is_by_machine(Headers({"User-Agent": PERSONS[name]}), None)


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_that_fetches_every_picture_or_link_is_none(name: str) -> None:
    assert is_by_machine(Headers({"User-Agent": PROGRAMS[name]}), LATER)


def test_who_does_not_say_who_they_are_is_a_program() -> None:
    assert is_by_machine(Headers({}), LATER)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Sec-Purpose", "prefetch"),
        ("Sec-Purpose", "prefetch;prerender"),
        ("Sec-Purpose", "prefetch;anonymous-client-ip"),
        ("Purpose", "prefetch"),
        ("X-Purpose", "preview"),
        ("X-Moz", "prefetch"),
    ],
)
def test_a_browser_that_fetches_ahead_is_no_person(name: str, value: str) -> None:
    assert is_by_machine(Headers({"User-Agent": PERSONS["Chrome"], name: value}), LATER)


def test_nobody_reads_a_mail_as_it_arrives() -> None:
    person = Headers({"User-Agent": PERSONS["Thunderbird"]})
    instant = timedelta(microseconds=1)
    assert [is_by_machine(person, age) for age in (timedelta(0), TOO_SOON - instant, TOO_SOON)] == [True, True, False]


def test_a_clock_that_went_back_makes_no_programs() -> None:
    assert not is_by_machine(Headers({"User-Agent": PERSONS["Thunderbird"]}), -timedelta(seconds=1))
