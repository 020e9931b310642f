"""The hooks of behave, which looks for this file beside ``steps/``; see ``mdevref.suite.run.hooks``."""

from mdevref.suite.run.hooks import after_all, after_scenario, before_all, before_scenario

__all__ = ["after_all", "after_scenario", "before_all", "before_scenario"]
