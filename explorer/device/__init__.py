"""The core on the viewer's own device: exported by torch, lowered to a few operations, run by C in WebAssembly.

    core's network --trace.py--> torch's operations --walk.py, ...rules.py--> the device's operations (operations.py)
      --plan.py--> places in one memory --packing.py--> one file, which explorer/widgets/device/graph.js runs

In Python: `export(model)` makes the file (bytes) of a `Model` of any config, `name_of(file)` a name for it that
changes with its content, under which a browser may keep it for good. `sampler_table(schedule,
visited, ...)` makes the coefficients of a film's steps (plain JSON). Nothing here knows a formula, and neither does the
JavaScript: all comes from the core.

In the browser, beside the widgets' modules (`./device/graph.js` from there; the .wasm files lie next to it):

    const kernels = await compile((name) => fetch(new URL(name, import.meta.url)).then((got) => got.arrayBuffer()));
    const network = await load(bytes, kernels);                    // throws DeviceError with one sentence
    const epsHat = network.run({ x_t, t, label });                 // Float32Array of n * 784; t, label: n numbers each

    for (const { t, tPrev, x_t, epsHat, x0Hat, xPrev } of filmSteps(network, table, { seeds, labels, x_0, fork })) ...

(film_steps.js) is a film: the same seeds give the pictures that the core gives, as randn.js draws torch's own noise.

A training is two such graphs (training_trace.py) in one file (training_export.py): the gradient of a part of a batch,
and what the gradient of the whole batch does to the weights, the optimizers' states and the averaged weights.
`export_training(config, schedule, settings)` makes it, `fitted(config, schedule, x_0, label)` what is fitted to the
pictures before the first step. training.js carries it out in as many workers as the device has cores to spare; its
first comment says how. What the core draws, and how it fills new weights, is noted down at the export as a list of
questions to torch's generator, which randn.js answers as torch does.

The perfect guesser (core/perfect_guess.py) is such a file too, `export_guesser`, but what it knows is put into its
memory by whoever runs it: the digits as the bytes that they are. `export_function` makes a file of any pure function of
tensors, as what a page without a server does to drawings, and fits to them: `network.compute(given, lengths)`.

`run` takes any number of pictures and its memory is always the same. It computes at once, some 10 ms a picture, so it
belongs into a worker. The kernels' C stands in kernels/, and `python -m explorer.device.build` compiles it.
"""
