"""Verdicts and results: file format, ledgers, comparison, reports, and the console report."""
