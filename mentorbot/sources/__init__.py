"""Where the mirrors get their data: Launchpad and Gerrit, each read by a room of its own."""
