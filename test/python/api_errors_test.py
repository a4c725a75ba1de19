"""What the package `npir` refuses, and how: exceptions with the tools' texts, warnings, nothing on standard error."""

import os
import pathlib
import random
import subprocess
import sys
import tempfile
import unittest
import warnings

import numpy as np
import onnx

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("NPIR_BUILD", ROOT / "build"))
sys.path.insert(0, str(BUILD / "python"))

import npir  # noqa: E402

DIGITS = ROOT / "tools" / "networks" / "digits_cnn" / "model.onnx"
TWO_INPUTS = """
func.func @main(%a: tensor<?x2xf32> {npir.name = "a"} loc("a"), %b: tensor<?x2xf32> {npir.name = "b"} loc("b"))
    -> (tensor<?x2xf32> {npir.name = "y"}) attributes {npir.station = #npir.station<float>} {
  %0 = npir.add %a, %b : (tensor<?x2xf32>, tensor<?x2xf32>) -> tensor<?x2xf32> loc("sum")
  return %0 : tensor<?x2xf32>
}
"""


class ErrorTest(unittest.TestCase):
    """Nothing may appear on standard error, whatever prints there."""

    @classmethod
    def setUpClass(cls):
        temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(temporary.cleanup)
        cls.folder = pathlib.Path(temporary.name)
        cls.model = npir.from_onnx(DIGITS)
        cls.images = np.random.RandomState(0).rand(160, 1, 8, 8).astype(np.float32)
        cls.int8 = npir.quantize(cls.model, data=cls.images)
        path = cls.folder / "two.mlir"
        path.write_text(TWO_INPUTS)
        cls.two = npir.load(path)

    def setUp(self):
        quiet = warnings.catch_warnings()
        quiet.__enter__()
        self.addCleanup(quiet.__exit__, None, None, None)
        # 40 images make few batches, which is well here.
        warnings.filterwarnings("ignore", r"calibrated with \d+ samples", npir.NPIRWarning)
        self.stderr = tempfile.TemporaryFile()
        saved = os.dup(2)
        os.dup2(self.stderr.fileno(), 2)

        def restore():
            os.dup2(saved, 2)
            os.close(saved)
            self.stderr.seek(0)
            printed = self.stderr.read()
            self.stderr.close()
            self.assertEqual(printed, b"")

        self.addCleanup(restore)

    def fails(self, expected, function, *arguments, error=npir.NPIRError, **options):
        """The call raises exactly `error` with `expected` in its text, which has the form of a diagnostic."""
        with self.assertRaises(error) as caught:
            function(*arguments, **options)
        self.assertIs(type(caught.exception), error)
        text = str(caught.exception)
        self.assertIn(expected, text)
        if error is npir.NPIRError:
            self.assertFalse(text.endswith("."), text)
            self.assertFalse(text.startswith("error:"), text)


