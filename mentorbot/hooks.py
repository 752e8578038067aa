"""Asks the plugins' hooks, one plugin after the other, so that one that is broken silences no other."""

from __future__ import annotations

import concurrent.futures
import logging
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import pluggy

from mentorbot.hookspecs import TERMS
from mentorbot.logs import wordless
from mentorbot.workers import Crowded, Workers

log = logging.getLogger(__name__)


class Hooks:
    """`hooks.evidence(since=…, …)` gives what pluggy would give, less the answers of plugins that failed.

    A plugin fails that raises, takes too long, or gives what the hook does not ask for; `failed` is told. While a call
    of a plugin hangs, its hooks are not asked. `spent` counts the seconds that each took of its time already.
    """

    def __init__(
        self,
        registry: Callable[[], pluggy.PluginManager],
        workers: Workers,
        failed: Callable[[str, str, BaseException], object],
        spent: dict[tuple[str, str], float] | None = None,
    ) -> None:
        self._registry, self._workers, self._failed, self._spent = registry, workers, failed, spent

    def for_one_call(self) -> Hooks:
        """The same for one call of a command: a hook's time is then for all that the command asks of a plugin.

        A command that asks often would else run out of its own time, and pass for the broken one.
        """
        return Hooks(self._registry, self._workers, self._failed, defaultdict(float))

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name not in TERMS:
            raise AttributeError(name)
        return partial(self._ask, name)

    def _ask(self, name: str, /, **arguments: Any) -> Any:
        hook: pluggy.HookCaller = getattr(self._registry().hook, name)
        answers = []
        for found in reversed(hook.get_hookimpls()):
            answer = self._answer(name, found, arguments)
            if answer is None:
                continue
            if hook.spec and hook.spec.opts["firstresult"]:
                return answer
            answers.append(answer)
        return None if hook.spec and hook.spec.opts["firstresult"] else answers

    def _answer(self, hook: str, found: pluggy.HookImpl, arguments: dict[str, Any]) -> list[Any] | None:
        plugin, terms = found.plugin_name, TERMS[hook]
        # Apart from the plugin's commands: one of those may be what asks.
        calls = f"{plugin}'s hooks"
        if self._workers.hung(calls):
            log.info("The hook %s of %s is not asked: an earlier call hangs.", hook, plugin)
            return None

        left = terms.seconds - (self._spent[hook, plugin] if self._spent is not None else 0)
        if left <= 0:
            log.info("The hook %s of %s is not asked: it took all its time before.", hook, plugin)
            return None

        def ask() -> list[Any] | None:
            began = time.monotonic()
            try:
                with arguments["store"].lent():
                    given: Iterable[Any] | None = found.function(  # type: ignore[assignment]
                        *[arguments[name] for name in found.argnames]
                    )
                    answer = None if given is None else list(given)
            finally:
                if self._spent is not None:
                    self._spent[hook, plugin] += time.monotonic() - began
            if answer is None:
                return None
            for one in answer:
                if not isinstance(one, terms.gives):
                    raise TypeError(f"it gave {one!r:.80}, which is no {terms.gives.__name__}")
            return answer

        asked = self._workers.submit(calls, ask, left)
        # Its time runs from when it begins; it may wait as long for others of the plugin to end.
        done, _ = concurrent.futures.wait([asked], 2 * terms.seconds)
        if asked.cancel() or asked.cancelled() or not done or isinstance(asked.exception(), Crowded):
            log.info("The hook %s of %s is not asked: the plugin is busy.", hook, plugin)
        elif error := asked.exception():
            request = arguments.get("request")
            in_private = request is not None and request.where is None
            self._failed(plugin, f"its hook {hook}", wordless(error) if in_private else error)
        else:
            return asked.result()
        return None
