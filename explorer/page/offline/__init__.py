"""The page as one file, which opens by a double click and asks nobody for anything: `python -m explorer offline`.

What it shows is the page that `explorer.page.build` lays out, read from Gradio's own description of it (layout.py); its
widgets are the same modules, joined to one script (bundle.py); and what handlers in Python answer is answered on the
device by the modules in widgets/offline/, from tables that the same Python makes (facts.py). missing.py says what the
file has not, with a reason for each.
"""
