"""How are the values of a command line read without loading a library for it?

Typer hands every value to pydantic, which takes longer to load than most commands take to run. Text needs no conversion,
nor does a default, nor what was not given; those are passed on as they are. Everything else goes the usual way.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def lighten(command: Any) -> Any:
    """The same command, and those below it, with values passed on as they are where that is enough."""
    usual = command.get_params

    def parameters(context: Any) -> Any:
        found = usual(context)  # the option --help among them, which is made on the first call
        for each in found:
            if hasattr(each, "type_descriptor") and "process_value" not in vars(each):
                each.process_value = _light(each, each.process_value)
        return found

    command.get_params = parameters
    for below in getattr(command, "commands", {}).values():
        lighten(below)
    return command


def _light(parameter: Any, usual: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    several = parameter.multiple or parameter.nargs == -1

    def process(context: Any, value: Any) -> Any:
        absent = value is None or value == ()
        if parameter.required if absent else not _is_ready(parameter, value):
            return usual(context, value)
        ready = () if absent and several else value
        return ready if parameter.callback is None else parameter.callback(context, parameter, ready)

    return process


def _is_ready(parameter: Any, value: Any) -> bool:
    """Whether a value is of the type that the parameter is declared to have."""
    annotation = parameter.type_descriptor.annotation
    if annotation == list[str]:
        return isinstance(value, list | tuple) and all(type(each) is str for each in value)
    return type(value) is annotation
