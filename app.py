"""DDPM Explorer: python app.py; python app.py --help lists the options."""

import sys

from explorer.page.options import parse_options, refuse
from explorer.serving.request_log import configure_logging

options = parse_options(
    sys.argv[1:] if __name__ == "__main__" else []
)  # before the slow imports below: a mistake is told at once

from explorer.core.checkpoint import CheckpointError
from explorer.page.build import LAUNCH, build
from explorer.serving.cluster import NoCluster
from explorer.serving.processors import use_cores

try:
    demo = build(options=options)
except (NoCluster, CheckpointError) as error:
    refuse(str(error))

if __name__ == "__main__":
    configure_logging(options.log)
    use_cores(options.threads)
    try:
        demo.launch(server_name=options.host, server_port=options.port or None, **LAUNCH)
    except OSError as error:  # a port that is taken, a host that is not here
        refuse(f"cannot listen on {options.host}, port {options.port or 'any'}: {error}")
