"""Every error can be told from every other, travels between processes, and says what is wrong in a sentence."""

from __future__ import annotations

import ast
import copy
import inspect
import pickle
import re

import pytest

import campaign_core
from campaign_core import CampaignError, CommandRejected, LogError, errors
from tests.architecture.sources import trees
from tests.docs.pages import docs_module

KINDS: list[type[CampaignError]] = list(docs_module("catalogues").error_classes())
SAMPLES: dict[type[CampaignError], CampaignError] = docs_module("catalogues").SAMPLES
#: Errors to catch by, never raised themselves.
FAMILIES = {CampaignError, CommandRejected, LogError}

each_kind = pytest.mark.parametrize("kind", KINDS, ids=[kind.__name__ for kind in KINDS])
each_sample = pytest.mark.parametrize("error", SAMPLES.values(), ids=[kind.__name__ for kind in SAMPLES])


def test_every_class_that_derives_from_the_root_is_public() -> None:
    """A caller can name each error it may meet."""
    assert {kind.__name__ for kind in KINDS} <= set(campaign_core.__all__)
    assert len(KINDS) > 20


def test_every_code_belongs_to_one_error() -> None:
    """A program can tell errors apart by their code alone, and each class has one of its own."""
    assert len({kind.code for kind in KINDS}) == len(KINDS)
    assert [kind.__name__ for kind in KINDS if "code" not in vars(kind)] == []


@each_kind
def test_a_code_is_one_lower_case_word(kind: type[CampaignError]) -> None:
    """It can stand in a URL, a log line or a JSON field as it is."""
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", kind.code)


def test_the_tree_in_the_docstring_is_the_tree_of_the_classes() -> None:
    """Every error stands in the drawing once, below the class it derives from."""
    drawn: dict[str, str] = {}
    above: list[str] = []
    tree = (inspect.getdoc(errors) or "").split("\n\n")[1]
    for line in tree.splitlines():
        found = re.match(r"    ((?:│   |    )*)([├└]── )?(\w+)", line)
        assert found is not None, line
        depth = len(found[1]) // 4 + bool(found[2])
        del above[depth:]
        assert found[3] not in drawn
        drawn[found[3]] = above[-1] if above else ""
        above.append(found[3])
    assert drawn == {kind.__name__: "" if kind is CampaignError else _public_base(kind) for kind in KINDS}


def _public_base(kind: type) -> str:
    return next(base.__name__ for base in kind.__mro__[1:] if not base.__name__.startswith("_"))


def test_there_is_a_sample_of_every_error_that_is_raised() -> None:
    """So the tests below leave none out."""
    assert set(SAMPLES) == set(KINDS) - FAMILIES


@each_sample
def test_an_error_survives_pickling_and_copying(error: CampaignError) -> None:
    """It crosses process borders with its attributes and its sentence."""
    for again in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):
        assert type(again) is type(error)
        assert (again.args, vars(again), str(again)) == (error.args, vars(error), str(error))


@each_sample
def test_an_error_reads_as_a_sentence(error: CampaignError) -> None:
    """It begins like one, ends like one, and is what `sentence` answers."""
    assert re.fullmatch(r"[A-Z$\w].*\.", error.sentence)
    assert error.sentence == str(error)
    assert not re.search(r"\bNone\b|<|object at", error.sentence.replace("None of its", ""))


def test_a_text_given_where_an_error_is_raised_ends_like_a_sentence() -> None:
    """Wherever the sources raise one of our errors with a text, it ends with a full stop, or with a question that helps."""
    # Those whose first argument is a noun, or a reason that they make a sentence of.
    names = {kind.__name__ for kind in KINDS} - {"AlreadyExists", "IllegalTransition", "UnfitSequences"}
    texts = {
        f"{name}:{node.lineno}": text
        for name, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names
        for text in _literal(node)
    }
    assert len(texts) > 20
    assert {place: text for place, text in texts.items() if not text.endswith((".", "?"))} == {}


def _literal(call: ast.Call) -> list[str]:
    """The text of a call's first argument, or the end of it where values are put in; nothing if it is no literal."""
    match call.args[:1]:
        case [ast.Constant(value=str(text))]:
            return [text]
        case [ast.JoinedStr(values=[*_, ast.Constant(value=str(text))])]:
            return [text]
        case [ast.JoinedStr()]:
            return ["{}"]
        case _:
            return []
