// A training on the viewer's device, by as many threads as are wanted: each computes the gradient of its share of a
// batch, the page sums these, and each moves its own weights by the sum, so that all hold the same. A device's cores
// differ in speed (a phone's by four times, a busy one's too), and the slowest would hold all others up: who was slow
// gets less, and who would only be waited for is let go.
//
//   const training = await Training.open({ file, kernels, threads: 2 });
//   await training.begin({ seed: 0, pictures, labels, fitted });
//   for await (const { step, loss, errors, t } of training.steps({ seconds: 60 })) {
//     if (it is time) network.replace(await training.averages());       // of graph.js, which draws with them
//     if (enough) break;                                                // `steps` again goes on from there
//   }
//   training.close();
//
// It takes: file, of explorer/device/training_export.py, an ArrayBuffer; kernels, from `compile` in graph.js; threads,
// 1 to mostThreads(); and startWorker, which starts a worker with training_worker.js: a page without a server gives its
// own. begin takes a seed (the same seed and pictures give the same weights; with several threads, whose shares depend
// on their speed, but for a sum's rounding), pictures (Uint8Array of greys or Float32Array from -1 to 1, 784 each),
// labels (one a picture) and fitted (an ArrayBuffer: what the server fitted to these pictures, `fitted` in
// explorer/device/training_export.py); or, with `state`, where another training with this file and these pictures was.
//
// It yields, of each step: step, imagesSeen, seconds (of training so far), loss, t and errors (one a picture of the
// batch), rate, progress (0 to 1). It throws Diverged where the loss is no longer a number (the averaged weights are
// then those from before), and DeviceError where a thread broke off, with `trouble`: "memory", "unable" or "died".

import { DeviceError } from "./graph.js";
import { fittedOf, paceOf, parseTraining } from "./training_step.js";

const LONGEST_STEP_SECONDS = 10; // what takes longer has slept
const NEWEST = 0.1; // how much the last step counts, at least, for what is known of a thread's speed
const KNOWN_AFTER = 10; // steps, before which no thread is let go

// The loss is no longer a number. The sentence for it is the core's: "the loss became {0} at step {1}: ...".
export class Diverged extends Error {
  constructor(loss, step) {
    super(`the loss became ${loss} at step ${step}`);
    this.loss = loss;
    this.step = step;
  }
}

/** How many threads a training may have here: one of the device's cores is left for the page. */
export function mostThreads(cores = globalThis.navigator?.hardwareConcurrency ?? 2) {
  return Math.max(1, cores - 1);
}

function startWorker() {
  return new Worker(new URL("./training_worker.js", import.meta.url), { type: "module" });
}

// One thread, asked by messages.
class Thread {
  #worker;
  #asked = new Map(); // by the question's number: what its promise is settled with
  #next = 0;

  constructor(worker) {
    this.#worker = worker;
    worker.onmessage = ({ data }) => {
      const asked = this.#asked.get(data.id);
      this.#asked.delete(data.id);
      if (data.trouble) asked?.reject(broken(data.trouble, data.why));
      else asked?.resolve(data);
    };
    worker.onerror = (event) => {
      event.preventDefault?.();
      this.#giveUp(broken("died", event.message));
    };
  }

  ask(message) {
    const id = this.#next++;
    const answer = new Promise((resolve, reject) => this.#asked.set(id, { resolve, reject }));
    answer.catch(() => {}); // whoever has left does not hear of it
    this.#worker.postMessage({ id, ...message });
    return answer;
  }

  #giveUp(error) {
    for (const { reject } of this.#asked.values()) reject(error);
    this.#asked.clear();
  }

  close() {
    this.#worker.terminate();
    this.#giveUp(broken("closed", "the training was closed"));
  }
}

function broken(trouble, why) {
  return Object.assign(new DeviceError(`a thread of the training broke off: ${why}`), { trouble });
}

export class Training {
  #threads;
  #paces; // seconds that as many pictures as the gradient graph takes cost each thread
  #shares;
  #measured = 0; // batches
  #parts = null; // the gradients of the next step, as a promise

  constructor(head, threads) {
    this.head = head;
    this.#threads = threads;
    this.#paces = threads.map(() => 1);
    this.#shares = sharesOf(head, this.#paces);
    this.step = 0;
    this.seconds = 0;
  }

  static async open({ file, kernels, threads, startWorker: start = startWorker }) {
    const { head } = parseTraining(file);
    const training = new Training(
      head,
      Array.from({ length: threads }, () => new Thread(start())),
    );
    try {
      await training.#all(() => ({ open: { file, compiled: kernels } }));
    } catch (error) {
      training.close();
      throw error;
    }
    return training;
  }

