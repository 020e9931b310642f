"""The device interface in a scenario: containers, groups and devices that are held open, and requests to them."""
