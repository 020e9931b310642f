"""Hooks for behave, which expects this file beside ``steps/``. ``mdevref.suite.run.hooks`` implements them."""

from mdevref.suite.run.hooks import after_all, after_scenario, before_all, before_scenario

__all__ = ["after_all", "after_scenario", "before_all", "before_scenario"]
