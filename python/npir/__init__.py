"""NPIR: trained networks to exact integers on a device.

`python -m npir.import_onnx` brings an ONNX model in; the tools beside this
package do the rest. This file imports nothing, so that a message about a
missing package can be a clear one.
"""
