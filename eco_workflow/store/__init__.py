"""Tables, transactions and set-based SQL; the same code on SQLite and PostgreSQL."""