class Arguments(ErrorTest):
    def test_models(self):
        for function in (npir.calibrate, npir.quantize):
            self.fails("expected an npir.Model, got str", function, "model.onnx", self.images, error=TypeError)
        self.fails("expected an npir.Model or npir.Program, got NoneType", npir.run, None, self.images, error=TypeError)
        self.fails("expected an npir.Model or npir.Program, got int", npir.compare, self.model, 1, self.images, error=TypeError)
        self.int8.to_npx(self.folder / "model.npx")
        program = npir.load(self.folder / "model.npx")
        for function in (npir.calibrate, npir.quantize):
            self.fails("model.npx: expected a module, got a program, which is finished", function, program, data=self.images)
        self.fails("expected the pipeline as text, got list", npir.run_pipeline, self.model, ["cse"], error=TypeError)
        for path in (None, 3, ["a"]):
            self.fails("expected str, bytes or os.PathLike object", npir.load, path, error=TypeError)
        self.fails("without null characters", npir.load, "a\0b", error=ValueError)

    def test_data(self):
        images = self.images
        for data, error, text in (
            (None, TypeError, "expected a dict of arrays, an array or a path, got NoneType"),
            ([images], TypeError, "expected a dict of arrays, an array or a path, got list"),
            ({"input": [1.0]}, TypeError, "expected a numpy array for input 'input', got list"),
            ({1: images}, TypeError, "expected names of inputs as keys, got 1"),
            ({}, npir.NPIRError, "nothing is given for input 'input', expected all of input"),
            ({"image": images}, npir.NPIRError, "the model has no input 'image', expected input"),
            ({"input": images, "b": images}, npir.NPIRError, "the model has no input 'b', expected input"),
            (images.astype(np.float64), npir.NPIRError, "data['input']: expected float32 elements, got float64 for input 'input'"),
            (images.astype(">f4"), npir.NPIRError, "data['input']: expected little-endian elements, got '>f4'"),
            (images.astype(np.float16), npir.NPIRError, "data['input']: expected float32, float64, int8, uint8, int32, int64 or bool"),
            (images.astype(object), npir.NPIRError, "elements, got '|O'"),
            (images[:, 0], npir.NPIRError, "data['input']: expected shape [?, 1, 8, 8], got [160, 8, 8] for input 'input'"),
            (images[:0], npir.NPIRError, "data['input']: expected at least one sample, got none"),
            (np.zeros((), np.float32), npir.NPIRError, "expected shape [?, 1, 8, 8], got []"),
            (images[::2], npir.NPIRError, "data['input']: expected an array that is contiguous in C order"),
            (images.transpose(0, 1, 3, 2), npir.NPIRError, "numpy.ascontiguousarray makes a copy that is"),
            ("/no/such/folder", npir.NPIRError, "cannot open '/no/such/folder': no such file or directory"),
        ):
            for function in (npir.run, npir.calibrate):
                with self.subTest(function=function, text=text):
                    self.fails(text, function, self.model, data, error=error)
            if data is not None:
                with self.subTest(function="quantize", text=text):
                    self.fails(text, npir.quantize, self.model, data=data, error=error)
            with self.subTest(function="compare", text=text):
                self.fails(text, npir.compare, self.model, self.model, data, error=error)

    def test_two_inputs(self):
        array = np.ones((3, 2), np.float32)
        self.fails("expected a dict with an array for each of the inputs a, b, got one array", npir.run, self.two, array,
                   error=ValueError)
        self.fails("nothing is given for input 'b', expected all of a, b", npir.run, self.two, {"a": array})
        self.fails("data['b']: expected 3 samples as in data['a'], got 2", npir.run, self.two, {"b": array[:2], "a": array})
        np.testing.assert_array_equal(npir.run(self.two, {"b": array, "a": array})["y"], 2 * array)

    def test_not_a_number(self):
        for value, name in ((np.nan, "nan"), (-np.inf, "inf")):
            images = self.images.copy()
            images[3, 0, 1, 2] = value
            text = f"data['input']: sample 3, element 10 is {name}; expected finite numbers"
            for function in (npir.run, npir.calibrate):
                self.fails(text, function, self.model, images)
            self.fails(text, npir.quantize, self.model, data=images)
            # Not among the samples that are used.
            npir.run(self.model, images, samples="10:")

    def test_samples(self):
        for samples, error, text in (
            ("3:1", npir.NPIRError, "expected samples=BEGIN:END with BEGIN < END, got '3:1'"),
            ("x", npir.NPIRError, "got 'x'"),
            ((0, 161), npir.NPIRError, "expected samples within 0:160 of the samples, got 0:161"),
            (slice(0, 4, 2), ValueError, "expected samples without a step"),
            (slice(-4, None), ValueError, "expected samples of at least 0, got -4"),
            ((1, 2, 3), TypeError, "expected samples as 'BEGIN:END', a slice or a pair, got (1, 2, 3)"),
            (5, TypeError, "expected samples as 'BEGIN:END', a slice or a pair, got 5"),
            ((0, 1.5), TypeError, "expected an integer for samples, got float"),
        ):
            for function in (npir.run, npir.calibrate):
                self.fails(text, function, self.model, self.images, samples=samples, error=error)

    def test_numbers(self):
        for name, least in (("batch", 1), ("threads", 0)):
            for value, error, text in (
                (-1, ValueError, f"expected {name} of at least {least}, got -1"),
                (2**31, ValueError, f"expected {name} of at least {least}, got 2147483648"),
                (True, ValueError, f"expected {name} of at least {least}, got True"),
                (1.0, TypeError, f"expected an integer for {name}, got float"),
                ("2", TypeError, f"expected an integer for {name}, got str"),
            ):
                for function in (npir.run, npir.calibrate):
                    self.fails(text, function, self.model, self.images, error=error, **{name: value})

    def test_calibration_options(self):
        for options, error, text in (
            ({"run_batch": -1}, ValueError, "expected run_batch of at least 0, got -1"),
            ({"row_sample": 0}, ValueError, "expected row_sample of at least 1, got 0"),
            ({"max_memory": "much"}, ValueError, "expected max_memory such as '512M' or '2G', got 'much'"),
            ({"max_memory": 0}, ValueError, "expected max_memory of at least 1, got 0"),
            ({"max_memory": 1.5}, TypeError, "expected a number of bytes or a str for max_memory, got float"),
            ({"max_memory": "1m"}, npir.NPIRError, "MiB, got 1.0 MiB; raise it, or record less"),
            ({"checkpoint": -1}, ValueError, "expected checkpoint of at least 0, got -1"),
            ({"checkpoint": "1"}, TypeError, "expected a number of seconds for checkpoint, got str"),
            ({"resume": True}, npir.NPIRError, "resume needs stats=FILE, got ''"),
            ({"stats": "/no/such/x.npirstats"}, npir.NPIRError, "/no/such/x.npirstats: cannot write"),
            ({"stats": 3}, TypeError, "expected str, bytes or os.PathLike object"),
        ):
            with self.subTest(text=text):
                self.fails(text, npir.calibrate, self.model, self.images, error=error, **options)

    def test_choices(self):
        self.fails("expected backend to be one of auto, xnnpack, interpreter, got 'gpu'", npir.run, self.model, self.images,
                   backend="gpu", error=ValueError)
        self.fails("expected reference_backend to be one of", npir.compare, self.model, self.model, self.images,
                   reference_backend=None, error=ValueError)
        self.fails("expected stop_at to be one of prepared, observed", npir.quantize, self.model, stop_at="float",
                   error=ValueError)
        self.fails("unknown target 'tpu', expected xnnpack", npir.quantize, self.model, data=self.images, target="tpu")
        self.fails("expected a str for target, got NoneType", npir.quantize, self.model, data=self.images, target=None,
                   error=TypeError)

    def test_taps(self):
        for taps in ("conv:0", [1]):
            self.fails("expected taps as a list of tensor ids", npir.run, self.model, self.images, taps=taps, error=TypeError)
        self.fails("got the output 'logits'", npir.run, self.model, self.images, taps=["logits"], error=ValueError)
        self.fails("cannot tap 'nothing:0': no such tensor", npir.run, self.model, self.images, taps=["nothing:0"])
        integer = npir.quantize(self.model, data=self.images, stop_at="integer")
        self.fails("cannot tap 'nothing:0': no such tensor", npir.run, integer, self.images[:1], taps=["nothing:0"],
                   backend="interpreter")


