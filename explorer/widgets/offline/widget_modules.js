// The widgets that the page as one file mounts, by their modules. explorer/page/offline/write.py sees that none is missing.

import { mount as mountAlgorithm } from "../algorithm.js";
import { mount as mountClassroom } from "../classroom.js";
import { mount as mountDesk } from "../desk.js";
import { mount as mountFilm } from "../film.js";
import { mount as mountGuess } from "../guess.js";
import { mount as mountGuessers } from "../guessers.js";
import { mount as mountLab } from "../lab.js";
import { mount as mountLanguage } from "../language.js";
import { mount as mountLeaps } from "../leaps.js";
import { mount as mountLessonBar } from "../lesson_bar.js";
import { mount as mountMap } from "../map.js";
import { mount as mountPad } from "../pad.js";
import { mount as mountStatusLine } from "../status_line.js";
import { mount as mountTiles } from "../tiles.js";
import { mount as mountTwoWays } from "../two_ways.js";
import { mount as mountUpload } from "../upload.js";
import { mount as mountWords } from "../words.js";

/** @type {Record<string, (given: any) => ((value: any) => void) | void>} */
export const WIDGETS = {
  "algorithm.js": mountAlgorithm,
  "classroom.js": mountClassroom,
  "desk.js": mountDesk,
  "film.js": mountFilm,
  "guess.js": mountGuess,
  "guessers.js": mountGuessers,
  "lab.js": mountLab,
  "language.js": mountLanguage,
  "leaps.js": mountLeaps,
  "lesson_bar.js": mountLessonBar,
  "map.js": mountMap,
  "pad.js": mountPad,
  "status_line.js": mountStatusLine,
  "tiles.js": mountTiles,
  "two_ways.js": mountTwoWays,
  "upload.js": mountUpload,
  "words.js": mountWords,
};
