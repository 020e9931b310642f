"""The device interface in a scenario: containers, groups and devices held open, and the requests made of them."""
