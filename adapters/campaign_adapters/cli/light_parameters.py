"""How are the values of a command line read without loading a library for it?

Typer hands every value to pydantic, which takes longer to load than most commands take to run. Text needs no conversion,
nor does a default; those are passed on as they are. Everything else goes the usual way.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def lighten(command: Any) -> Any:
    """The same command, and those below it, with text passed on as it is."""
    for parameter in command.params:
        if getattr(parameter, "type_descriptor", None) is not None and parameter.callback is None:
            parameter.process_value = _light(parameter, parameter.process_value)
    for below in getattr(command, "commands", {}).values():
        lighten(below)
    return command


def _light(parameter: Any, usual: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    annotation = parameter.type_descriptor.annotation

    def process(context: Any, value: Any) -> Any:
        if value is None or value == ():
            return usual(context, value) if parameter.required else _absent(parameter)
        if annotation is str and isinstance(value, str):
            return value
        if annotation == list[str] and isinstance(value, list | tuple) and all(isinstance(each, str) for each in value):
            return value
        return value if type(value) is annotation else usual(context, value)

    return process


def _absent(parameter: Any) -> Any:
    return () if parameter.multiple or parameter.nargs == -1 else None
