"""One file per use case: load, ask the domain, save."""
