"""Is `{{a|b}}` a fallback or spintax? The fields that are known decide; and only a sound template is rendered."""

from __future__ import annotations

from campaign_core.content.names import is_known
from campaign_core.content.tree import Alternatives, DateToCome, Fallback, Node, Template
from campaign_core.errors import MisuseError


def as_fallback(node: Alternatives, known: frozenset[str]) -> Fallback | None:
    """The fallback these alternatives are where their first part is a known name; None where they are spintax.

    Args:
        node: what stands between the braces.
        known: the declared names, normalised; standard and computed ones are always known.
    """
    if node.subject is None:
        return None
    if isinstance(node.subject, DateToCome) or is_known(node.subject.name, known):
        return Fallback(node.span, node.subject, node.parts[1].nodes)
    return None


def sound_nodes(template: Template) -> tuple[Node, ...]:
    """The nodes of a template that can be rendered.

    Raises:
        MisuseError: the template has problems.
    """
    if template.problems:
        raise MisuseError(f"A template with problems cannot be rendered: {template.problems[0]}.")
    return template.nodes
