"""What a model's Jinja asks of the run that it is in: SQL that hangs on the answer isn't known before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jinja2 import meta, nodes

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

# Flags that the lineage compiles for, switched off and on, and how code asks for them.
FLAGS = ("EMPTY", "FULL_REFRESH")
FLAG_WORDS = (*FLAGS, "should_full_refresh")
# Of dbt's context, what any run answers alike, or what asks the database, which fails without one.
STEADY = frozenset(
    (
        *("api", "caller", "doc", "exceptions", "execute", "fromjson", "fromyaml", "kwargs", "local_md5", "log"),
        *("print", "project_name", "ref", "return", "set", "set_strict", "source", "this", "tojson", "toyaml"),
        *("varargs", "zip", "zip_strict"),
    )
)
PARTS = frozenset(
    (*(f"flags {name}" for name in FLAGS), "modules re", "modules itertools", "adapter dispatch", "adapter quote")
)
# What answers by the clock, by chance, or by a cache of the database's tables; environments differ by database.
UNSTEADY = frozenset(
    (
        *("database", "lipsum", "load_cached_relation", "load_relation", "py_current_timestring", "random"),
        *("selected_resources", "should_store_failures"),
    )
)
# What code can't make its own by a `set` somewhere.
TAKEN = frozenset(
    (
        *("adapter", "builtins", "config", "context", "env_var", "flags", "graph", "invocation_args_dict", "model"),
        *("modules", "target", "var"),
    )
)
# Atlas's own: what they ask for chooses rows, or the fields of a source, which are in the fingerprint.
FOLLOWED = frozenset(("batch_feeds", "claimed_batches", "claims_of_this_run", "source_node"))


def unsteady(code: str, macros: Mapping[str, str], names: Collection[str], held: Collection[str]) -> str | None:
    """Why the SQL that a model's code makes can't be known before a run; None if it can.

    Args:
        code: the model's own.
        macros: the code of those that it calls, by unique id.
        names: of all macros and packages.
        held: whose values are in the fingerprint: ``var shown``, ``target name``.
    """
    texts = {"": code} | {id_: text for id_, text in macros.items() if id_.rpartition(".")[2] not in FOLLOWED}
    for id_, text in texts.items():
        for asked in _asked(text, frozenset(names), frozenset(held)):
            where = f"the macro {id_.rpartition('.')[2]}" if id_ else "its code"
            return f"{where} asks for {asked}, which only a run knows"
    return None


def _asked(code: str, names: frozenset[str], held: frozenset[str]) -> Iterator[str]:
    from dbt_common.clients.jinja import parse  # noqa: PLC0415 - takes seconds

    tree = parse(code)
    own = {name.name for name in tree.find_all(nodes.Name) if name.ctx == "store"} - TAKEN
    free = meta.find_undeclared_variables(tree) - STEADY - names - own | UNSTEADY
    known = {id(name) for node in tree.find_all(nodes.Expr) if (name := _known(node, held | PARTS)) is not None}
    for node in tree.find_all((nodes.Name, nodes.Getattr, nodes.Getitem, nodes.Filter)):
        if isinstance(node, nodes.Name):
            if node.ctx == "load" and node.name in free and id(node) not in known:
                yield node.name
        elif (part := _part(node)) in UNSTEADY and id(node.find(nodes.Name)) not in known:
            yield str(part)


def _known(node: nodes.Expr, held: frozenset[str]) -> nodes.Name | None:
    """The name in ``var('x')``, ``target.x`` and the like, if what it stands for there is known."""
    if not isinstance(node, nodes.Call):
        name = getattr(node, "node", None)
        is_known = isinstance(name, nodes.Name) and f"{name.name} {_part(node)}" in held - {"adapter dispatch"}
        return name if is_known else None
    called, first = node.node, node.args[0] if node.args else None
    literal = first.value if isinstance(first, nodes.Const) else None
    if isinstance(called, nodes.Name):
        return called if called.name == "config" or f"{called.name} {literal}" in held else None
    # Which macro is called has to be seen in the code.
    name = called.node if isinstance(called, nodes.Getattr) and called.attr == "dispatch" else None
    return name if isinstance(name, nodes.Name) and name.name == "adapter" and isinstance(literal, str) else None


def _part(node: nodes.Node) -> object:
    """What is taken of something: an attribute, an item, or what a filter makes of it."""
    if isinstance(node, nodes.Getitem):
        return node.arg.value if isinstance(node.arg, nodes.Const) else None
    return node.attr if isinstance(node, nodes.Getattr) else getattr(node, "name", None)
