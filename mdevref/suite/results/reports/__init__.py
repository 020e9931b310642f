"""Reports for other programs, one module for each format. They are made from result files only."""
