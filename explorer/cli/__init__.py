"""The command line: python -m explorer sample | train | pretrain | evaluate | bench."""
