"""What the tests of the core share."""

from __future__ import annotations

import pytest

from explorer.data import digits


@pytest.fixture(scope="module")
def data():
    """512 real digits and their labels."""
    bundled = digits.bundled()
    return bundled.images()[:512], bundled.label_tensor()[:512]
