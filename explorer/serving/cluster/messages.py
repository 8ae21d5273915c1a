"""How what replicas answer travels: in messages, never through the memory that Ray's programs share on a machine."""

# Ray ends a program, page and all, that needs this memory after the cluster on its machine is gone. So whatever is sent
# stays in the messages themselves: chunks of films, and the states of trainings, which are megabytes.
IN_MESSAGES = {"RAY_max_direct_call_object_size": str(64 * 2**20)}