class Road(ErrorTest):
    def test_stations(self):
        prepared = npir.quantize(self.model, stop_at="prepared")
        observed = npir.quantize(self.model, stop_at="observed")
        for model, options, text in (
            (prepared, {"stop_at": "prepared"}, "expected a model before station 'prepared', got one at 'prepared'"),
            (self.int8, {}, "expected a model before station 'target', got one at 'target'"),
            (observed, {"config": {"version": 1}, "data": self.images},
             "expected no config for a model at 'observed', which has been configured"),
            (self.model, {"data": self.images, "statistics": "s"}, "expected either data or statistics, got both"),
            (self.model, {"data": self.images, "stop_at": "observed"},
             "expected neither data nor statistics to stop at 'observed'"),
            (npir.quantize(self.model, data=self.images, stop_at="qdq"), {"data": self.images},
             "expected neither data nor statistics for a model at 'qdq'"),
        ):
            self.fails(text, npir.quantize, model, error=ValueError, **options)
        self.fails("expected no config", npir.calibrate, observed, self.images, config={"version": 1}, error=ValueError)
        self.fails("expected station 'observed' or 'calibrated', got 'target' for function @main", npir.calibrate, self.int8,
                   self.images)
        self.fails("expected station 'target', got 'float'", self.model.to_npx, self.folder / "never.npx")
        self.assertFalse((self.folder / "never.npx").exists())

    def test_statistics(self):
        self.fails("expected statistics of tensor 'input:0'", npir.quantize, self.model)
        statistics = npir.calibrate(self.model, self.images)
        self.fails("calibrate this model", npir.quantize, self.two, statistics=statistics)
        self.fails("cannot merge statistics into statistics: samples", statistics.merge, statistics)
        self.fails("expected batch size 32, got 8", statistics.merge, npir.calibrate(self.model, self.images, batch=8))
        self.fails("expected npir.Statistics, got int", statistics.merge, 1, error=TypeError)
        self.fails("expected npir.Statistics or a path, got dict", npir.quantize, self.model, statistics={}, error=TypeError)
        path = self.folder / "bad.npirstats"
        self.fails(f"{path}: cannot read: no such file or directory", npir.load_statistics, path)
        path.write_text("{")
        self.fails(f"{path}:", npir.quantize, self.model, statistics=path)
        self.fails("/no/such/x.npirstats: cannot write", statistics.save, "/no/such/x.npirstats")

    def test_warnings(self):
        images = np.full((2, 1, 8, 8), 3e38, np.float32)
        images[0, 0, :4] = 1
        with self.assertWarnsRegex(npir.NPIRWarning, "non-finite") as caught:
            npir.calibrate(self.model, images)
        # It points here.
        self.assertEqual(caught.filename, __file__)
        self.fails("non-finite", npir.calibrate, self.model, images, strict=True)
        with self.assertWarns(npir.NPIRWarning), self.assertRaises(npir.NPIRError):
            # A warning and then an error: both are told.
            npir.run_pipeline(npir.quantize(self.model, stop_at="observed"),
                              f"npir-calibrate{{data={self.save(images)} stats={self.folder}/s.npirstats quiet}},npir-fold-qdq")
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            self.fails("non-finite", npir.calibrate, self.model, images, error=npir.NPIRWarning)

    def save(self, images):
        folder = self.folder / "data"
        folder.mkdir(exist_ok=True)
        np.save(folder / "input.npy", images)
        return folder

    def test_several_errors(self):
        with self.assertRaises(npir.NPIRError) as caught:
            npir.quantize(self.model, {"version": 1, "rules": [
                {"match": {"layer": "nothing.a"}, "weight": "none"}, {"match": {"layer": "nothing.b"}, "weight": "none"}]},
                self.images)
        self.assertEqual([line.split(":")[0] for line in str(caught.exception).splitlines()],
                         ["<dict>['rules'][0]['match']", "<dict>['rules'][1]['match']"])

    def test_configs(self):
        for config, error, text in (
            ({"version": 1, "default": {"weight": {"bist": 8}}}, npir.NPIRError,
             "<dict>['default']['weight']['bist']: unknown key 'bist' in a weight spec, did you mean 'bits'?"),
            ({"version": 1, "rules": [{"match": {"layer": "a"}, "weight": "none"}, {"match": {"layer": "b"}, "weight": {"bits": 32}}]},
             npir.NPIRError, "<dict>['rules'][1]['weight']['bits']: expected 'bits' to be an integer from 2 to 16, got 32"),
            ({"version": 1, "skip": ["good", "conv1"]}, npir.NPIRError,
             "<dict>['skip'][0]: skip pattern 'good' matched nothing"),
            ({}, npir.NPIRError, "<dict>: "),
            ({"version": object()}, TypeError, "<dict>['version']: expected a dict, list, str, number, bool or None, got object"),
            ({"version": 1, 2: 3}, TypeError, "<dict>: expected keys of str, got 2"),
            ({"version": float("nan")}, npir.NPIRError, "<dict>['version']: "),
            (["version"], TypeError, "expected a config as a path, dict or npir.Config, got list"),
            (3, TypeError, "expected a config as a path, dict or npir.Config, got int"),
            ("/no/such.yaml", npir.NPIRError, "/no/such.yaml: cannot read: no such file or directory"),
        ):
            with self.subTest(text=text):
                self.fails(text, npir.quantize, self.model, config, self.images, error=error)
        self.fails("<text>:2:1: unknown key 'defualt'", npir.Config.parse, "version: 1\ndefualt: 3\n")
        self.fails("expected the YAML text as str, got bytes", npir.Config.parse, b"version: 1", error=TypeError)
        self.fails("expected a dict, got int", npir.Config.from_dict, 3, error=TypeError)
        config = npir.Config.parse("version: 1\nskip: [nothing]\n", "mine.yaml")
        self.fails("mine.yaml:2:8: skip pattern 'nothing' matched nothing", npir.quantize, self.model, config, self.images)

    def test_pipelines(self):
        for pipeline, text in (
            ("nothing", "'nothing' does not refer to a registered pass or pass pipeline"),
            ("cse,(", "encountered unbalanced parentheses"),
            ("builtin.module(cse", "expected ')' at the end of pipeline 'builtin.module(cse'"),
            ("npir-prepare{x=1}", "no such option x"),
            ("npir-calibrate{batch=many}", "for the --batch option: 'many' value invalid"),
            ("npir-quantize-pipeline{stop-at=nowhere}", "Cannot find option named 'nowhere'"),
            ("npir-fold-qdq", "expected station 'qdq', got 'float' for function @main; run --npir-insert-qdq first"),
        ):
            self.fails(text, npir.run_pipeline, self.model, pipeline)
        self.assertEqual(self.model.station, "float")

    def test_backends(self):
        self.int8.to_npx(self.folder / "program.npx")
        program = npir.load(self.folder / "program.npx")
        self.fails("program.npx: a program runs on the runtime only", npir.run, program, self.images, backend="interpreter")
        self.fails("expected as many inputs as the reference model's 1, got 2", npir.compare, self.two, self.model,
                   {name: np.ones((1, 2), np.float32) for name in "ab"})
        fixed = npir.from_onnx(DIGITS, batch=4)
        self.fails("expected the inputs of both models to agree", npir.compare, fixed, self.model, self.images)
        self.fails("expected shape [4, 1, 8, 8], got [128, 1, 8, 8]", npir.run, fixed, np.zeros((128, 1, 8, 8), np.float32),
                   batch=32)


