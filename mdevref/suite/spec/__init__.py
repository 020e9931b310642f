"""The spec: its model and reader, the derivation of features, the step catalogue, and the lints."""
