"""Twins: servers on loopback that answer as Launchpad and Gerrit do, with faults and counters of their own."""
