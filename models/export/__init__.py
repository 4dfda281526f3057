"""Everything that leaves the house: tables, JSON, weights, ONNX, a script, reports. No torch, no charts."""
