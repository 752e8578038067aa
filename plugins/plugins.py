"""The plugins: which are on, and switching them on, off, or over to what their files say now."""

from mentorbot import PluginError, Reply, Request, Store, UserError, command
from mentorbot.text import listed


@command("plugins", access="admin")
def plugins(request: Request, store: Store) -> Reply:
    """List the plugins that are on, and those that are off with the reason."""
    found = request.loaded.plugins
    on = [plugin.name for plugin in found if plugin.on]
    off = [f"{plugin.name} is off: {plugin.why}." for plugin in found if not plugin.on]
    return Reply([f"On are {listed(on) or 'none'}.", *off], private=True)


@command("plugin on|off NAME", access="admin")
def plugin(request: Request, store: Store) -> Reply:
    """Switch a plugin on or off until the bot starts again; [plugins] off in the configuration does it for good."""
    word, name = request.words if len(request.words) == 2 else ("", "")
    if word.lower() not in ("on", "off"):
        prefix = request.config.irc.prefix
        raise UserError(f"Say {prefix}plugin on NAME or {prefix}plugin off NAME; {prefix}plugins lists them.")
    loaded = request.running.loaded
    try:
        if word.lower() == "on":
            loaded.turn_on(name)
        else:
            loaded.turn_off(name, f"switched off by {request.who.account}")
    except PluginError as error:
        return Reply([str(error)], private=True)
    return Reply([f"{name} is {word.lower()}{_with(name, request)}."], private=True)


@command("reload NAME", access="admin", timeout=20)
def reload(request: Request, store: Store) -> Reply:
    """Read a plugin's files again and switch it on; where that fails the old one stays."""
    if len(request.words) != 1:
        raise UserError(f"Say which plugin; {request.config.irc.prefix}plugins lists them.")
    name = request.words[0]
    try:
        request.running.loaded.reload(name)
    except PluginError as error:  # its words are those of a fault, which are not for a channel
        return Reply([f"Nothing has changed. {error}"], private=True)
    return Reply([f"{name} is on as its files are now{_with(name, request)}."], private=True)


def _with(name: str, request: Request) -> str:
    brought = [found.name for found in request.commands.values() if found.plugin == name]
    return f", with {listed(brought)}" if brought else ""
