"""What can go wrong, and who is told.

    MentorbotError
    ├── ConfigError   stops at start; names the setting
    ├── PluginError   stops at start; names the plugin
    ├── SourceError   logged and tried again; people see how old the data is
    │   └── PartlyRead    all was read but single things: logged and tried again, and the data is as new as it can be
    ├── StoreError    the store cannot be opened or used; names the file
    │   └── WriteError    nothing can be written to it just now; what is only read is answered all the same
    └── UserError     said to the person who asked, word for word

Anything else is a bug of ours: the log gets the traceback under a short id, the person hears one polite line with it.
"""


class MentorbotError(Exception):
    """The root: its text is one plain sentence for a person."""


class ConfigError(MentorbotError):
    """The configuration cannot be used."""


class PluginError(MentorbotError):
    """A plugin cannot be loaded."""


class SourceError(MentorbotError):
    """Launchpad or Gerrit did not give what was asked.

    `retry_after` is in seconds, where the server named a time.
    """

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class PartlyRead(SourceError):
    """All was read to its end, but for some single things, which it names."""


class StoreError(MentorbotError):
    """The store cannot be opened or used, or cannot keep what it was given."""


class WriteError(StoreError):
    """Nothing can be written to the store: it is full or read-only, or another process holds it."""


class UserError(MentorbotError):
    """The person can mend this; the text is said to them, and where it is `private` to nobody else."""

    def __init__(self, message: str, *, private: bool = False) -> None:
        super().__init__(message)
        self.private = private
