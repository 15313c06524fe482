"""The `eco` command: parse, call a service, print, exit code. It imports late, so that help is quick."""