  /** fitted: an ArrayBuffer of the numbers that the server fitted to these pictures; none where there are none. */
  async begin({ seed, pictures, labels, fitted = new ArrayBuffer(0), state = null }) {
    if (labels.length === 0) throw new RangeError("training needs at least one image");
    const data = { seed, pictures, labels, state };
    this.#parts = null;
    this.step = state?.step ?? 0;
    this.seconds = state?.seconds ?? 0;
    await this.#all(() => ({ begin: { ...data, fitted: fittedOf(this.head, fitted) } }));
  }

  // Asks each thread, given its number; returns their answers.
  #all(question) {
    return Promise.all(this.#threads.map((thread, k) => thread.ask(question(k))));
  }

  // The next batch's shares, by how long the threads took for theirs so far; not for the first ones, as they compile.
  #shareAnew(parts) {
    const { pictures } = this.head;
    const newest = Math.max(NEWEST, 1 / this.#measured);
    this.#measured += 1;
    if (newest === Infinity) return;
    this.#paces = parts.map(({ seconds }, k) => {
      const [first, end] = this.#shares[k];
      if (first === end) return this.#paces[k];
      const now = (seconds * pictures) / (end - first);
      return this.#paces[k] + newest * (now - this.#paces[k]);
    });
    this.#shares = sharesOf(this.head, this.#paces);
    if (this.#measured >= KNOWN_AFTER) this.#letGo();
  }

  // Whoever has no share.
  #letGo() {
    const has = this.#shares.map(([first, end]) => first < end);
    this.#threads.filter((_, k) => !has[k]).forEach((thread) => thread.close());
    this.#threads = this.#threads.filter((_, k) => has[k]);
    this.#paces = this.#paces.filter((_, k) => has[k]);
    this.#shares = this.#shares.filter((_, k) => has[k]);
  }

  /** Until the training has used `seconds` or has had `steps`, counted from its very beginning. */
  async *steps({ seconds = null, steps = null }) {
    const progressNow = () => Math.min(1, seconds === null ? this.step / steps : this.seconds / seconds);
    while (this.step === 0 || progressNow() < 1) {
      const { head, step } = this;
      this.#parts ??= this.#all((k) => ({ share: this.#shares[k] }));
      const parts = await this.#parts;
      this.#parts = null;
      const [errors, t] = ["errors", "t"].map((name) => parts.flatMap((part) => [...part[name]]));
      const loss = errors.reduce((sum, error) => sum + error, 0) / errors.length;
      if (!Number.isFinite(loss)) throw new Diverged(loss, step + 1);
      const pace = paceOf(head, step, progressNow());
      const sum = summed(parts.map(({ gradient }) => gradient).filter(Boolean));
      this.#shareAnew(parts);
      const moving = this.#all(() => ({ sum, ...pace }));
      // at once the next step's, so that no thread waits for the page; the last step's stay for who goes on
      const further = this.#all((k) => ({ share: this.#shares[k] }));
      further.catch(() => {});
      const moved = await moving;
      if (moved.some((answer) => !answer.moved)) throw new Diverged(loss, step + 1);
      this.#parts = further;
      this.step += 1;
      this.seconds += Math.min(LONGEST_STEP_SECONDS, longest(parts) + longest(moved));
      yield {
        ...{ step: this.step, imagesSeen: this.step * head.batch, seconds: this.seconds },
        ...{ loss, t, errors, rate: pace.rate, progress: progressNow() },
      };
    }
  }

  /** The averaged weights, which are the ones that draw: Float32Arrays by name. */
  async averages() {
    return (await this.#threads[0].ask({ tell: "averages" })).told;
  }

  /** What `begin` may go on with, with the same pictures. */
  async state() {
    const { step, seconds } = this;
    return { ...(await this.#threads[0].ask({ tell: "state" })).told, step, seconds };
  }

  close() {
    for (const thread of this.#threads) thread.close();
  }
}

// Which pictures of a batch each thread has, [first, end]: whole parts as the gradient graph takes them, each of them
// the thread's that will be done with it first.
function sharesOf({ batch, pictures }, paces) {
  const counts = paces.map(() => 0);
  for (let part = 0; part * pictures < batch; part++) {
    const ends = paces.map((pace, k) => pace * (counts[k] + 1));
    counts[ends.indexOf(Math.min(...ends))] += 1;
  }
  let end = 0;
  return counts.map((count) => [end, (end = Math.min(batch, end + count * pictures))]);
}

const longest = (answers) => Math.max(...answers.map(({ seconds }) => seconds));

// The sum of all, in the first.
function summed([sum, ...others]) {
  for (const other of others) for (let i = 0; i < sum.length; i++) sum[i] += other[i];
  return sum;
}
