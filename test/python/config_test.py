#!/usr/bin/env python3
"""Tests configs from Python: presets on real networks, explanations, and the schema for editors."""
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest
import warnings

import jsonschema
import numpy as np

import npir
from npir._native import native

ROOT = pathlib.Path(__file__).resolve().parents[2]
NETWORKS = ROOT / "tools" / "networks"

# The least SQNR of the logits in dB that each preset keeps, about 2 dB below what it has.
FLOORS = {
    "auto": (36, 34),
    "int8": (31, 29),
    "kl": (32, 31),
    "minmax": (36, 34),
    "omse": (36, 34),
    "percentile": (31, 29),
    "percentile-aggressive": (16, 17),
    "percentile-balanced": (31, 29),
    "percentile-conservative": (34, 33),
    "recommended": (31, 28),
    "w4a8": (19, 22),
    "dynamic": (41, 43),
    "w4a8-dynamic": (19, 24),
    "w4a8-group": (18, 24),
    "w4a16": (19, 24),
    "w8a16": (41, 48),
}


def sqnr(reference, got):
    return 10 * np.log10(np.sum(reference**2) / np.sum((reference - got) ** 2))


class Networks(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        data = pathlib.Path(cls.folder.name)
        subprocess.run([sys.executable, NETWORKS / "digits_data.py", "--out", data, "--input-name", "input"], check=True)
        cls.calib = np.load(data / "calib" / "input.npy")
        cls.test = np.load(data / "test" / "input.npy")
        cls.models = [npir.from_onnx(NETWORKS / name / "model.onnx") for name in ("digits_cnn", "digits_vit")]
        # Everything that a preset can ask of activations, without channels.
        cls.statistics = [npir.calibrate(model, cls.calib) for model in cls.models]

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def quantize(self, network, config, **options):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            model = npir.quantize(self.models[network], config, statistics=self.statistics[network], **options)
        return model, [str(warning.message) for warning in caught]

    def logits(self, model):
        (outputs,) = npir.run(model, self.test).values()
        return outputs

    def test_every_preset_end_to_end(self):
        self.assertEqual(set(FLOORS), set(npir.presets()))
        for network, model in enumerate(self.models):
            reference = self.logits(model)
            for name, floors in FLOORS.items():
                with self.subTest(preset=name, network=network):
                    quantized, messages = self.quantize(network, f"preset:{name}")
                    self.assertGreater(sqnr(reference, self.logits(quantized)), floors[network])
                    # Of few samples, and nothing else.
                    for message in messages:
                        self.assertIn("batches are recommended", message)

    def test_w4a8_is_an_order(self):
        for network, model in enumerate(self.models):
            reference = self.logits(model)
            quantized, _ = self.quantize(network, "preset:w4a8", stop_at="qdq")
            weights = [tensor for tensor in npir.explain(model, "preset:w4a8") if tensor["tensor"] == "weight"]
            self.assertIn("!quant.uniform<i4<-7:7>:f32:0", str(quantized))
            self.assertTrue(all(weight["spec"] == "int4 symmetric narrow per_channel, omse" for weight in weights))
            # Rounded, even where all else is in float.
            config = npir.Config.load("preset:w4a8").to_dict()
            config["default"]["activation"] = "none"
            ordered, _ = self.quantize(network, config)
            self.assertLess(sqnr(reference, self.logits(ordered)), 40)

    def test_one_config_in_every_form(self):
        path = pathlib.Path(self.folder.name) / "config.yaml"
        path.write_text("version: 1\nbase: preset:omse\nrules: [{match: {op: linear}, weight: {bits: 6}}]\n")
        loaded = npir.Config.load(path)
        forms = [path, str(path), loaded, loaded.to_dict(), npir.Config.parse(path.read_text())]
        outputs = [self.logits(self.quantize(0, form)[0]) for form in forms]
        for output in outputs[1:]:
            np.testing.assert_array_equal(output, outputs[0])

    def test_explain(self):
        config = {
            "version": 1,
            "base": "preset:recommended",
            "rules": [{"match": {"role": "mlp_fc1"}, "weight": {"bits": 6}}],
        }
        tensors = {tensor["id"]: tensor for tensor in npir.explain(self.models[1], config)}
        softmax = [tensor for tensor in tensors.values() if "intSoft" in tensor["roles"]]
        self.assertEqual(len(softmax), 4)
        for tensor in softmax:
            self.assertEqual(tensor["op"], "softmax")
            self.assertEqual(tensor["tensor"], "activation")
            self.assertTrue(tensor["requested"])
            self.assertEqual(tensor["spec"], "int8 symmetric per_tensor, kl 4096")
        for tensor in tensors.values():
            if "mlp_fc1" not in tensor["roles"]:
                continue
            keys = {key["key"]: (key["value"], key["origin"]) for key in tensor["keys"]}
            self.assertEqual(keys["bits"], ("6", "<dict>['rules'][0]['match'] (rule)"))
            self.assertEqual(keys["observer"], ("omse", "preset:recommended:7:5 (rule)"))
            self.assertEqual(keys["signed"], ("true", "built-in default"))
        # The model stays; a config that does not fit is an error.
        self.assertEqual(self.models[1].station, "float")
        with self.assertRaisesRegex(npir.NPIRError, "skip pattern 'hed' matched nothing: no layer matches 'hed'"):
            npir.explain(self.models[1], {"version": 1, "skip": ["hed"]})
        with self.assertRaisesRegex(npir.NPIRError, "no layer matches '/xyz.*' as a glob; a regular expression is written /text/"):
            npir.explain(self.models[1], {"version": 1, "skip": ["/xyz.*"]})
        observed = npir.quantize(self.models[1], stop_at="observed")
        with self.assertRaisesRegex(ValueError, "expected no config for a model at 'observed'"):
            npir.explain(observed, config)
        with self.assertRaisesRegex(npir.NPIRError, "expected station 'prepared', got 'observed'"):
            npir.explain(observed)
        self.assertTrue(all(tensor["spec"] for tensor in npir.explain(self.models[0])))

    def test_presets(self):
        self.assertIn("transformer", npir.presets()["recommended"])
        with self.assertRaisesRegex(npir.NPIRError, "unknown preset 'omze', did you mean 'omse'?"):
            npir.quantize(self.models[0], "preset:omze", stop_at="observed")
        config = npir.Config.load("preset:kl").to_dict()
        config["default"]["weight"]["observer"] = "auto"
        self.assertEqual(npir.Config.from_dict(config).to_dict(), config)

    def test_few_batches_warn(self):
        few = npir.calibrate(self.models[0], self.calib, samples="0:8", batch=4)
        with self.assertWarnsRegex(npir.NPIRWarning, "8 samples, which count as 2 batches; .* 'omse' 20 batches"):
            npir.quantize(self.models[0], "preset:omse", statistics=few, stop_at="calibrated")


# What is wrong by itself, so that an editor can tell.
MISTAKES = """
verison: 1
---
version: 2
---
{version: 1, elephants: 2}
---
{version: 1, default: {wieght: none}}
---
{version: 1, default: {weight: off}}
---
{version: 1, default: {weight: {bist: 8}}}
---
{version: 1, default: {weight: {bits: 17}}}
---
{version: 1, default: {weight: {bits: 8.5}}}
---
{version: 1, default: {weight: {signed: maybe}}}
---
{version: 1, default: {weight: {scheme: symetric}}}
---
{version: 1, default: {activation: {granularity: per_group}}}
---
{version: 1, default: {weight: {granularity: per_row}}}
---
{version: 1, default: {activation: {granularity: per_row, dynamic: true}}}
---
{version: 1, default: {activation: {dynamic: maybe}}}
---
{version: 1, default: {weight: {granularity: per_group, group_size: 48}}}
---
{version: 1, default: {weight: {granularity: per_tensor, group_size: 64}}}
---
{version: 1, default: {activation: {group_size: 64}}}
---
{version: 1, default: {weight: {observer: entropy}}}
---
{version: 1, default: {weight: {observer: {alpha: 0.99}}}}
---
{version: 1, default: {weight: {observer: {type: kl, bins: 3000}}}}
---
{version: 1, default: {weight: {observer: {type: kl, alpha: 0.99}}}}
---
{version: 1, default: {weight: {observer: {type: minmax, sigma: 0.5}}}}
---
{version: 1, default: {weight: {observer: {type: percentile, alpha: 0.5}}}}
---
{version: 1, default: {weight: {observer: {type: percentile, two_sided: true}}}}
---
{version: 1, default: {weight: {observer: kl, scheme: affine}}}
---
{version: 1, default: {weight: {signed: false, narrow: true}}}
---
{version: 1, default: {weight: {profile: 3}}}
---
{version: 1, rules: {a: b}}
---
{version: 1, rules: [{weight: none}]}
---
{version: 1, rules: [{match: {layer: a}}]}
---
{version: 1, rules: [{match: {}, weight: none}]}
---
{version: 1, rules: [{match: {layers: a}, weight: none}]}
---
{version: 1, rules: [{match: {layer: []}, weight: none}]}
---
{version: 1, rules: [{match: {between: {from: a}}, weight: none}]}
---
{version: 1, rules: [{match: {between: {from: a, to: b, by: c}}, weight: none}]}
---
{version: 1, rules: [{match: {layer: a}, weight: none, optional: perhaps}]}
---
{version: 1, roles: [a]}
---
{version: 1, roles: {weight: a}}
---
{version: 1, roles: {a: {tensor: weight}}}
---
{version: 1, roles: {a: {layer: b, tensor: wieght}}}
---
{version: 1, skip: [{betwen: {from: a, to: b}}]}
---
{layers: {}, outputs: {}}
---
{layers: [a]}
---
{layers: {a: 4}}
---
{layers: {a: {bit_typ: {}}}}
---
{layers: {a: {bit_type: {bit: 8}}}}
---
{layers: {a: {bit_type: {bits: 0}}}}
---
{layers: {a: {quantization_method: uniform}}}
---
{layers: {a: {calibration_mode: tensor_wise}}}
---
{layers: {a: {observer_type: MinMaxObserver}}}
---
{layers: {a: {module_type: weight}}}
---
{layers: {a: {percentile_sigma: 2}}}
---
{layers: {a: {kl_bins: 100}}}
---
{layers: {a: {observer_type: KLObserver, quantization_method: Affine}}}
---
{layers: {}, enable_profiler: 3}
---
{outputs: {}, weigth: {}}
---
{weight: none}
"""


class Schema(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        schema = json.loads(native.config_schema())
        jsonschema.Draft7Validator.check_schema(schema)
        cls.validator = jsonschema.Draft7Validator(schema)

    def accepts(self, text):
        return self.validator.is_valid(json.loads(native.config_to_json(text, "c.yaml")))

    def loads(self, text):
        try:
            npir.Config.parse(text)
        except npir.NPIRError as error:
            return str(error)
        return ""

    def test_examples_of_the_page(self):
        examples = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs" / "Config.md").read_text(), re.S)
        self.assertGreater(len(examples), 10)
        for text in examples:
            error = self.loads(text)
            # That an observer and a scheme from another place do not fit is for the reader to tell.
            expected = not error or "kl" in error.lower()
            self.assertEqual(self.accepts(text), expected, text + error)

    def test_configs_of_the_repository(self):
        files = [*(ROOT / "lib" / "Config" / "Presets").glob("*.yaml"), *NETWORKS.glob("*/config.yaml")]
        self.assertEqual(len(files), len(FLOORS) + 2)
        for file in files:
            self.assertTrue(self.accepts(file.read_text()), file)

    def test_mistakes(self):
        for text in MISTAKES.split("---\n"):
            self.assertNotEqual(self.loads(text), "", text)
            self.assertFalse(self.accepts(text), text)


if __name__ == "__main__":
    unittest.main()
