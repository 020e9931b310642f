"""The subcommands of ``mdevref``, one module for each family.

To keep ``mdevref --help`` fast, a module imports at its top only what the command line parser needs. A subcommand
imports the rest when it runs. The modules also omit ``from __future__ import annotations``, because typer would compile
each postponed annotation at every start, which takes 5 ms in total.
"""
