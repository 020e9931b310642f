"""The slice of the Linux device model that mdev stands on: kobjects, attributes, links, buses, classes, uevents."""
