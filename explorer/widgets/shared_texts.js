// Written by explorer/page/shared_constants.py from what Python says: change it there.

export const STOPPED = "Stopped here. What has been made can still be scrubbed.";
export const DONE_ONE = "Done: 1 network evaluation a picture, {0} s.";
export const DONE_MANY = "Done: {0} network evaluations a picture, {1} s.";
export const CROWD_SO_FAR = "{0} of {1} noises have become digits.";
export const CROWD_DONE = "{0} noises have become digits.";
export const CROWD_READ = "Read by their likeness to real ones: {0}.";
export const CROWD_OF_EACH = "the {0}s: {1}";
export const CROWD_STOPPED = "Stopped here.";
export const CROWD_DRAWN = "Drawn by {0}.";
export const BEFORE = "before";
export const AFTER = "after";
export const MOVED = "From t = {0} to {1} the picture moved to {2}, a little towards the guess x̂₀.";
export const LAST_STEP = "The last step adds no fresh noise: its mean is the picture.";
export const NO_FRESH_NOISE = "DDIM with eta = 0 adds no fresh noise: from here the way is fixed.";
export const FRESH_NOISE = "Then fresh noise of size {0} is added, so that {1} is as noisy as a real digit at t = {2}.";
export const FRESH_OF_SIZE = "fresh noise, σ = {0}";
export const THE_PICTURE = "the picture";
export const GUESS_AT = "the guess at t = {0}";
export const NEAREST = "nearest";
export const DIFFERENCE = "difference";
export const REAL_DIGIT = "real digit number {0}, a {1}";
export const A_COPY = "It is this digit, to the last pixel: a copy.";
export const ALMOST_A_COPY = "At {0} it is nearer than real digits are to each other: almost a copy.";
export const NO_COPY = "At {0} it is about as new as one real digit is beside the others: no copy.";
export const USUAL =
  "Half of all real digits lie nearer than {0} to their nearest neighbour, a tenth nearer than {1}, a tenth farther than {2}.";
export const DISTANCE = "The distance is the root of the mean squared difference of the pixels.";
export const DECIDED =
  "Compared with real digits, all are most like a {0}: at t = {1} the digit was decided, and only its strokes were open.";
export const FORK_LATER = "Now fork at a larger t.";
export const STILL_OPEN = "Compared with real digits, they are most like {0}: at t = {1} the digit was still open.";
export const FORK_EARLIER = "Now fork at a smaller t.";
export const ALL_ALIKE = "The eight all look like a {0}.";
export const SEVERAL = "The eight look like {0} and {1}.";
export const AVERAGE_ALIKE =
  "Their average and the one guess x̂₀ are alike (correlation {0}): a single guess is the average of all digits that the picture may become, and that is why it is blurred.";
export const READ_BEFORE = "the original is most like a {0} ({1} of the {2} nearest real digits)";
export const READ_AFTER = "the rescued one is most like a {0} ({1} of the {2} nearest real digits)";
export const SURVIVED = "It survived: {0}, {1}, pixel correlation {2}.";
export const TURNED = "It turned into another digit: {0}, {1}, pixel correlation {2}.";
export const BET_FIRST = "Next time bet first.";
export const BET_WON = "You won your bet.";
export const BET_LOST = "You lost your bet.";
export const AGREED = "Do you agree with the verdict?";
