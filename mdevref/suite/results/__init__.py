"""Verdicts and results: their format, ledgers, comparison, reports, and what the terminal shows."""
