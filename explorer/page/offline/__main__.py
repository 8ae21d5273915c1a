"""`python -m explorer.page.offline FILE LESSONS HIDE LOCK`: what `python -m explorer offline` calls; the last three are
names with commas between them.
"""

import sys
from pathlib import Path

from explorer.page.offline.command import write_file
from explorer.page.offline.lesson_file import Only
from explorer.validation import InvalidSetting

if __name__ == "__main__":
    file, *named = sys.argv[1:]
    lessons, hide, lock = (tuple(filter(None, names.split(","))) for names in named)
    try:
        write_file(Path(file), Only(lessons, hide, lock))
    except (OSError, InvalidSetting) as error:
        sys.exit(str(error))
