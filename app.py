"""DDPM Explorer: python app.py; python app.py --help lists the options."""

import sys

from explorer.serving.sigterm import end_on_sigterm

if __name__ == "__main__":
    end_on_sigterm()  # first of all: the imports below take seconds

from explorer.page.options import parse_options, refuse
from explorer.page.startup import CannotStart, check_address, for_gradio, forget_address, prepare, without_proxies
from explorer.serving.request_log import configure_logging

# before the slow imports below, so that a mistake is told at once
options = parse_options(sys.argv[1:] if __name__ == "__main__" else [])
try:
    prepare()
    if __name__ == "__main__":
        host = check_address(options.host, options.port)
        forget_address()
except CannotStart as error:
    refuse(str(error))

with without_proxies():  # Gradio makes clients for other hosts as soon as it is imported
    from explorer.page.build import LAUNCH, build
from explorer.core.checkpoint import CheckpointError
from explorer.core.devices import NoSuchDevice
from explorer.serving.cluster import NoCluster
from explorer.serving.processors import use_cores

try:
    demo = build(options=options)
except (NoCluster, NoSuchDevice, CheckpointError) as error:
    refuse(str(error))

if __name__ == "__main__":
    configure_logging(options.log)
    use_cores(options.threads)
    try:
        with without_proxies():
            demo.launch(
                server_name=for_gradio(host), server_port=options.port or None, prevent_thread_lock=True, **LAUNCH
            )
    except OSError as error:  # a port that somebody took meanwhile
        refuse(f"cannot listen on {options.host}, port {options.port or 'any'}: {error}")
    try:
        demo.block_thread()
    finally:
        demo.close(verbose=False)
