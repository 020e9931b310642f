"""The part of the Linux device model that mdev needs: kobjects, attributes, links, buses, classes, uevents."""
