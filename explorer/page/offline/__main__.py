"""`python -m explorer.page.offline FILE`: what `python -m explorer offline` calls."""

import sys
from pathlib import Path

from explorer.page.offline.command import write_file

if __name__ == "__main__":
    try:
        write_file(Path(sys.argv[1]))
    except OSError as error:
        sys.exit(str(error))
