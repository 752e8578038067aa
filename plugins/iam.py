"""Who one is elsewhere, so that what one does there can be told apart and thanked."""

from datetime import timedelta

from mentorbot import Reply, Request, Store, UserError, command, identity
from mentorbot.text import age, listed


@command("iam [[not|free] lp:NAME|gerrit:NAME]", access="account")
def iam(request: Request, store: Store) -> Reply:
    """Tell who you are on Launchpad or in Gerrit, and how to prove it; alone it lists your names."""
    if not request.words:
        return Reply([_known(request, store)], private=True)
    what = {"not": _end, "free": _free}.get(request.words[0].lower())
    kind, name = identity.named("".join(request.words[1 if what else 0 :]))
    return Reply([(what or _begin)(kind, name, request, store)], private=True)


def _known(request: Request, store: Store) -> str:
    me, prefix = request.who.key, request.config.irc.prefix
    names = (key.partition(":") for key in store.people.same(me)[1:])
    proved = [f"{name} {identity.SOURCES.get(kind, 'here')}" for kind, _, name in names]
    said = f"I know you as {listed([f'{request.who.account} here', *proved])}."
    if waiting := store.proofs.of(me, request.now):
        left = [f"{p.name} {identity.SOURCES[p.kind]} (for {age(request.now, p.until)} more)" for p in waiting]
        said += f" Not proved yet, and without any effect until then: {listed(left)}."
    return f"{said} {prefix}iam lp:NAME or {prefix}iam gerrit:NAME adds a name, {prefix}iam not lp:NAME ends one."


def _begin(kind: str, name: str, request: Request, store: Store) -> str:
    config = request.config
    if not {"launchpad": config.launchpad.projects, "gerrit": config.gerrit.projects}[kind]:
        raise UserError(f"I read nothing {identity.SOURCES[kind]}, so I could not see the proof.")
    word = identity.claim(request, store, kind, name)
    every = age(request.now, request.now + timedelta(seconds=config.sync.every))
    if kind == "launchpad":
        where = f'anywhere in the description ("Change details") of https://launchpad.net/~{name}'
    else:
        where = (
            f"in the status of your account ({config.gerrit.url}/settings/), or in a comment on any change of"
            f" {listed(list(config.gerrit.projects), 'or')}, on a line of its own"
        )
    return (
        f"To prove that you are {name} {identity.SOURCES[kind]}, put {word} {where}. I look about every {every}, for"
        f" {identity.LASTS.days} days, and tell you when I have seen it; then you may take it away. A word I gave you"
        " for this name before counts no more."
    )


def _end(kind: str, name: str, request: Request, store: Store) -> str:
    me, called = request.who.key, f"{name} {identity.SOURCES[kind]}"
    if store.proofs.drop(me, kind, name) | store.people.part(me, kind, name, request.now):
        return f"From now on you are not {called} for me. What is recorded under that name stays under that name."
    raise UserError(f"I did not take you for {called}.")


def _free(kind: str, name: str, request: Request, store: Store) -> str:
    """For admins: a name is taken from an account that should not have it, such as one that somebody else has now."""
    if (request.who.account or "").lower() not in map(str.lower, request.config.irc.admins):
        raise UserError("Only this bot's admins take names from others; iam not lp:NAME ends one of yours.")
    called, holder = f"{name} {identity.SOURCES[kind]}", store.people.account_of(kind, name)
    if holder is None:
        raise UserError(f"{called} is proved for nobody.")
    store.people.part(holder, kind, name, request.now, how=f"freed by {request.who.key}")
    return (
        f"{called} was {holder.removeprefix('account:')} here, and is free now: whoever shows a word there has it next."
    )
