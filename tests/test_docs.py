"""Tests of plugins/docs.py."""

from collections.abc import Callable

import pytest

from mentorbot.store import Store
from tests.builders import bug, change
from tests.test_starter import numbers

Ask = Callable[..., list[str]]
FEW = "There is only 1 free in documentation just now"
NONE = "There is nothing free in documentation just now"


@pytest.mark.parametrize(
    "path", ["doc/a.py", "docs/x/index.html", "api-ref/a.inc", "releasenotes/n.yaml", "README.rst", "a/b.md"]
)
def test_what_people_read_is_documentation(ask: Ask, store: Store, path: str) -> None:
    store.save([change(50, files=(path,))])
    assert ask("!starter docs")[0].startswith(FEW)


@pytest.mark.parametrize("path", ["harbour/docs.py", "harbour/doc/a.py", "rst", "a.rst.py", ""])
def test_what_is_run_is_no_documentation(ask: Ask, store: Store, path: str) -> None:
    store.save([change(50, files=(path,))])
    assert ask("!starter docs")[0].startswith(NONE)


def test_free_bugs_with_a_docs_tag_and_small_changes_of_documentation_are_offered(ask: Ask, store: Store) -> None:
    store.save(
        [
            *bug(12, tags=("docs",), status="Triaged"),
            *bug(13, tags=("documentation",), status="Triaged", assignee="bob"),
            *bug(14, tags=("rust",), status="Triaged"),
            change(50, files=("doc/a.rst", "README.md"), lines=100),
            change(51, files=("doc/a.rst",), lines=101),
        ]
    )
    assert numbers(ask("!starter docs")) == ["change 50", "LP#12"]


def test_a_change_that_touches_code_too_or_nothing_is_no_documentation(ask: Ask, store: Store) -> None:
    store.save([change(50, files=("doc/a.rst", "harbour/log.py"), owner="bob"), change(51, files=(), owner="cat")])
    assert ask("!starter docs")[0].startswith(NONE)


def test_ones_own_change_is_not_offered(ask: Ask, store: Store) -> None:
    store.save([change(50, files=("doc/a.rst",), owner="alice", verified=1)])
    assert numbers(ask("!starter docs")) == []
    assert numbers(ask("!starter docs", nick="bob")) == ["change 50"]
