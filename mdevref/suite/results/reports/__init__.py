"""Reports for other programs, one module a format, each made from results and nothing else."""
