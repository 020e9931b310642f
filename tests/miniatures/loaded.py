"""The suite with its features and steps: importing this module fills behave's registry with the suite's steps."""

from mdevref.suite.run.suite import Suite

SUITE = Suite()
