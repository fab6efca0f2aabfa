"use strict";
// The two runtimes behind one function, evaluate(engine, output, columns): values of an output at N points, and the
// seconds that it took. Each is loaded when it is first asked.

const problem = delivered.get("problem");

const once = (make) => {
  let made = null;
  return () => (made ??= make());
};

const startOnnx = once(async () => {
  await loaded("runtime/onnx.js");
  const loader = await unzipped(await contentOf("runtime/onnx-loader.js", "onnx loader"));
  ort.env.wasm.numThreads = 1; // threads need headers that neither a disk nor a plain server sends
  ort.env.wasm.wasmPaths = { mjs: addressOf(loader, "text/javascript") };
  ort.env.wasm.wasmBinary = await unzipped(await contentOf("runtime/onnx-wasm.js", "onnx wasm"));
});

const sessions = new Map();

async function sessionOf(output) {
  if (!sessions.has(output)) {
    await startOnnx();
    const model = await contentOf(`models/${problem.outputs.indexOf(output)}.js`, output);
    sessions.set(output, await ort.InferenceSession.create(decoded(model)));
  }
  return sessions.get(output);
}

async function byOnnx(output, columns) {
  const session = await sessionOf(output);
  const Numbers = problem.dtype === "float64" ? Float64Array : Float32Array;
  const feeds = {};
  for (const name of session.inputNames) {
    feeds[name] = new ort.Tensor(problem.dtype, Numbers.from(columns[name]), [columns[name].length]);
  }
  const started = performance.now();
  const found = await session.run(feeds);
  return { values: found[output].data, seconds: (performance.now() - started) / 1000 };
}

const startTensorFlow = once(async () => {
  await loaded("runtime/tfjs-core.js");
  await loaded("runtime/tfjs-converter.js");
  await loaded("runtime/tfjs-backend.js");
  const address = addressOf(await unzipped(await contentOf("runtime/tfjs-wasm.js", "tfjs wasm")), "application/wasm");
  const names = ["", "-simd", "-threaded-simd"].map((kind) => `tfjs-backend-wasm${kind}.wasm`);
  tf.wasm.setWasmPaths(Object.fromEntries(names.map((name) => [name, address])));
  if (!(await tf.setBackend("wasm"))) throw new Error("TensorFlow.js could not start WebAssembly");
  const { weightData, ...model } = await contentOf("models/tfjs.js", "tfjs model");
  return tf.loadGraphModel(tf.io.fromMemory({ ...model, weightData: decoded(weightData).buffer }));
});

async function byTensorFlow(output, columns) {
  const model = await startTensorFlow();
  const feeds = Object.fromEntries(
    problem.axes.map(({ name }) => [name, tf.tensor1d(Float32Array.from(columns[name]))]),
  );
  const started = performance.now();
  const found = model.execute(feeds, output);
  const values = await found.data();
  const seconds = (performance.now() - started) / 1000;
  tf.dispose([found, ...Object.values(feeds)]);
  return { values, seconds };
}

const engines = {
  onnx: { title: "ONNX Runtime Web", dtype: problem.dtype, run: byOnnx, outputs: problem.outputs },
  tfjs: { title: "TensorFlow.js", dtype: "float32", run: byTensorFlow, outputs: problem.float32 },
};

// Seconds a point of each output, by engine, as last measured on enough points to tell.
const speeds = { onnx: new Map(), tfjs: new Map() };
const ENOUGH = 1000;

let last = Promise.resolve(); // a runtime takes one call at a time

function evaluate(engine, output, columns) {
  const next = last.then(async () => {
    const found = await engines[engine].run(output, columns);
    if (found.values.length >= ENOUGH) speeds[engine].set(output, found.seconds / found.values.length);
    return found;
  });
  last = next.catch(() => {});
  return next;
}
