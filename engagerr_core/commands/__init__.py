"""The commands of `engagerr`: each parses, calls one function of the package, prints, and picks the exit code."""
