"""A command of the service, run as the process beside it is: ``python -m bench.child`` says at its end what it took.

Its last line is the seconds of the processor and the megabytes it held at its highest. It loads the command alone.
"""

from __future__ import annotations

import time
from pathlib import Path

from flask.cli import cli


def main() -> None:
    """Run the command whose words stand after this program's name."""
    try:
        cli()
    finally:
        # Not ru_maxrss: that counts what a process was before it became this program.
        highest = int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]) / 1024
        print(f"{time.process_time():.2f} {highest:.1f}")


if __name__ == "__main__":
    main()
