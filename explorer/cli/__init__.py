"""The command line: python -m explorer, see main.py."""
