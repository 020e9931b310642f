"""behave looks for this file beside ``steps/``; what a run does stands in ``mdevref.suite.hooks``."""

from mdevref.suite.hooks import after_all, after_scenario, before_all, before_scenario

__all__ = ["after_all", "after_scenario", "before_all", "before_scenario"]
