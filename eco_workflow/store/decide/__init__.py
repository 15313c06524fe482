"""What one run writes, as set-based SQL over a batch of plans. Read `rounds`, `cases`, `envelopes` in order.

Every statement sees only plans whose run this process has claimed, so each does its work once.
"""
