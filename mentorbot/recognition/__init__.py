"""Recognition: what deserves thanks, who agreed to be named, and the weekly shout-out."""
