"""What `import campaign_core` offers is exactly what it says it offers."""

from __future__ import annotations

import inspect
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

import campaign_core
from campaign_core.log import ports
from tests.architecture.sources import PACKAGES, ROOT, named

#: A port that needs more is two ports.
MOST_METHODS = 7
#: What needs more all the same, and why.
LARGER_PORTS = {
    # Entries are read three ways (a stream, a beginning of names, the whole log), each in the order of its own index, and
    # heads one by one and many at once: an append to a thousand streams must not ask a thousand times. Cut in two, every
    # implementation would hand the same table to both halves.
    "Events": 9,
}


def test_the_public_names_are_sorted() -> None:
    """Constants, classes, functions, each by the alphabet, and none twice."""
    names = campaign_core.__all__
    assert names == sorted(set(names), key=lambda name: (not name.isupper(), name[0].islower(), name))


def test_nothing_leaks() -> None:
    """Whatever else can be seen in the package is a submodule or begins with an underscore."""
    seen = {name for name, thing in vars(campaign_core).items() if not isinstance(thing, ModuleType)}
    assert {name for name in seen if not name.startswith("_")} == set(campaign_core.__all__)


@pytest.mark.parametrize("name", campaign_core.__all__)
def test_every_public_class_and_function_is_described_in_its_own_words(name: str) -> None:
    """A docstring that is inherited says nothing about the thing itself."""
    thing = getattr(campaign_core, name)
    if isinstance(thing, type) or inspect.isfunction(thing):
        assert (thing.__doc__ or "").strip()
        assert not any(thing.__doc__ == base.__doc__ for base in getattr(thing, "__mro__", ())[1:])


@pytest.mark.parametrize("package", PACKAGES, ids=[package.name for package in PACKAGES])
def test_the_packages_are_marked_as_typed(package: Path) -> None:
    """`py.typed` lies in each of them, so that type checkers believe the annotations."""
    assert (package / "py.typed").is_file()


def test_the_project_file_lists_every_package() -> None:
    """A folder of modules that the project file does not name would be missing from the wheel."""
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]["packages"]
    folders = {path.parent for package in PACKAGES for path in package.rglob("*.py")}
    assert sorted(listed) == sorted(named(folder).removeprefix("adapters/").replace("/", ".") for folder in folders)


def test_ports_are_small() -> None:
    """No port of a store asks for more than seven methods, or than what is told above for this one."""
    protocols = {
        name: [method for method in vars(kind) if not method.startswith("_")]
        for name, kind in vars(ports).items()
        if inspect.isclass(kind) and kind.__module__ == ports.__name__ and getattr(kind, "_is_protocol", False)
    }
    assert {"Events", "Contents", "Rows", "Registers", "Tables", "Store"} <= set(protocols)
    assert {name: len(protocols[name]) for name in LARGER_PORTS} == LARGER_PORTS
    larger = {name for name, methods in protocols.items() if len(methods) > MOST_METHODS}
    assert larger == set(LARGER_PORTS)
