// The training lab: a loss curve and checkpoints that grow while a network is trained on the server.

const announce = createAnnouncer(part("spoken"), 5000);
const freshRun = (run) => ({ run, points: [], checkpoints: [], secondsLeft: null, running: false });
let lab = freshRun(null);
const replaced = new Set();  // earlier runs: a last update of theirs may still be on its way when the next has begun

const seconds = (value) => `${value < 10 ? value.toFixed(1) : Math.round(value)} s`;
const points = () => lab.points.filter(Boolean);  // there are gaps if the page was not listening from the start

// The loss jumps from batch to batch; its trend is an exponential moving average (without the bias of a cold start).
function smooth(losses, decay = 0.9) {
  let sum = 0, weight = 0;
  return losses.map((loss) => {
    sum = decay * sum + (1 - decay) * loss;
    weight = decay * weight + (1 - decay);
    return sum / weight;
  });
}

// ---- the loss curve ----

const drawLoss = createChart(part("loss"), (context, w, h) => {
  const left = 46, right = w - 12, top = 10, bottom = h - 40;
  const known = points();
  const elapsed = known.length ? known.at(-1)[1] : 0;
  const end = Math.max(1, lab.secondsLeft === null ? elapsed || 60 : elapsed + lab.secondsLeft);
  const toX = (second) => left + Math.min(1, second / end) * (right - left);
  // The square root spreads the small losses, where most of the learning happens, and still reaches zero.
  const toY = (loss) => bottom - Math.sqrt(clamp(loss, 0, 1.2) / 1.2) * (bottom - top);
  const text = colour("--body-text-color"), accent = colour("--color-accent");

  context.lineWidth = 1;
  context.fillStyle = text;
  context.globalAlpha = 0.75;
  context.textAlign = "right";
  context.textBaseline = "middle";
  for (const tick of [0, 0.02, 0.1, 0.25, 0.5, 1]) {
    context.strokeStyle = colour("--border-color-primary");
    context.beginPath();
    context.moveTo(left, toY(tick));
    context.lineTo(right, toY(tick));
    context.stroke();
    context.fillText(tick, left - 8, toY(tick));
  }
  const steps = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600];
  const step = steps.find((s) => end / s <= Math.max(3, w / 90)) ?? 3600;
  context.textAlign = "center";
  for (let second = 0; second <= 1.001 * end; second += step) context.fillText(second, toX(second), bottom + 14);
  context.fillText("seconds of training", (left + right) / 2, bottom + 31);
  context.globalAlpha = 1;

  context.setLineDash([6, 5]);
  context.strokeStyle = text;
  context.lineWidth = 1.5;
  context.beginPath();
  context.moveTo(left, toY(1));
  context.lineTo(right, toY(1));
  context.stroke();
  context.setLineDash([]);
  context.textAlign = "right";
  context.fillText("always guessing zero: 1", right, toY(1) + 13);

  context.fillStyle = accent;
  context.globalAlpha = 0.4;
  for (const [, second, loss] of known) context.fillRect(toX(second) - 1, toY(loss) - 1, 2, 2);
  context.globalAlpha = 1;
  context.strokeStyle = accent;
  context.lineWidth = 3;
  context.lineJoin = "round";
  context.beginPath();
  smooth(known.map(([, , loss]) => loss)).forEach((loss, i) => context.lineTo(toX(known[i][1]), toY(loss)));
  context.stroke();
});

// ---- checkpoints ----

function buildRow(when, grey, description) {
  const row = document.createElement("div"), label = document.createElement("span"), canvas = document.createElement("canvas");
  const n = grey.length / PIXELS;
  row.setAttribute("role", "listitem");
  label.textContent = when;
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", description);
  drawGrid(canvas, grey, n, n);
  row.append(label, canvas);
  return row;
}

let latest = new Uint8Array(10 * PIXELS);  // the pictures of the large row

