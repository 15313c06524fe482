"""A timetable at which the runner hangs, as Prefect does whose server is gone: deaf to being asked to end."""

import signal
import subprocess
import time

signal.signal(signal.SIGTERM, signal.SIG_IGN)
with subprocess.Popen(["sleep", "120"]):  # what it started for a run, in its group as Prefect does
    time.sleep(120)
