// What the map says.

import { say } from "./languages.js";

/** What can be drawn: its name, what there is to bet on, and what to do where nothing is there yet. */
export const viewsInWords = () => ({
  film: [
    say("This film"),
    say("Bet before you play: at which t does the path choose its cloud?"),
    say("Nothing is drawn yet: play the film above."),
  ],
  fork: [
    say("The six futures"),
    say("Bet: do the six paths end in the same cloud?"),
    say("No fork yet: pause the film above, and press Fork here."),
  ],
  leaps: [
    say("The race"),
    say("Bet: where does a single leap land?"),
    say("Nothing is drawn yet: play the race above."),
  ],
  futures: [
    say("The eight futures"),
    say("Bet: will the eight part, and where will their average lie?"),
    say("Nothing is drawn yet: let the picture above be completed eight times."),
  ],
  lab: [
    say("The checkpoints"),
    say("Bet: after how many seconds does each digit lie in its own cloud?"),
    say("Nothing is drawn yet: start a training."),
  ],
  crowd: [
    say("The whole crowd"),
    say("Bet: at which t does the crowd begin to part? Will all ten clouds be found?"),
    say("Many noises at once: gather the crowd, and see them all become digits."),
  ],
});

/** What the plane is, and how much of the digits it holds. */
export const honestWords = ({ told, variance }) =>
  say(
    "Both axes are fixed weighted sums of the pixels, chosen so that the ten digits part: the nearest of the ten " +
      "middles tells {0}% of the digits, though the plane holds only {1}% of their variance. Two numbers are few: " +
      "dots that touch need not look alike.",
    Math.round(100 * told),
    Math.round(100 * variance),
  );
