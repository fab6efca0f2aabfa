// Runs a TensorFlow.js model on batches, and then again on the last.
//   in:  {"folder", "backend": "wasm" | "cpu", "batches": [{name: base64 of float32}], "repeats"}
//   out: {"outputs": [{name: base64 of float32}], "seconds": of each repeat}
"use strict";
const fs = require("node:fs");
const path = require("node:path");
const tf = require("@tensorflow/tfjs-core");
const { loadGraphModelSync } = require("@tensorflow/tfjs-converter");
require("@tensorflow/tfjs-backend-cpu");
const wasm = require("@tensorflow/tfjs-backend-wasm");

const packed = (array) => Buffer.from(array.buffer, array.byteOffset, array.byteLength).toString("base64");

// A copy: the bytes of a Buffer need not begin where four bytes are a number.
const unpacked = (text) => new Float32Array(new Uint8Array(Buffer.from(text, "base64")).buffer);

function load(folder) {
  const model = JSON.parse(fs.readFileSync(path.join(folder, "model.json"), "utf8"));
  const [group] = model.weightsManifest;
  const bytes = Buffer.concat(group.paths.map((each) => fs.readFileSync(path.join(folder, each))));
  return loadGraphModelSync({
    load: () => ({ ...model, weightSpecs: group.weights, weightData: new Uint8Array(bytes).buffer }),
  });
}

async function main() {
  const { folder, backend, batches, repeats } = JSON.parse(fs.readFileSync(0, "utf8"));
  wasm.setWasmPaths(path.join(path.dirname(require.resolve("@tensorflow/tfjs-backend-wasm")), path.sep));
  wasm.setThreadsCount(1);
  if (!(await tf.setBackend(backend))) throw new Error(`TensorFlow.js could not start its backend ${backend}`);
  const model = load(folder);
  const given = batches.map((batch) =>
    Object.fromEntries(Object.entries(batch).map(([name, text]) => [name, tf.tensor1d(unpacked(text))])));
  const names = Object.keys(model.modelSignature.outputs);
  const run = (batch) =>
    tf.tidy(() => [model.execute(batch, names)].flat().map((tensor) => tensor.dataSync().slice()));

  const found = given.map(run);
  const seconds = [];
  for (let number = 0; number < repeats; number++) {
    const begun = performance.now();
    run(given.at(-1));
    seconds.push((performance.now() - begun) / 1000);
  }
  const outputs = found.map((each) => Object.fromEntries(names.map((name, number) => [name, packed(each[number])])));
  process.stdout.write(JSON.stringify({ outputs, seconds }));
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
