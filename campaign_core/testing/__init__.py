"""The testing kit: what an application or a store written elsewhere needs to prove itself.

- `campaign_core.testing.scenario`: given a history, when a command comes, then these events.
- `campaign_core.testing.contracts`: the test of a store. Needs pytest.
- `campaign_core.testing.transport`: a transport that carries nothing, answers anything, and keeps what really went.
- `campaign_core.testing.simulation`: workers interrupted at every point, on any store; `judgement` says what was wrong.
- `campaign_core.testing.strategies`: values, events and commands, made up. Needs hypothesis.
"""
