"""The translation interface in a scenario: memory of users, its mappings, and pages that vendor drivers pin."""
