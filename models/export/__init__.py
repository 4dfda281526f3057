"""All exports: tables, JSON, weights, ONNX, a script, reports. No torch, no charts."""
