// Runs an ONNX model by onnxruntime-node on one batch.
//   in:  {"model", "inputs": {name: base64 of float64}}
//   out: {name: base64 of float64}
"use strict";
const fs = require("node:fs");
const ort = require("onnxruntime-node");

async function main() {
  const { model, inputs } = JSON.parse(fs.readFileSync(0, "utf8"));
  const session = await ort.InferenceSession.create(model);
  const given = {};
  for (const [name, text] of Object.entries(inputs)) {
    const array = new Float64Array(new Uint8Array(Buffer.from(text, "base64")).buffer);
    given[name] = new ort.Tensor("float64", array, [array.length]);
  }
  const found = await session.run(given);
  const outputs = {};
  for (const [name, { data }] of Object.entries(found)) {
    outputs[name] = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("base64");
  }
  process.stdout.write(JSON.stringify(outputs));
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
