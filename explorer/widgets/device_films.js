// Films that this device computes, for the players. What they receive looks as what the server sends, see FilmValue;
// where the device cannot go on, the server takes over.

import { stepsOf } from "./device/film_steps.js";
import { doneStatus } from "./answers.js";
import { ENDINGS } from "./device_endings.js";
import { takeApart } from "./device_steps.js";
import { askDevice } from "./device_worker.js";
import { STOPPED } from "./shared_texts.js";

/** @import { DeviceJob, FilmQuestion, FilmValue, Likeness } from "./payload_types.js" */

/**
 * What a player has for films of its own: it begins them, takes their steps apart, and receives values as if they came
 * from the server.
 *
 * root: hears the event explorer:stop. receive: takes the FilmValues. handOver: asks the server for the same film.
 * likeness: tells how like real digits pictures are, (n, 784) grey levels.
 *
 * @param {HTMLElement} root
 * @param {{ receive: (value: any) => void, handOver: (wish: object) => void,
 *   likeness: (pictures: Uint8Array) => Promise<Likeness> }} player
 */
export function createDevicePlayer(root, { receive, handOver, likeness }) {
  let running = null; // { value, seconds, cancel }
  /** @type {{ run: string, job: DeviceJob, number: number } | null} */
  let made = null; // the latest film that was begun here
  let looking = null;

  function cancel() {
    running?.cancel();
    running = null;
    looking?.cancel();
  }

  /** @param {FilmValue} value with a job */
  function begin(value) {
    cancel();
    const { device: job, ...about } = value;
    const rest = { ...about, total: job.total, count: 0, start: 0, t: [], data: "", status: null };
    const own = (running = { value: rest, seconds: 0, cancel: () => {} });
    const ending = job.ending ? ENDINGS[job.ending.kind](job, likeness) : null;
    const task = askDevice("film", job, (news) => {
      if (running !== own) return;
      own.seconds = news.seconds ?? own.seconds;
      const said = { ...rest, seconds: own.seconds };
      if (news.trouble) {
        running = null;
        return handOver({ ...job.again, trouble: news.trouble });
      }
      const { start, t, pixels, places } = news;
      ending?.note(news);
      receive({ ...said, start, count: t.length, t, data: pixels, ...(places ? { places } : {}) });
      if (!news.done) return;
      running = null;
      const done = doneStatus(stepsOf(job.table).length, own.seconds, job.done);
      receive({ ...said, done: true, status: ending ? null : done });
      ending?.verdict().then(
        (status) => receive({ ...said, done: true, status: status ?? done }),
        () => receive({ ...said, done: true, status: done }), // nobody is there to compare it with real digits
      );
    });
    own.cancel = task.cancel;
    made = { run: value.run, job, number: task.number };
  }

  /**
   * What the step on screen did, and which real digit is nearest: delivered to where these are shown.
   *
   * @param {FilmQuestion} question
   * @param {(question: FilmQuestion) => void} askServer where the device cannot
   */
  function look(question, askServer) {
    looking?.cancel();
    const { job, number } = made,
      { t, picture } = question;
    looking = takeApart({ model: job.model, film: job, number, t, picture }, likeness, (trouble) =>
      askServer({ ...question, trouble }),
    );
  }

  root.addEventListener("explorer:stop", () => {
    if (!running) return;
    const { value, seconds } = running;
    cancel();
    receive({ ...value, seconds, done: true, status: STOPPED });
  });
  return { begin, cancel, look, hasMade: (run) => made !== null && made.run === run };
}
