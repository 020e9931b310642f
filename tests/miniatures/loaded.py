"""The suite with features and steps: whoever imports this has behave's registry filled with the suite's steps."""

from mdevref.suite.run.suite import Suite

SUITE = Suite()
