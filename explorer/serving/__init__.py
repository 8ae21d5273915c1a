"""Films and guesses for many viewers: the engine, what it is asked, and what it needs around it."""
