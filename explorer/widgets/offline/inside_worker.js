// What runs in a worker of the page as one file: the device's worker, with the files that it was handed.

import "./inside.js";
import "../device/worker.js";
