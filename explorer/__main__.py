"""`python -m explorer`: see explorer/cli."""

import argparse
import sys

from explorer.cli.main import main


def offline(args: argparse.Namespace) -> None:
    """`offline`: a command of the page's, of which the others know nothing."""
    from explorer.page.offline.command import write_file

    write_file(args.out)


if __name__ == "__main__":
    sys.exit(main(others={"offline": offline}))
