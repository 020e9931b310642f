"""The subcommands of ``mdevref``, one module for each family.

``mdevref --help`` must be quick. So a module imports at its head only what parsing the command line needs; a subcommand
imports the rest when it runs. The modules also do without ``from __future__ import annotations``: typer would compile
each postponed annotation again at every start, 5 ms in all.
"""
