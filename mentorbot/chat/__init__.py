"""The rooms that speak IRC, from bytes to lines (wire) up to what is heard and said (bot); and the demo's server."""
