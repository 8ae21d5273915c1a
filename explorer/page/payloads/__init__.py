"""From tensors and news to what the page shows: the value of each widget."""
