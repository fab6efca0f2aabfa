"""Solutions over HTTP: the Open Inference Protocol (v2) and TensorFlow Serving's predict API, by ONNX Runtime."""
