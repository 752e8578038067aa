"""Tests of plugins/help.py."""

from collections.abc import Callable

from mentorbot.config import Config, Web
from mentorbot.dispatch import Dispatch
from mentorbot.loader import Loaded
from mentorbot.models import Heard, Who
from mentorbot.store import Store
from tests.builders import NOW

Ask = Callable[..., list[str]]
ABOUT = (
    "I am mentorbot, for Harbour: I point newcomers to real, free work and pass on thanks. I read only what is"
    " public on Launchpad and in Gerrit, remember what I offered to whom and who helps whom, and name nobody in public"
    " who has not agreed (!optin)."
)


def test_help_says_what_to_say_first_and_names_every_command_but_the_admins(ask: Ask, loaded: Loaded) -> None:
    first, second = ask("!help")
    assert first == (
        "I help newcomers find something to do. Say !starter for work that fits you now, !niches for the kinds of work"
        " there are."
    )
    names = [name for name, found in loaded.commands.items() if found.access in ("anyone", "account")]
    assert second == (
        f"My commands: {', '.join(names[:-1])} and {names[-1]}; !help starter tells how one is used."
        " In private no prefix is needed."
    )
    assert "shoutout" not in names


def test_help_of_one_command_tells_its_purpose_and_how_it_is_written(ask: Ask) -> None:
    told = [
        "starter: Suggest a niche and up to three things to do in it now, each with the reason."
        " Say !starter [niche] [project] [30m|2h|day] (what is in [ ] may be left out)"
    ]
    assert [ask("!help starter"), ask("!help !STARTER please"), ask("help starter", where=None)] == [told] * 3
    assert ask("!help why") == [
        "why: Tell every signal for and against suggestion N, or LP#N, with its points. Say !why N"
    ]


def test_help_of_what_is_no_command_says_so(ask: Ask) -> None:
    assert ask("!help " + "z" * 99) == [f'I know no command "{"z" * 30}". Say !help for those I know.']


def test_about_says_what_the_bot_is_and_keeps(ask: Ask) -> None:
    assert ask("!about") == [ABOUT]


def test_about_is_true_where_all_are_named_who_did_not_refuse(config: Config, loaded: Loaded, store: Store) -> None:
    opt_out = config.shoutout.model_copy(update={"consent": "opt-out"})
    dispatch = Dispatch(config.model_copy(update={"shoutout": opt_out}), loaded, store, lambda: NOW)
    answer = dispatch.answer(Heard(Who("alice"), None, "about"))
    dispatch.close()
    assert answer is not None
    assert answer.lines == [ABOUT.replace("who has not agreed (!optin)", "who does not want it (!optout)")]


def test_about_names_the_pages_where_there_are_any(config: Config, loaded: Loaded, store: Store) -> None:
    with_pages = config.model_copy(update={"web": Web(base_url="https://harbour.example/mentors")})
    dispatch = Dispatch(with_pages, loaded, store, lambda: NOW)
    answer = dispatch.answer(Heard(Who("alice"), None, "about"))
    dispatch.close()
    assert answer is not None
    assert answer.lines == [ABOUT, "More on the web: https://harbour.example/mentors"]


def test_more_without_anything_left_says_so(ask: Ask) -> None:
    assert ask("!more") == ["That was all."]
