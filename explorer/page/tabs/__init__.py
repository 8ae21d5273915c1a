"""One file a tab. `build` lays it out and binds its handlers; what a handler calls is injected; no mathematics here."""
