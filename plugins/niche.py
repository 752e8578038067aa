"""The interview: a few short questions in private that lead to a niche, or what somebody did tells it."""

from itertools import islice

from mentorbot import Niche, Reply, Request, Store, UserError, command, identity, interview, refusals, suggest
from mentorbot.text import listed

HOW = "A number or a word will do, several where several are true; “I don't know” is an answer, “stop” leaves it."
LEAVE = ("stop", "later", "leave", "not now", "cancel", "bye", "end")


@command("niche [again|from lp:NAME|what you like]")
def niche(request: Request, store: Store) -> Reply:
    """Find your niche by four short questions in private; it goes on where you left it, again begins anew."""
    me, text = request.who.key, request.text.strip()
    said = store.talks.of(me, "niche")
    word = text.lower().rstrip(".!")
    if word.startswith("from "):
        return _inferred(text.partition(" ")[2], request, store)
    if word in LEAVE and said is not None:
        store.talks.leave(me)
        return _told(f"As you like. {request.config.irc.prefix}niche goes on where we were.")
    if word in ("again", "new", "restart") or said is None:
        said, begun = {}, False
        text = "" if word in ("again", "new", "restart") else text
    else:
        begun = True
    return _next(said, text, begun, request, store)


def _next(said: interview.Answers, text: str, begun: bool, request: Request, store: Store) -> Reply:
    """Take an answer, or at the beginning whatever is told, and ask what is not known yet."""
    note, asked = "", interview.left(said, request)
    if text and asked:
        told = interview.told(asked, text, request.config.projects, begun)
        said = said | told
        if not told:
            note = f'I do not understand "{text[:30]}"{"." if begun else "; let me ask."} '
        elif begun and asked[0].about not in told:
            note = "Noted. "
    asked = interview.left(said, request)
    if not asked:
        return _end(said, "", request, store)
    store.talks.keep(request.who, "niche", said, request.now)
    if begun and not text:
        note = "Where were we? "
    how = "" if begun and text and not note else f" ({HOW})"
    return _told(f"{note}{asked[0].words}{how}")


def _end(said: interview.Answers, why: str, request: Request, store: Store) -> Reply:
    """One niche, a second choice, and three things to do; what is said so far is forgotten."""
    store.talks.end(request.who.key)
    prefix = request.config.irc.prefix
    heeded = suggest.refused(request, store)
    known = heeded.order(interview.best(request.config.niches, said))
    if not known:
        raise UserError(
            f"You said no to every niche that I know, and I remember that for {refusals.REMEMBERED.days} days."
            f" {prefix}starter NAME leads you to one all the same; {prefix}niches lists them."
        )
    project, minutes = said.get("project"), said.get("minutes")
    projects = [project] if project else suggest.projects_for(request, heeded)
    first, *others = _two(known, projects, request, store)
    words = [
        first.name,
        *(second.name for second in others),
        *([project] if project else []),
        *([suggest.in_a_word(minutes)] if minutes else []),
    ]
    offer = suggest.suggest(request, store, " ".join(words))
    because = why or _because(first, said)
    lines = [
        f"Your niche: {first.title}. {because}{first.why} One takes about {first.time};"
        f" {prefix}howto {first.name} tells how to begin."
        + "".join(f" Second choice: {second.title} ({prefix}starter {second.name})." for second in others)
        + (f" {suggest.shortage(offer, request.config.niches)}" if offer and offer.short else "")
    ]
    if offer is None:
        lines.append("Nothing is free there right now; new work comes in every day. Please ask again tomorrow.")
        return Reply(lines, private=True)
    lines += [suggest.line(number, item, request.now) for number, item in enumerate(offer.items, 1)]
    lines.append(
        f"Say {prefix}claim 1 to keep the first, {prefix}why 1 for more, {prefix}another and your reason (too hard,"
        f" boring, taken) to move on; {prefix}mentor {first.name} finds you somebody to ask."
        f"{suggest.usual_wait(offer)}{suggest.as_of(request, store)}"
    )
    return Reply(lines, private=True)


def _two(known: list[Niche], projects: list[str], request: Request, store: Store) -> list[Niche]:
    """The first two niches in which something is free for this person, then the first at all, as far as there are
    any."""
    me, now = request.who.key, request.now
    full = (one for one in known if store.offers.free(me, suggest.queue(one, projects, request, store), now))
    found = list(islice(full, 2))
    return [*found, *(one for one in known if one not in found)][:2]


def _because(first: Niche, said: interview.Answers) -> str:
    if mine := first.asks_for([*(said.get("likes") or ()), *(said.get("knows") or ())]):
        return f"It asks for {mine}, and that is you. "
    return "It is a good place to begin for anybody. " if first.anybody else ""


def _inferred(name: str, request: Request, store: Store) -> Reply:
    kind, called = identity.named(name)
    if store.people.account_of(kind, called) != request.who.key:
        raise UserError(
            f"I look at what {called} did for {called} alone. Show me that this is you, with"
            f" {request.config.irc.prefix}iam {'lp' if kind == 'launchpad' else kind}:{called}, and ask again."
        )
    me = request.who.key
    done = store.histories.of(store.people.names(me, "launchpad"), store.people.names(me, "gerrit"))
    said, told = interview.inferred(done)
    if not said:
        [question] = _next({}, "", False, request, store).lines
        return _told(f"I have seen nothing that you did yet, so let me ask. {question}")
    return _end(said, f"I know of {listed(told)} of yours. ", request, store)


def _told(line: str) -> Reply:
    return Reply([line], private=True)
