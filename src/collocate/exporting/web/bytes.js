"use strict";
// A page from the disk may load scripts and nothing else: each calls `deliver` with what it holds, bytes as base64.

const delivered = new Map();
const scripts = new Map();

function deliver(key, value) {
  delivered.set(key, value);
}

// Runs the script at a path beside the page, once.
function loaded(path) {
  if (!scripts.has(path)) {
    scripts.set(path, new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = path;
      script.onload = () => resolve();
      script.onerror = () => reject(new Error(`${path} is missing: the folder is not whole`));
      document.head.append(script);
    }));
  }
  return scripts.get(path);
}

async function contentOf(path, key) {
  await loaded(path);
  return delivered.get(key);
}

function decoded(base64) {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let place = 0; place < text.length; place++) bytes[place] = text.charCodeAt(place);
  return bytes;
}

async function unzipped(base64) {
  const stream = new Blob([decoded(base64)]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).arrayBuffer();
}

function addressOf(content, type) {
  return URL.createObjectURL(new Blob([content], { type }));
}
