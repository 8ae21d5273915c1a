"""Everything that knows Gradio: the tabs, what they show, links, languages, and the page that holds them."""
