"""What the whole-house tests stand on: the real binary, a scripted vendor, and a search for leaks."""
