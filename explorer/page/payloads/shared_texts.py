"""The texts that Python and JavaScript both make sentences of: what the server computes it tells itself, and what a
viewer's device computes is told there. explorer/widgets/shared_texts.js is written from here, see shared_constants.py.
"""

from __future__ import annotations

# ---- a film ----
STOPPED = "Stopped here. What has been made can still be scrubbed."
DONE_ONE = "Done: 1 network evaluation a picture, {0} s."
DONE_MANY = "Done: {0} network evaluations a picture, {1} s."

# ---- a crowd ----
CROWD_SO_FAR = "{0} of {1} noises have become digits."
CROWD_DONE = "{0} noises have become digits."
CROWD_READ = "Read by their likeness to real ones: {0}."
CROWD_OF_EACH = "the {0}s: {1}"
CROWD_STOPPED = "Stopped here."
CROWD_DRAWN = "Drawn by {0}."

# ---- a step taken apart ----
BEFORE, AFTER = "before", "after"
MOVED = "From t = {0} to {1} the picture moved to {2}, a little towards the guess x̂₀."
LAST_STEP = "The last step adds no fresh noise: its mean is the picture."
NO_FRESH_NOISE = "DDIM with eta = 0 adds no fresh noise: from here the way is fixed."
FRESH_NOISE = "Then fresh noise of size {0} is added, so that {1} is as noisy as a real digit at t = {2}."
FRESH_OF_SIZE = "fresh noise, σ = {0}"

# ---- is it a copy? ----
THE_PICTURE = "the picture"
GUESS_AT = "the guess at t = {0}"
NEAREST, DIFFERENCE = "nearest", "difference"
REAL_DIGIT = "real digit number {0}, a {1}"
A_COPY = "It is this digit, to the last pixel: a copy."
ALMOST_A_COPY = "At {0} it is nearer than real digits are to each other: almost a copy."
NO_COPY = "At {0} it is about as new as one real digit is beside the others: no copy."
USUAL = (
    "Half of all real digits lie nearer than {0} to their nearest neighbour, a tenth nearer than {1}, a tenth farther "
    "than {2}."
)
DISTANCE = "The distance is the root of the mean squared difference of the pixels."

# ---- futures ----
DECIDED = (
    "Compared with real digits, all are most like a {0}: at t = {1} the digit was decided, and only its strokes were "
    "open."
)
FORK_LATER = "Now fork at a larger t."
STILL_OPEN = "Compared with real digits, they are most like {0}: at t = {1} the digit was still open."
FORK_EARLIER = "Now fork at a smaller t."
ALL_ALIKE = "The eight all look like a {0}."
SEVERAL = "The eight look like {0} and {1}."
AVERAGE_ALIKE = (
    "Their average and the one guess x̂₀ are alike (correlation {0}): a single guess is the average of all digits that "
    "the picture may become, and that is why it is blurred."
)

# ---- a rescue ----
READ_BEFORE = "the original is most like a {0} ({1} of the {2} nearest real digits)"
READ_AFTER = "the rescued one is most like a {0} ({1} of the {2} nearest real digits)"
SURVIVED = "It survived: {0}, {1}, pixel correlation {2}."
TURNED = "It turned into another digit: {0}, {1}, pixel correlation {2}."
BET_FIRST = "Next time bet first."
BET_WON, BET_LOST = "You won your bet.", "You lost your bet."
AGREED = "Do you agree with the verdict?"

ALL = {name: text for name, text in vars().items() if name.isupper()}
