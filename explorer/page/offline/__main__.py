"""`python -m explorer.page.offline FILE LESSONS HIDE LOCK`: what `python -m explorer offline` calls; the last three are
names with commas between them. With FILE alone, all of the page is written there, and nothing is told of it.
"""

import sys
from pathlib import Path

from explorer.page.offline.command import write_file
from explorer.page.offline.lesson_file import Only
from explorer.page.offline.write import one_file
from explorer.validation import InvalidSetting

if __name__ == "__main__":
    file, *named = sys.argv[1:]
    try:
        if named:
            lessons, hide, lock = (tuple(filter(None, names.split(","))) for names in named)
            write_file(Path(file), Only(lessons, hide, lock))
        else:
            Path(file).write_text(one_file(), encoding="utf-8")
    except (OSError, InvalidSetting) as error:
        sys.exit(str(error))
