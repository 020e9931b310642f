"""Implementations under test, each behind the interface that the steps use."""
