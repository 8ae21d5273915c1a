"""What may go wrong with a cluster before anything is asked of it."""


class NoCluster(RuntimeError):
    """The films cannot be had from a cluster; the message is one sentence for who runs the server."""