function drawLatest() {
  const n = latest.length / PIXELS;
  drawGrid(part("now"), latest, n, root.clientWidth < 480 ? Math.ceil(n / 2) : n);  // two rows on a phone
}
new ResizeObserver(drawLatest).observe(root);

function showCheckpoints(added) {
  const known = lab.checkpoints.filter(Boolean);
  if (!known.length) return;
  if (root.dataset.state === "resting") part("rows").replaceChildren();
  root.dataset.state = "training";
  for (const { n, seconds: when, step, data } of added) {
    part("rows").prepend(buildRow(seconds(when), bytesOf(data), `${n} pictures drawn after ${seconds(when)}, step ${step}`));
  }
  const { n, seconds: when, step, data } = known.at(-1);
  latest = bytesOf(data);
  drawLatest();
  part("now").setAttribute("aria-label", `${n} pictures drawn from the same noise after ${seconds(when)}`);
  part("now-when").textContent = `after ${seconds(when)}, step ${step.toLocaleString("en")}`;
}

function rest() {
  latest = Uint8Array.from(restingNoise(10 * PIXELS, 3), toGrey);
  drawLatest();
  part("rows").replaceChildren(...[0.4, 0.3, 0.2, 0.1].map((opacity) => {
    const row = buildRow("", latest, "Place of a checkpoint to come");
    row.style.opacity = opacity;
    return row;
  }));
  part("now").setAttribute("aria-label", "Ten tiles of noise: nothing has been drawn yet");
  part("now-when").textContent = "before training";
  part("now-loss").textContent = "how wrong the guessed noise is";
  part("left").textContent = "";
  root.dataset.state = "resting";
}

// ---- values from Python ----

function showProgress(value) {
  const percent = Math.round(100 * clamp(value.progress ?? 0, 0, 1));
  part("fill").style.width = `${percent}%`;
  part("bar").setAttribute("aria-valuenow", percent);
  const facts = [];
  if (value.running && value.seconds_left > 0) facts.push(`${seconds(value.seconds_left)} left`);
  if (value.images_seen) facts.push(`${Math.round(value.images_seen).toLocaleString("en")} images`);
  if (value.images_per_second) facts.push(`${Math.round(value.images_per_second).toLocaleString("en")} images/s`);
  part("left").textContent = facts.join(" · ");
  if (value.status) part("status").textContent = value.status;
}

function receive(value) {
  if (!value || replaced.has(value.run)) return;
  if ((value.run ?? null) !== lab.run) {
    if (lab.run) replaced.add(lab.run);
    lab = freshRun(value.run ?? null);
    rest();
  }
  lab.running = Boolean(value.running);
  lab.secondsLeft = lab.running ? value.seconds_left ?? null : lab.points.length || value.points?.length ? 0 : null;
  (value.points ?? []).forEach((point, i) => { lab.points[(value.start ?? 0) + i] = point; });
  const added = (value.samples ?? []).filter((checkpoint, i) => {
    const index = (value.samples_start ?? 0) + i, isNew = !lab.checkpoints[index];
    lab.checkpoints[index] = checkpoint;
    return isNew;
  });
  showProgress(value);
  showCheckpoints(added);
  drawLoss();

  const known = points();
  const loss = smooth(known.map((point) => point[2])).at(-1);
  if (known.length) {
    const sentence = `${loss.toFixed(3)} at step ${known.at(-1)[0].toLocaleString("en")}`;
    part("now-loss").textContent = sentence;
    part("loss").setAttribute("aria-label", `Loss curve: ${sentence}; always guessing zero would give 1`);
    announce(`${part("status").textContent} Loss ${sentence}.`);
  }
  Object.assign(root.dataset, {
    run: lab.run ?? "", points: known.length, loss: known.length ? loss.toFixed(5) : "", progress: value.progress ?? 0,
    running: lab.running, checkpoints: lab.checkpoints.filter(Boolean).length,
  });
}

rest();
drawLoss();
Object.assign(root.dataset, { run: "", points: 0, loss: "", progress: 0, running: false, checkpoints: 0 });
watch("value", () => receive(props.value));
receive(props.value);