class Files(ErrorTest):
    def test_loading(self):
        path = self.folder / "x.mlirbc"
        self.fails("no.mlirbc: ", npir.load, self.folder / "no.mlirbc")
        self.fails("no.npx': no such file or directory", npir.load, self.folder / "no.npx")
        path.write_text("module {}")
        self.fails(f"{path}: expected bytecode, got something else", npir.load, path)
        text = self.folder / "x.mlir"
        text.write_text("func.func @f() {\n  nothing\n}")
        self.fails(f"{text}:2:3: ", npir.load, text)
        text.write_text("module {}")
        empty = npir.load(text)
        for attribute in ("station", "inputs", "outputs"):
            self.fails("expected a function on npir ops, got none", getattr, empty, attribute)
        previous = os.getcwd()
        os.chdir(self.folder)
        self.addCleanup(os.chdir, previous)
        # A file like any other, and not standard input and output.
        self.model.save("-")
        self.assertEqual(npir.load("-").station, "float")

    def test_saving(self):
        self.fails("/no/such/x.mlirbc: cannot write: no such file or directory", self.model.save, "/no/such/x.mlirbc")
        self.fails("/no/such/x.npx", self.int8.to_npx, "/no/such/x.npx")
        self.fails("Model.to_npx writes a program", self.int8.save, "x.npx", error=ValueError)

    def damaged(self, content, count):
        """Files with a few bits of `content` flipped, by one generator."""
        generator = random.Random(7)
        path = self.folder / "damaged.mlirbc"
        for _ in range(count):
            data = bytearray(content)
            for _ in range(4):
                data[generator.randrange(len(data))] ^= 1 << generator.randrange(8)
            path.write_bytes(data)
            yield path

    def test_damaged_files(self):
        self.model.save(self.folder / "whole.mlirbc")
        content = (self.folder / "whole.mlirbc").read_bytes()
        for path in self.damaged(content, 20):
            self.fails(f"{path}: ", npir.load, path)
        path.write_bytes(content[: len(content) // 2])
        self.fails(f"{path}: ", npir.load, path)

    def test_damaged_files_of_others(self):
        """Without our checksum: read in another process first, so that a crash of upstream's reader is an error."""
        path = self.folder / "others.mlir"
        path.write_text(TWO_INPUTS)
        subprocess.run(["/usr/lib/llvm-22/bin/mlir-opt", "--allow-unregistered-dialect", "--emit-bytecode", "-o",
                        self.folder / "others.mlirbc", "-"], input="func.func @f() { return }", text=True, check=True)
        self.assertEqual(str(npir.load(self.folder / "others.mlirbc")).count("func.func"), 1)
        self.model.save(path)
        npir.load(path).save(self.folder / "ours.mlirbc")
        content = (self.folder / "ours.mlirbc").read_bytes()
        foreign = content.replace(b"NPIR ", b"MLIR ", 1).replace(b"xxh3=", b"xxh3:", 1)
        self.assertNotEqual(foreign, content)
        path = self.folder / "foreign.mlirbc"
        path.write_bytes(foreign)
        self.assertEqual(npir.load(path).station, "float")
        for path in self.damaged(foreign[:2000] + foreign[-2000:], 12):
            self.fails(f"{path}", npir.load, path)


class ONNX(ErrorTest):
    def test_arguments(self):
        for source in (None, 3, np.zeros(3)):
            self.fails("expected a path, bytes or an onnx.ModelProto, got", npir.from_onnx, source, error=TypeError)
        for batch in ("some", 0, -1, True, None, 1.5):
            self.fails("expected batch to be 'free', 'fixed' or a number of at least 1, got", npir.from_onnx, DIGITS,
                       batch=batch, error=ValueError)
        for shapes, error, text in (
            ([], TypeError, "expected shapes as a dict by input name, got list"),
            ({"input": "1,2"}, TypeError, "expected a sequence of sizes for input 'input', got str"),
            ({"input": (1, None)}, ValueError, "expected sizes of at least 1 for input 'input', None for a free batch, got None"),
            ({"input": (0, 1)}, ValueError, "None for a free batch, got 0"),
            ({"inptu": (1, 1, 8, 8)}, npir.NPIRError, "the model has no input 'inptu'; did you mean 'input'?"),
        ):
            self.fails(text, npir.from_onnx, DIGITS, shapes=shapes, error=error)
        self.fails("only with a model in memory", npir.from_onnx, DIGITS, external_data=".", error=ValueError)

    def test_models(self):
        self.fails("/no/such.onnx: cannot read: no such file or directory", npir.from_onnx, "/no/such.onnx")
        self.fails("<bytes>: not an ONNX file: it is empty", npir.from_onnx, b"")
        self.fails("<bytes>: not an ONNX file, or a damaged one", npir.from_onnx, b"hello, world\n")
        self.fails("<ModelProto>: not an ONNX file: it holds no graph", npir.from_onnx, onnx.ModelProto())
        model = onnx.load(DIGITS)
        model.graph.node[0].op_type = "Sparkle"
        model.graph.node[-1].op_type = "Glitter"
        with self.assertRaises(npir.NPIRError) as caught:
            npir.from_onnx(model)
        lines = str(caught.exception).splitlines()
        self.assertEqual(lines[0], "<ModelProto>: cannot import the model: 2 problems")
        self.assertIn("(Sparkle): unsupported op", lines[1])
        model = onnx.load(DIGITS)
        model.graph.input[0].type.tensor_type.shape.dim[0].dim_value = 2
        self.fails("input 'input': expected the model's batch of 2, got 3; --batch=free frees it", npir.from_onnx, model, batch=3)

    def test_external_data(self):
        path = self.folder / "external.onnx"
        onnx.save(onnx.load(DIGITS), path, save_as_external_data=True, location="weights.bin", size_threshold=0)
        content = path.read_bytes()
        self.fails("external data 'weights.bin' of a model in memory: its folder is not given", npir.from_onnx, content)
        self.fails("external data 'weights.bin': cannot read", npir.from_onnx, content, external_data="/none")
        model = npir.from_onnx(content, external_data=self.folder)
        np.testing.assert_array_equal(npir.run(model, self.images)["logits"], npir.run(self.model, self.images)["logits"])


if __name__ == "__main__":
    unittest.main()
