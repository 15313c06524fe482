"""The rules of the creation office: pure, without I/O and without a clock."""
